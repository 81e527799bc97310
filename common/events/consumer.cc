#include "common/events/consumer.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/events/partition_leases.h"
#include "common/events/stream_group.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::events {
namespace {

// How often leases, retries and the group's position are looked after, and the last of these while
// events come: it is only for lag, trimming and whoever reads on after a crash.
constexpr absl::Duration kLookAfter = absl::Milliseconds(500);
constexpr absl::Duration kAdvanceEvery = absl::Milliseconds(100);
// Others have been given more than there is: it is yet to come, or Redis has lost it.
constexpr absl::Duration kTryToFollow = absl::Milliseconds(10);
constexpr absl::Duration kRedisTimeout = absl::Seconds(5);
// After an error of Redis or of the database, before trying again.
constexpr absl::Duration kErrorPause = absl::Milliseconds(200);

Call RedisCall() { return Call::Background(kRedisTimeout); }

}  // namespace

Consumer::Consumer(ConsumerOptions options, StreamReader& streams, postgres::Database& database,
                   observe::Metrics& metrics)
    : options_(std::move(options)),
      streams_(streams),
      database_(database),
      runner_(std::make_unique<EventRunner>(
          options_.group, handlers_, database, metrics, options_.handler_timeout,
          static_cast<int>(options_.backoff.size()) + 1, options_.tracer)),
      leases_(std::make_unique<PartitionLeases>(streams.redis(), options_.group, options_.replica,
                                                streams.partitions(), options_.lease)),
      unfinished_(metrics.Gauge("event_unfinished", "Events read and not yet handled",
                                {{"group", options_.group}})),
      held_(metrics.Gauge("event_partitions_held", "Partitions that this replica reads",
                          {{"group", options_.group}})),
      workers_(options_.concurrency) {}

Consumer::~Consumer() { Drain(absl::Now()); }

absl::Status Consumer::MalformedPayload(const std::string& type) {
  return status::Error(mesh::v1::ERROR_CODE_INVALID_EVENT_PAYLOAD,
                       absl::StrCat("payload is no encoded \"", type, "\""));
}

void Consumer::Gather(absl::Duration period) {
  gather_ = period;
  runner_->Yield();
}

absl::Status Consumer::Start() {
  if (handlers_.Find("") != nullptr) {
    return absl::InternalError(absl::StrCat(options_.group, ": a handler's message is no event"));
  }
  thread_ = std::thread([this] { Loop(); });
  return absl::OkStatus();
}

void Consumer::Drain(absl::Time deadline) {
  {
    absl::MutexLock lock(&mutex_);
    if (draining_) return;
    draining_ = true;
    queues_.Drop([](int) { return true; });
    loop_has_work_.Signal();
  }
  if (thread_.joinable()) thread_.join();
  streams_.Leave(*this);
  {
    absl::MutexLock lock(&mutex_);
    const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return running_ == 0; };
    mutex_.AwaitWithDeadline(absl::Condition(&idle), deadline);
  }
  workers_.Stop();
  absl::Status left = AdvanceGroup();
  left.Update(leases_->Release(RedisCall()));
  if (!left.ok()) {
    observe::Warning("consumer stopped without saving its position or releasing its leases",
                     {{"group", options_.group}, {"status", left}});
  }
}

int Consumer::held_partitions() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(held_partitions_.size());
}

absl::Status Consumer::ReplayDeadLetters(const Call& call) { return runner_->ReplayParked(call); }

void Consumer::Loop() {
  absl::Time next_keep = absl::InfinitePast();
  absl::Time next_advance = absl::InfinitePast();
  bool away = false;  // Said once, not at every attempt while Redis or the database is down.
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (draining_) return;
      gathering_ = false;  // RunQueues finds out.
    }
    const absl::Time now = absl::Now();
    const bool keep = now >= next_keep && handlers_.Known();
    absl::Status status;
    // Before a lease is given back, too: the next holder need not read again what is done.
    if (keep || now >= next_advance) {
      status = AdvanceGroup();
      if (status.ok()) next_advance = now + kAdvanceEvery;
    }
    if (keep) {
      status.Update(KeepLeases());
      if (status.ok()) next_keep = now + options_.lease / 4;
    }
    RunQueues();
    bool more = false;
    if (status.ok()) status = CatchUp(more);
    if (status.ok()) {
      if (away)
        observe::Info("consumer group reads its streams again", {{"group", options_.group}});
      away = false;
      if (!more) Rest();
    } else {
      if (!away) {
        observe::Warning("consumer group cannot read its streams",
                         {{"group", options_.group}, {"status", status}});
      }
      away = true;
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&draining_), kErrorPause);
    }
  }
}

// Until there is something to look after.
void Consumer::Rest() {
  absl::MutexLock lock(&mutex_);
  if (draining_) return;
  const bool done_lately = std::any_of(
      held_partitions_.begin(), held_partitions_.end(),
      [](const auto& held) { return held.second.window.Done() != held.second.committed; });
  const absl::Time due =
      gathering_ ? std::min(gathered_at_, queues_.NextRetry()) : queues_.NextRetry();
  const absl::Duration rest = std::min({done_lately ? kAdvanceEvery : kLookAfter, due - absl::Now(),
                                        BehindLocked().empty() ? kLookAfter : kTryToFollow});
  // What is due may have to wait for a worker.
  loop_has_work_.WaitWithTimeout(&mutex_, std::max(rest, absl::Milliseconds(1)));
}

