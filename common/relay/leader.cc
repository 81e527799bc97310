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
// A whole backlog, or a replay, under one snapshot.
constexpr absl::Duration kBacklogTimeout = absl::Hours(6);
// How long a new leader, who knows that Redis lost nothing, waits for the slot before it reads the table.
constexpr absl::Duration kSourceGrace = absl::Milliseconds(300);
// The server gives a silent relay up after wal_sender_timeout, 60 s by default.
constexpr absl::Duration kStatusInterval = absl::Seconds(5);

bool NotAllowed(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsPermissionDenied(status);
}

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
    ASSIGN_OR_RETURN(const Instant now, outbox_.Now(DatabaseCall()));
    ASSIGN_OR_RETURN(const Progress progress, outbox_.ReadProgress(DatabaseCall()));

    marker_ = holding->marker.value_or(Marker());
    // Otherwise Redis lost something that the marker does not tell of, or the marker speaks of a history
    // that the database has not had (a term to come, a WAL position to come, another timeline).
    const bool sound = holding->marker.has_value() && marker_.lineage == lineage_ &&
                       marker_.term < term && marker_.streams == holding->newest &&
                       marker_.source.position <= now.position;
    if (!sound && progress.published_total == 0 && !holding->marker.has_value()) {
      observe::Info("relay starts with the whole outbox");
    } else if (!sound) {
      observe::Warning("the streams do not hold what was published: publishing again",
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
    // Higher than every id there ever was, also those that a Redis which went back in time has forgotten.
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
  established_at_ = saved_at_ = absl::Now();
  next_check_ = established_at_ + options_.check;
  poll_ = options_.busy_poll;
  return absl::OkStatus();
}

absl::Status Leader::Work() {
  while (!shared_.stopping) {
    RETURN_IF_ERROR(RunReplays());
    RETURN_IF_ERROR(source_ == nullptr ? TickStep() : StreamStep());
  }
  return absl::OkStatus();
}

void Leader::OpenSource() {
  if (options_.preference == Preference::kSnapshot) return;
  if (std::optional<WalOpener::Result> result = opener_.Take(); result.has_value()) {
    if (result->ok()) {
      opened_ = **std::move(result);
      opened_snapshot_.reset();
    } else {
      const absl::Status& status = result->status();
      reopen_at_ = absl::Now() + (NotAllowed(status)            ? options_.logical_retry
                                  : absl::IsAborted(status)     ? absl::Milliseconds(100)
                                                                : absl::Seconds(1));
      if (!absl::IsAborted(status)) shared_.Failed("logical decoding", status);
    }
  }
  if (opened_ == nullptr && !opener_.running() && absl::Now() >= reopen_at_) {
    opener_.Start({.url = options_.database_url,
                   .slot = options_.slot,
                   .publication = options_.publication});
  }
}

absl::Status Leader::TickStep() {
  OpenSource();
  if (opened_ != nullptr) {
    const bool follows = marker_.source.position >= opened_->confirmed();
    if (!follows) {
      // What was committed before the slot's beginning has to come out of the table. A transaction may
      // have committed there and not be visible yet, so all that might have must have ended.
      if (!opened_snapshot_.has_value()) {
        ASSIGN_OR_RETURN(const Instant now, outbox_.Now(DatabaseCall()));
        opened_snapshot_ = now.snapshot;
      }
      RETURN_IF_ERROR(Tick());
      if (marker_.published.xmin() >= opened_snapshot_->xmax()) {
        marker_.source = {.position = opened_->confirmed(), .n = 0};
        RETURN_IF_ERROR(Save());
        return AdoptSource();
      }
    } else {
      return AdoptSource();
    }
  } else if (options_.preference == Preference::kLogical) {
    Wait(options_.check);
    return CheckNow();
  } else if (opener_.running() && !recovering_ && absl::Now() < established_at_ + kSourceGrace) {
    Wait(established_at_ + kSourceGrace - absl::Now());
    return absl::OkStatus();
  } else {
    RETURN_IF_ERROR(Tick());
  }
  RETURN_IF_ERROR(CheckNow());
  Wait(poll_);
  return absl::OkStatus();
}

absl::Status Leader::Tick() {
  shared_.SetMode(Mode::kSnapshotDifference);
  int64_t found = 0;
  reading_table_ = true;
  const absl::StatusOr<Instant> instant =
      outbox_.ReadNew(shared_.CallFor(kBacklogTimeout), marker_.published,
                      [&](std::vector<events::Envelope> rows, Lsn position) {
                        found += static_cast<int64_t>(rows.size());
                        return PublishRows(std::move(rows), position);
                      });
  reading_table_ = false;
  RETURN_IF_ERROR(instant);
  if (recovering_ && found > 0) {
    shared_.republished.Increment(static_cast<double>(found));
    absl::MutexLock lock(&shared_.mutex);
    shared_.status.republished_total += found;
  }
  recovering_ = false;
  marker_.published = instant->snapshot;
  if (found > 0 || note_due_) noted_ = *instant;
  note_due_ = false;
  ForgetSeen();
  if (found > 0) RETURN_IF_ERROR(Save());
  poll_ = found > 0 ? options_.busy_poll : std::min(poll_ * 2, options_.idle_poll);
  return absl::OkStatus();
}

absl::Status Leader::AdoptSource() {
  const absl::Status started = opened_->Start();
  if (!started.ok()) {
    shared_.Failed("logical decoding", started);
    opened_.reset();
    // A slot that was lost is made anew at once.
    reopen_at_ = absl::Now() + absl::Milliseconds(100);
    return absl::OkStatus();
  }
  source_ = std::move(opened_);
  last_confirmed_ = confirmable_ = source_->confirmed();
  shared_.SetMode(Mode::kLogicalDecoding);
  observe::Info("relay reads the write-ahead log", {{"slot", options_.slot}});
  return KeepSourceAlive(false);
}

void Leader::DropSource(const absl::Status& why) {
  shared_.Failed("logical decoding", why);
  source_.reset();
  sample_.reset();
  batch_.clear();
  batch_bytes_ = 0;
  marker_.source = saved_.source;
  note_due_ = true;
  established_at_ = absl::Now();
  reopen_at_ = absl::Now() + absl::Milliseconds(100);
}

absl::Status Leader::StreamStep() {
  bool more = true;
  while (more && batch_.size() < options_.batch_events && batch_bytes_ < options_.batch_bytes) {
    absl::StatusOr<std::optional<WalMessage>> message = source_->Next();
    if (!message.ok()) {
      DropSource(message.status());
      return absl::OkStatus();
    }
    more = message->has_value();
    if (more) {
      if (const absl::Status taken = Take(**std::move(message)); !taken.ok()) {
        DropSource(taken);
        return absl::OkStatus();
      }
    }
  }
  if (!batch_.empty()) RETURN_IF_ERROR(FlushStream());
  PromoteSample();
  RETURN_IF_ERROR(CheckNow());
  if (!more && source_ != nullptr) Wait(next_check_ - absl::Now(), source_->fd());
  return absl::OkStatus();
}

absl::Status Leader::Take(WalMessage message) {
  if (auto* insert = std::get_if<Insert>(&message)) {
    const EntryId place{.position = transaction_.commit, .n = ++transaction_events_};
    if (place <= marker_.source) return absl::OkStatus();
    marker_.source = place;
    if (marker_.published.Sees(insert->xid)) return absl::OkStatus();
    batch_bytes_ += insert->event.payload.size();
    batch_.push_back({.event = std::move(insert->event),
                      .committed_at = transaction_.committed_at,
                      .position = transaction_.commit,
                      .xid = insert->xid});
  } else if (auto* begin = std::get_if<Begin>(&message)) {
    transaction_ = *begin;
    transaction_events_ = 0;
  } else if (auto* commit = std::get_if<Commit>(&message)) {
    marker_.source = std::max(marker_.source, EntryId{.position = commit->end, .n = 0});
  } else if (auto* keepalive = std::get_if<Keepalive>(&message)) {
    // Inside of a transaction this is no later than its commit.
    marker_.source = std::max(marker_.source, EntryId{.position = keepalive->end, .n = 0});
    if (keepalive->reply_wanted) return KeepSourceAlive(false);
  }
  return absl::OkStatus();
}

absl::Status Leader::FlushStream() {
  RETURN_IF_ERROR(Publish(batch_));
  for (const Item& item : batch_) {
    if (unseen_.empty() || unseen_.back().xid != item.xid) {
      unseen_.push_back({.xid = item.xid, .commit = item.position, .events = 0});
    }
    ++unseen_.back().events;
  }
  {
    absl::MutexLock lock(&shared_.mutex);
    shared_.sent_unseen += static_cast<int64_t>(batch_.size());
  }
  batch_.clear();
  batch_bytes_ = 0;
  return absl::OkStatus();
}

void Leader::ForgetSeen() {
  std::erase_if(unseen_, [&](const Unseen& one) { return marker_.published.Sees(one.xid); });
  int64_t left = 0;
  for (const Unseen& one : unseen_) left += one.events;
  absl::MutexLock lock(&shared_.mutex);
  shared_.sent_unseen = left;
  shared_.marker.published = marker_.published;
}

void Leader::PromoteSample() {
  if (!sample_.has_value() || marker_.source < EntryId{.position = sample_->position, .n = 0}) {
    return;
  }
  marker_.published = sample_->snapshot;
  confirmable_ = sample_->position;
  noted_ = *std::exchange(sample_, std::nullopt);
  ForgetSeen();
  // Decoded and published, but not visible yet (a commit that still waits for a standby, say): they would
  // be in no table read now, so the slot keeps them.
  for (const Unseen& one : unseen_) confirmable_ = std::min(confirmable_, one.commit);
}

absl::Status Leader::KeepSourceAlive(bool ask) {
  // Never beyond what the marker in Redis says.
  Lsn place = unseen_.empty() && !sample_.has_value() ? saved_.source.position : confirmable_;
  place = std::min(place, saved_.source.position);
  last_confirmed_ = std::max(last_confirmed_, place);
  last_status_ = absl::Now();
  return source_->Confirm(last_confirmed_, ask);
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

absl::Status Leader::PublishRows(std::vector<events::Envelope> rows, Lsn position) {
  std::vector<Item> items;
  size_t bytes = 0;
  for (events::Envelope& row : rows) {
    const absl::Time occurred_at = row.occurred_at;
    bytes += row.payload.size();
    items.push_back({.event = std::move(row), .committed_at = occurred_at, .position = position});
    if (items.size() < options_.batch_events && bytes < options_.batch_bytes) continue;
    RETURN_IF_ERROR(Publish(items));
    items.clear();
    bytes = 0;
  }
  if (!items.empty()) RETURN_IF_ERROR(Publish(items));
  if (source_ != nullptr && absl::Now() > last_status_ + kStatusInterval) {
    RETURN_IF_ERROR(KeepSourceAlive(false));
  }
  return absl::OkStatus();
}

absl::Status Leader::Publish(absl::Span<const Item> items) {
  std::vector<Entry> entries;
  entries.reserve(items.size());
  for (const Item& item : items) {
    EntryId& last = marker_.last;
    last = item.position > last.position ? EntryId{.position = item.position, .n = 1}
                                         : EntryId{.position = last.position, .n = last.n + 1};
    const int partition = events::PartitionOf(item.event.partition_key, options_.partitions);
    marker_.streams[partition] = last;
    entries.push_back({.partition = partition, .id = last, .event = &item.event});
  }
  while (true) {
    const absl::StatusOr<Appended> appended =
        streams_.Append(RedisCall(), entries, saved_, marker_);
    if (appended.ok()) {
      if (*appended == Appended::kAll) break;
      return Surprise(*appended == Appended::kNothing ? "the marker was touched"
                                                      : "a stream is not as it was left");
    }
    if (shared_.stopping) return absl::CancelledError("stopped");
    RETURN_IF_ERROR(RedisFailed(appended.status()));
    // The rows will be read again rather than a snapshot be held for as long as Redis is away.
    if (reading_table_) return Surprise("Redis failed while the table was read");

    absl::StatusOr<Holding> holding = streams_.Look(RedisCall());
    while (!holding.ok()) {
      if (shared_.stopping) return absl::CancelledError("stopped");
      RETURN_IF_ERROR(RedisFailed(holding.status()));
      holding = streams_.Look(RedisCall());
    }
    if (holding->marker == marker_ && holding->newest == marker_.streams) break;  // It was done.
    if (holding->marker != saved_ || holding->newest != saved_.streams) {
      return Surprise("Redis came back different");
    }
  }
  failures_ = 0;
  saved_ = marker_;
  saved_at_ = absl::Now();
  newly_published_ += static_cast<int64_t>(items.size());
  Published(items);
  return absl::OkStatus();
}

void Leader::Published(absl::Span<const Item> items) {
  const absl::Time now = absl::Now();
  absl::Time last_commit = absl::InfinitePast();
  for (const Item& item : items) {
    // One observation a transaction.
    if (item.committed_at != last_commit) shared_.lag.Observe(now - item.committed_at);
    last_commit = item.committed_at;
  }
  if (!items.empty()) shared_.published.Increment(static_cast<double>(items.size()));
  absl::MutexLock lock(&shared_.mutex);
  shared_.marker = saved_;
  shared_.status.published_total += static_cast<int64_t>(items.size());
  shared_.status.last_error.clear();
  if (!items.empty()) shared_.status.last_published_at = now;
}

absl::Status Leader::Surprise(std::string_view what) {
  observe::Warning("relay starts over", {{"reason", what}});
  surprised_ = true;
  return absl::AbortedError(what);
}

absl::Status Leader::RedisFailed(const absl::Status& status) {
  if (shared_.stopping) return absl::CancelledError("stopped");
  shared_.Failed("redis", status);
  return Pause();
}

absl::Status Leader::RunReplays() {
  while (true) {
    std::shared_ptr<ReplayJob> job;
    {
      absl::MutexLock lock(&shared_.mutex);
      if (shared_.replays.empty()) return absl::OkStatus();
      job = shared_.replays.front();
      shared_.replays.pop_front();
    }
    const absl::StatusOr<int64_t> replayed = Replay(job->filter, job->dry_run);
    job->Finish(replayed);
    RETURN_IF_ERROR(replayed);
  }
}

absl::StatusOr<int64_t> Leader::Replay(const ReplayFilter& filter, bool dry_run) {
  // What a filter leaves out must already be in the streams, or what it lets through would overtake it. So
  // all there is goes first; a few may go twice.
  const Mode mode = source_ != nullptr ? Mode::kLogicalDecoding : Mode::kSnapshotDifference;
  if (!dry_run) RETURN_IF_ERROR(Tick());
  shared_.SetMode(mode);
  const Call call = shared_.CallFor(kBacklogTimeout);
  if (dry_run) {
    ASSIGN_OR_RETURN(const Instant now, outbox_.Now(DatabaseCall()));
    return outbox_.CountMatching(call, now.snapshot, filter);
  }
  int64_t replayed = 0;
  reading_table_ = true;
  const absl::Status status =
      outbox_.ReadMatching(call, marker_.published, filter,
                           [&](std::vector<events::Envelope> rows, Lsn position) {
                             replayed += static_cast<int64_t>(rows.size());
                             return PublishRows(std::move(rows), position);
                           });
  reading_table_ = false;
  RETURN_IF_ERROR(status);
  shared_.republished.Increment(static_cast<double>(replayed));
  absl::MutexLock lock(&shared_.mutex);
  shared_.status.republished_total += replayed;
  return replayed;
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

absl::Status Leader::Pause() {
  const size_t step = std::min<size_t>(failures_++, options_.backoff.size() - 1);
  const absl::Time until = absl::Now() + options_.backoff[step];
  while (!shared_.stopping) {
    const absl::Duration left = until - absl::Now();
    if (left <= absl::ZeroDuration()) return absl::OkStatus();
    Wait(std::min(left, options_.check));
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
