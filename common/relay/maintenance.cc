#include "common/relay/maintenance.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::relay {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(60);
// After one that failed: a lock that was not had, a server that was away.
constexpr absl::Duration kRetry = absl::Minutes(1);

}  // namespace

TrimPlan PlanTrim(const Marker& held, absl::Span<const GroupPosition> positions,
                  absl::Span<const std::string> known_groups) {
  std::set<std::string> groups(known_groups.begin(), known_groups.end());
  std::map<std::pair<std::string, int>, events::EntryId> delivered;
  for (const GroupPosition& position : positions) {
    groups.insert(position.group);
    delivered[{position.group, position.partition}] = position.delivered;
  }
  TrimPlan plan;
  plan.bounds.resize(held.streams.size());
  for (size_t partition = 0; partition < held.streams.size(); ++partition) {
    const events::EntryId newest = held.streams[partition];
    if (newest == events::EntryId()) continue;
    // A group that is not in this stream yet has passed nothing of it.
    events::EntryId passed = groups.empty() ? events::EntryId() : newest;
    for (const std::string& group : groups) {
      passed = std::min(passed, delivered[{group, static_cast<int>(partition)}]);
    }
    plan.bounds[partition] = passed;
    if (passed < newest) plan.all_passed = false;
  }
  return plan;
}

Maintenance::Maintenance(const Options& options, redis::Client& redis, RelayShared& shared)
    : options_(options), redis_(redis), shared_(shared), thread_([this] { Run(); }) {}

Maintenance::~Maintenance() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  stopped_ = true;
  thread_.join();
}

void Maintenance::Run() {
  struct Duty {
    std::string_view name;
    absl::Status (Maintenance::*run)();
    absl::Duration period;
    absl::Time next;
  };
  const absl::Time start = absl::Now();
  Duty duties[] = {
      {"pending events", &Maintenance::CountPending, options_.count_every, start},
      {"partitions", &Maintenance::Partitions, options_.partitions_every, start},
      {"trimming", &Maintenance::Trim, options_.trim_every, start + options_.trim_every},
  };
  while (true) {
    absl::Time next = absl::InfiniteFuture();
    for (Duty& duty : duties) {
      if (stopped_) return;
      if (absl::Now() >= duty.next) {
        const absl::Status status = (this->*duty.run)();
        duty.next = absl::Now() + (status.ok() ? duty.period : std::min(duty.period, kRetry));
        if (!status.ok() && !stopped_) {
          observe::Warning("relay maintenance failed", {{"duty", duty.name}, {"status", status}});
        }
      }
      next = std::min(next, duty.next);
    }
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithDeadline(absl::Condition(&stopping_), next)) return;
  }
}

absl::Status Maintenance::WithOutbox(absl::FunctionRef<absl::Status(OutboxReader&)> work) {
  if (outbox_ == nullptr) {
    ASSIGN_OR_RETURN(outbox_, OutboxReader::Open(shared_.CallFor(kTimeout), options_.database_url,
                                                 options_.role));
  }
  const absl::Status status = work(*outbox_);
  if (!status.ok()) outbox_.reset();  // Whatever state it is in.
  return status;
}

absl::Status Maintenance::CountPending() {
  return WithOutbox([&](OutboxReader& outbox) -> absl::Status {
    const Call call = shared_.CallFor(kTimeout);
    ASSIGN_OR_RETURN(const int64_t retained, outbox.RetainedWalBytes(call, options_.slot));
    Snapshot published;
    {
      absl::MutexLock lock(&shared_.mutex);
      published = shared_.marker.published;
    }
    ASSIGN_OR_RETURN(const Backlog backlog, outbox.CountNew(call, published));
    absl::MutexLock lock(&shared_.mutex);
    shared_.status.retained_wal_bytes = retained;
    shared_.retained_wal.Set(static_cast<double>(retained));
    // Otherwise the numbers do not belong together; the next count will do.
    if (shared_.marker.published != published && backlog.events > 0) return absl::OkStatus();
    const int64_t pending = std::max<int64_t>(0, backlog.events - shared_.sent_unseen);
    shared_.status.pending_events = pending;
    shared_.pending.Set(static_cast<double>(pending));
    shared_.status.lag =
        pending > 0 && backlog.oldest ? absl::Now() - *backlog.oldest : absl::ZeroDuration();
    return absl::OkStatus();
  });
}

absl::Status Maintenance::Trim() {
  const absl::Time now = absl::Now();
  {
    absl::MutexLock lock(&shared_.mutex);
    // Until Redis tells, nothing is known of the streams.
    if (shared_.marker.streams.empty()) return absl::OkStatus();
    held_.push_back({.at = now, .marker = shared_.marker});
  }
  // The newest that is old enough.
  while (held_.size() > 1 && held_[1].at <= now - options_.stream_keep) held_.pop_front();
  if (held_.front().at > now - options_.stream_keep) return absl::OkStatus();
  const Marker& old = held_.front().marker;

  const Call call = shared_.CallFor(kTimeout);
  ASSIGN_OR_RETURN(const std::vector<GroupPosition> positions,
                   GroupPositions(call, redis_, options_.partitions));
  std::set<std::string> seen;
  for (const GroupPosition& position : positions) seen.insert(position.group);
  std::vector<std::string> groups;
  RETURN_IF_ERROR(WithOutbox([&](OutboxReader& outbox) -> absl::Status {
    ASSIGN_OR_RETURN(groups, outbox.KnownGroups(call, {seen.begin(), seen.end()}));
    return absl::OkStatus();
  }));
  const TrimPlan plan = PlanTrim(old, positions, groups);
  redis::Batch batch;
  for (int partition = 0; partition < options_.partitions; ++partition) {
    if (plan.bounds[partition] == events::EntryId()) continue;
    batch.Add({"XTRIM", events::StreamName(partition, options_.partitions), "MINID", "~",
               plan.bounds[partition].ToString()});
  }
  if (!batch.empty()) {
    ASSIGN_OR_RETURN(const auto replies, redis_.Pipeline(call, batch));
    for (const auto& reply : replies) RETURN_IF_ERROR(reply);
  }
  if (!plan.all_passed) return absl::OkStatus();
  return WithOutbox([&](OutboxReader& outbox) { return outbox.WriteHandled(call, old.published); });
}

absl::Status Maintenance::Partitions() {
  return WithOutbox([&](OutboxReader& outbox) -> absl::Status {
    ASSIGN_OR_RETURN(const int64_t kept,
                     outbox.MaintainPartitions(shared_.CallFor(kTimeout), options_.outbox_retention,
                                               options_.inbox_retention));
    if (kept > 0) {
      observe::Warning("events kept beyond their retention: a consumer group has not read them",
                       {{"days", kept}});
    }
    return absl::OkStatus();
  });
}

}  // namespace selfology::relay