absl::Status Consumer::KeepLeases() {
  const absl::StatusOr<std::set<int>> held = leases_->Keep(RedisCall());
  RETURN_IF_ERROR(held);
  std::vector<int> gained;
  {
    absl::MutexLock lock(&mutex_);
    std::erase_if(held_partitions_, [&](const auto& p) { return !held->contains(p.first); });
    queues_.Drop([&](int partition) { return !held->contains(partition); });
    for (const int partition : *held) {
      if (!held_partitions_.contains(partition)) gained.push_back(partition);
    }
  }
  for (const int partition : gained) RETURN_IF_ERROR(Acquire(partition));
  held_.Set(static_cast<double>(held->size()));
  return absl::OkStatus();
}

absl::Status Consumer::Acquire(int partition) {
  ASSIGN_OR_RETURN(const GroupPosition position,
                   JoinGroup(streams_.redis(), RedisCall(),
                             StreamName(partition, streams_.partitions()), options_.group));
  absl::MutexLock lock(&mutex_);
  held_partitions_[partition] = Partition{.cursor = position.handled,
                                          .possibly_redelivered = position.newest,
                                          .committed = position.handled,
                                          .window = PartitionWindow(position.handled)};
  return absl::OkStatus();
}

std::map<int, EntryId> Consumer::BehindLocked() const {
  std::map<int, EntryId> behind;
  for (const auto& [number, partition] : held_partitions_) {
    if (partition.following) continue;
    if (partition.window.size() >= static_cast<size_t>(options_.max_unfinished)) continue;
    behind[number] = partition.cursor;
  }
  return behind;
}

absl::Status Consumer::CatchUp(bool& more) {
  std::map<int, EntryId> behind;
  {
    absl::MutexLock lock(&mutex_);
    behind = BehindLocked();
  }
  if (behind.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(
      streams_.Read(RedisCall(), behind, [&](int partition, absl::Span<const StreamEntry> entries) {
        Accept(partition, entries, Source::kOwn);
        more = true;
      }));
  std::vector<std::pair<int, EntryId>> last_entries;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [number, last] : BehindLocked()) last_entries.emplace_back(number, last);
    LaunchLocked();
  }
  streams_.Follow(last_entries, *this);
  return absl::OkStatus();
}

void Consumer::Following(int partition) {
  absl::MutexLock lock(&mutex_);
  const auto held = held_partitions_.find(partition);
  if (held != held_partitions_.end()) held->second.following = true;
}

StreamReader::Taken Consumer::Take(int partition, absl::Span<const StreamEntry> entries) {
  {
    absl::MutexLock lock(&mutex_);
    const auto held = held_partitions_.find(partition);
    if (draining_ || held == held_partitions_.end() || !held->second.following) {
      return StreamReader::Taken::kNoLonger;
    }
    if (held->second.window.size() >= static_cast<size_t>(options_.max_unfinished)) {
      // Too much for now: it will be read again when there is room.
      held->second.following = false;
      return StreamReader::Taken::kNoLonger;
    }
  }
  if (!Accept(partition, entries, Source::kFollowed)) return StreamReader::Taken::kNotWanted;
  RunQueues();
  return StreamReader::Taken::kWanted;
}

bool Consumer::Accept(int partition, absl::Span<const StreamEntry> entries, Source source) {
  bool wanted = false;
  for (const StreamEntry& entry : entries) {
    // Most entries are no business of this group: they are not looked into any further.
    const bool ours = !entry.type().ok() || runner_->Handles(*entry.type());
    absl::StatusOr<Envelope> envelope =
        ours ? entry.envelope() : absl::StatusOr<Envelope>(absl::NotFoundError("not wanted"));
    if (ours && !envelope.ok()) {
      // Nothing of ours writes such an entry, and without a key it cannot be parked: say so and go
      // on.
      observe::Error("unreadable stream entry skipped", {{"group", options_.group},
                                                         {"entry", entry.id().ToString()},
                                                         {"status", envelope.status()}});
    }
    absl::MutexLock lock(&mutex_);
    const auto held = held_partitions_.find(partition);
    if (held == held_partitions_.end() || draining_) return wanted;
    Partition& state = held->second;
    // Lost and held anew, perhaps from further back.
    if (source == Source::kFollowed && !state.following) return wanted;
    if (entry.id() <= state.cursor) continue;
    state.cursor = entry.id();
    state.window.Read(entry.id());
    if (!envelope.ok()) {
      state.window.Finished(entry.id());
      continue;
    }
    wanted = true;
    queues_.Push({.partition = partition,
                  .id = entry.id(),
                  .possibly_redelivered = entry.id() <= state.possibly_redelivered,
                  .envelope = *std::move(envelope)});
    unfinished_.Set(static_cast<double>(queues_.size()));
  }
  return wanted;
}

absl::Status Consumer::AdvanceGroup() {
  std::vector<int> numbers;
  std::vector<std::pair<std::string, EntryId>> done;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [number, partition] : held_partitions_) {
      if (partition.window.Done() == partition.committed) continue;
      numbers.push_back(number);
      done.emplace_back(StreamName(number, streams_.partitions()), partition.window.Done());
    }
  }
  if (done.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(MoveGroup(streams_.redis(), RedisCall(), options_.group, done));
  absl::MutexLock lock(&mutex_);
  for (size_t i = 0; i < done.size(); ++i) {
    const auto held = held_partitions_.find(numbers[i]);
    if (held != held_partitions_.end()) held->second.committed = done[i].second;
  }
  return absl::OkStatus();
}

}  // namespace selfology::events
