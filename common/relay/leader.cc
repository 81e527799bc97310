#include "common/relay/leader.h"

#include <poll.h>

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::relay {
namespace {

using events::EntryId;

constexpr absl::Duration kRedisTimeout = absl::Seconds(5);
constexpr absl::Duration kDatabaseTimeout = absl::Seconds(30);

}  // namespace

Leader::Leader(const Options& options, redis::Client& redis, RelayShared& shared,
               OutboxReader& outbox)
    : options_(options),
      shared_(shared),
      outbox_(outbox),
      streams_(redis, options.partitions),
      opener_(shared.wake),
      poll_(options.busy_poll) {}

absl::Status Leader::Run() {
  while (!shared_.stopping) {
    RETURN_IF_ERROR(Establish());
    const absl::Status status = Work();
    if (shared_.stopping) break;
    if (!surprised_) return status;
    // Should surprises follow each other, they do so slowly.
    RETURN_IF_ERROR(Pause());
  }
  return absl::OkStatus();
}

absl::Status Leader::Establish() {
  source_.reset();
  opened_.reset();
  opened_snapshot_.reset();
  sample_.reset();
  unseen_.clear();
  visible_ = {};
  batch_.clear();
  batch_bytes_ = 0;
  confirmable_ = last_confirmed_ = 0;
  reopen_at_ = absl::InfinitePast();

  ASSIGN_OR_RETURN(lineage_, outbox_.Lineage(DatabaseCall()));
  absl::StrAppend(&lineage_, "/", options_.partitions);
  while (true) {
    if (shared_.stopping) return absl::CancelledError("stopped");
    surprised_ = false;
    const absl::StatusOr<Holding> holding = streams_.Look(RedisCall());
    if (!holding.ok()) {
      RETURN_IF_ERROR(RedisFailed(holding.status()));
      continue;
    }
    // Moves the WAL on, so the position read now is behind every one that an id was ever made of.
    ASSIGN_OR_RETURN(const int64_t term, outbox_.BeginTerm(DatabaseCall()));
    RETURN_IF_ERROR(outbox_.RepeatRedactions(DatabaseCall()));
    ASSIGN_OR_RETURN(const Instant now, outbox_.Now(DatabaseCall()));
    ASSIGN_OR_RETURN(const Progress progress, outbox_.ReadProgress(DatabaseCall()));

    marker_ = holding->marker.value_or(Marker());
    // Otherwise Redis lost something that the marker does not tell of, or the marker speaks of a
    // history that the database has not had (a term to come, a WAL position to come, another
    // timeline).
    const bool sound = holding->marker.has_value() && marker_.lineage == lineage_ &&
                       marker_.term < term && marker_.streams == holding->newest &&
                       marker_.source.position <= now.position;
    if (!sound && progress.published_total == 0 && !holding->marker.has_value()) {
      observe::Info("relay publishes the whole outbox: Redis holds no marker");
    } else if (!sound) {
      observe::Warning("streams lack events that were published; publishing them again",
                       {{"marker_found", holding->marker.has_value()},
                        {"same_database", marker_.lineage == lineage_ && marker_.term < term},
                        {"streams_as_left", marker_.streams == holding->newest}});
    }
    if (!sound) {
      marker_.published = progress.handled;
      marker_.source = {};
    }
    marker_.lineage = lineage_;
    marker_.term = term;
    marker_.streams = holding->newest;
    // Higher than every id there ever was, also those that a Redis which went back in time has
    // forgotten.
    marker_.last = std::max(marker_.last, EntryId{.position = now.position, .n = 0});
    for (const EntryId newest : holding->newest) marker_.last = std::max(marker_.last, newest);

    const absl::StatusOr<Appended> claimed = streams_.Claim(RedisCall(), marker_);
    if (!claimed.ok()) {
      RETURN_IF_ERROR(RedisFailed(claimed.status()));
      continue;
    }
    if (*claimed != Appended::kAll) continue;
    recovering_ = !sound && (progress.published_total > 0 || !saved_.lineage.empty());
    note_due_ = true;
    break;
  }
  saved_ = marker_;
  Published({});
  established_at_ = absl::Now();
  next_check_ = established_at_ + options_.check;
  poll_ = options_.busy_poll;
  return absl::OkStatus();
}

absl::Status Leader::Work() {
  while (!shared_.stopping) {
    // Never in the middle of a transaction.
    if (batch_.empty()) RETURN_IF_ERROR(RunReplays());
    RETURN_IF_ERROR(source_ == nullptr ? TickStep() : StreamStep());
  }
  return absl::OkStatus();
}

absl::Status Leader::CheckNow() {
  const absl::Time now = absl::Now();
  if (now < next_check_) return absl::OkStatus();
  next_check_ = now + options_.check;

  // Whether Redis still holds what we put there, and the database still knows us.
  const absl::StatusOr<Holding> holding = streams_.Look(RedisCall());
  if (!holding.ok()) {
    RETURN_IF_ERROR(RedisFailed(holding.status()));
    next_check_ = absl::InfinitePast();
    return absl::OkStatus();
  }
  if (holding->marker != saved_ || holding->newest != saved_.streams) {
    return Surprise("the streams have changed");
  }
  failures_ = 0;
  // An event that was redacted before it was read is never published, so nothing else would have
  // its transaction noted.
  ASSIGN_OR_RETURN(const bool redactions_wait, outbox_.RedactionsWait(DatabaseCall()));
  note_due_ = note_due_ || redactions_wait;
  ASSIGN_OR_RETURN(const Instant instant, outbox_.Now(DatabaseCall()));
  if (source_ != nullptr && !sample_.has_value() && (note_due_ || !unseen_.empty())) {
    sample_ = instant;
    note_due_ = false;
  }

  if (marker_ != saved_) RETURN_IF_ERROR(Save());
  if (source_ != nullptr) {
    if (const absl::Status alive = KeepSourceAlive(sample_.has_value()); !alive.ok()) {
      DropSource(alive);
    }
  }
  return WriteProgress();
}

absl::Status Leader::WriteProgress() {
  if (!noted_.has_value()) return absl::OkStatus();
  RETURN_IF_ERROR(outbox_.WriteProgress(DatabaseCall(), *noted_, newly_published_));
  noted_.reset();
  newly_published_ = 0;
  return absl::OkStatus();
}

void Leader::Wait(absl::Duration most, int fd) {
  if (shared_.stopping || most <= absl::ZeroDuration()) return;
  std::array<pollfd, 2> sources = {pollfd{.fd = shared_.wake.fd(), .events = POLLIN, .revents = 0},
                                   pollfd{.fd = fd, .events = POLLIN, .revents = 0}};
  const timespec timeout = absl::ToTimespec(std::min(most, absl::Minutes(1)));
  if (ppoll(sources.data(), fd < 0 ? 1 : 2, &timeout, nullptr) > 0 && sources[0].revents != 0) {
    shared_.wake.Clear();
  }
}

absl::Status Leader::Pause(bool redis_away) {
  const size_t step = std::min<size_t>(failures_++, options_.backoff.size() - 1);
  const absl::Time until = absl::Now() + options_.backoff[step];
  while (!shared_.stopping) {
    const absl::Duration left = until - absl::Now();
    if (left <= absl::ZeroDuration()) return absl::OkStatus();
    Wait(std::min(left, options_.check));
    if (redis_away && streams_.Reachable(RedisCall())) {
      failures_ = 0;
      return absl::OkStatus();
    }
    // A reader in the middle of its cursor cannot be asked.
    if (!reading_table_) RETURN_IF_ERROR(outbox_.Now(DatabaseCall()));
    if (source_ != nullptr && absl::Now() > last_status_ + kStatusInterval) {
      if (!KeepSourceAlive(false).ok()) return absl::OkStatus();  // The next read of it tells.
    }
  }
  return absl::CancelledError("stopped");
}

Call Leader::DatabaseCall() const { return shared_.CallFor(kDatabaseTimeout); }
Call Leader::RedisCall() const { return shared_.CallFor(kRedisTimeout); }

}  // namespace selfology::relay
