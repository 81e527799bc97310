// Where events go: into the streams, once for all or, when asked for, again.

#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/redis/reply.h"
#include "common/relay/leader.h"
#include "common/status/status_macros.h"

namespace selfology::relay {
namespace {

using events::EntryId;

constexpr absl::Duration kReplayTimeout = absl::Hours(6);

// Rather than being away, or not there yet.
bool RefusesWrites(const absl::Status& redis_failure) {
  const std::string kind = redis::ErrorKind(redis_failure);
  return !kind.empty() && kind != "LOADING";
}

}  // namespace

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
    if (reading_table_) {
      // Paused for already; one that was away needs no longer a pause.
      if (!RefusesWrites(appended.status())) failures_ = 0;
      return Surprise("Redis failed while the table was read");
    }

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
  observe::Warning("relay restarts from its last marker", {{"reason", what}});
  surprised_ = true;
  return absl::AbortedError(what);
}

absl::Status Leader::RedisFailed(const absl::Status& status) {
  if (shared_.stopping) return absl::CancelledError("stopped");
  shared_.Failed("redis", status);
  // One that answers, but takes no writes, is left alone for longer and longer.
  return Pause(!RefusesWrites(status));
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
    const absl::StatusOr<int64_t> replayed = Replay(job->filter);
    job->Finish(replayed);
    if (replayed.ok()) continue;
    if (surprised_ || shared_.stopping) return replayed.status();
    // The error is the job's own unless the connection is lost, which the next statement shows.
    observe::Warning("replay of events failed", {{"status", replayed.status()}});
    RETURN_IF_ERROR(outbox_.Now(DatabaseCall()));
  }
}

absl::StatusOr<int64_t> Leader::Replay(const ReplayFilter& filter) {
  // What a filter leaves out must already be in the streams, or what it lets through would overtake
  // it. So all there is goes first; a few may go twice.
  const Mode mode = source_ != nullptr ? Mode::kLogicalDecoding : Mode::kSnapshotDifference;
  RETURN_IF_ERROR(Tick());
  shared_.SetMode(mode);
  const Call call = shared_.CallFor(kReplayTimeout);
  int64_t replayed = 0;
  reading_table_ = true;
  const absl::Status status = outbox_.ReadMatching(
      call, marker_.published, filter, [&](std::vector<events::Envelope> rows, Lsn position) {
        replayed += static_cast<int64_t>(rows.size());
        return PublishRows(std::move(rows), position);
      });
  reading_table_ = false;
  // Of one that was broken off, too. Should this fail, the next term does it.
  const absl::Status repeated = outbox_.RepeatRedactions(DatabaseCall());
  RETURN_IF_ERROR(status);
  RETURN_IF_ERROR(repeated);
  shared_.republished.Increment(static_cast<double>(replayed));
  absl::MutexLock lock(&shared_.mutex);
  shared_.status.republished_total += replayed;
  return replayed;
}

}  // namespace selfology::relay
