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

namespace selfology::events {
namespace {

// How long one XREAD waits; also how often leases and retries are looked after.
constexpr absl::Duration kReadBlock = absl::Milliseconds(500);
constexpr int kReadCount = 500;
// How often the group is moved forward while entries come: where it stands is only for lag,
// trimming and whoever reads on after a crash.
constexpr absl::Duration kAdvanceEvery = absl::Milliseconds(100);
// An entry wakes every group of the mesh, most for nothing. After that the next ones may gather.
constexpr absl::Duration kGather = absl::Milliseconds(2);
constexpr absl::Duration kRedisTimeout = absl::Seconds(5);
// Workers that run several events each: more would only wait for each other in the database.
constexpr int kTogetherAtOnce = 4;
// About how long a transaction of several events may take: others wait for its rows, and its first
// event for its last. A few always share one, or nobody would notice that it has become quicker.
constexpr absl::Duration kTogetherTime = absl::Milliseconds(20);
constexpr int64_t kTogetherAlways = 4;
// A worker that takes so many times as long as usual, and at least so long, is stuck or robbed of
// its core: the others need not wait for it.
constexpr int kOverdue = 3;
constexpr absl::Duration kSoonestOverdue = absl::Milliseconds(1);
// After an error of Redis or of the database, before trying again.
constexpr absl::Duration kErrorPause = absl::Milliseconds(200);

Call RedisCall() { return Call::Background(kRedisTimeout); }

absl::StatusOr<std::vector<std::string>> Strings(const redis::Reply& reply) {
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> elements, reply.Array());
  std::vector<std::string> strings;
  strings.reserve(elements.size());
  for (const redis::Reply& element : elements) {
    ASSIGN_OR_RETURN(const std::string_view text, element.String());
    strings.emplace_back(text);
  }
  return strings;
}

}  // namespace

Consumer::Consumer(ConsumerOptions options, redis::Client& redis, postgres::Database& database,
                   observe::Metrics& metrics)
    : options_(std::move(options)),
      redis_(redis),
      database_(database),
      runner_(std::make_unique<EventRunner>(options_.group, handlers_, database, metrics,
                                            options_.handler_timeout,
                                            static_cast<int>(options_.backoff.size()) + 1)),
      leases_(std::make_unique<PartitionLeases>(redis, options_.group, options_.replica,
                                                options_.partitions, options_.lease)),
      reading_(redis.Connect()),
      unfinished_(metrics.Gauge("event_unfinished", "Events read and not yet handled",
                                {{"group", options_.group}})),
      held_(metrics.Gauge("event_partitions_held", "Partitions this replica reads",
                          {{"group", options_.group}})),
      workers_(options_.concurrency) {}

Consumer::~Consumer() { Drain(absl::Now()); }

absl::Status Consumer::MalformedPayload(const std::string& type) {
  return status::Error(absl::StatusCode::kInvalidArgument, "INVALID_EVENT_PAYLOAD",
                       absl::StrCat("payload is no encoded \"", type, "\""));
}

absl::Status Consumer::Start() {
  if (handlers_.contains("")) {
    return absl::InternalError(absl::StrCat(options_.group, ": a handler's message is no event"));
  }
  reader_ = std::thread([this] { ReadLoop(); });
  return absl::OkStatus();
}

void Consumer::Drain(absl::Time deadline) {
  {
    absl::MutexLock lock(&mutex_);
    if (draining_) return;
    draining_ = true;
    lanes_.Drop([](int) { return true; });
  }
  reading_->Interrupt();
  if (reader_.joinable()) reader_.join();
  {
    absl::MutexLock lock(&mutex_);
    const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return running_ == 0; };
    mutex_.AwaitWithDeadline(absl::Condition(&idle), deadline);
  }
  workers_.Stop();
  absl::Status left = AdvanceGroup();
  left.Update(leases_->Release(RedisCall()));
  if (!left.ok()) {
    observe::Warning("consumer left its group untidily",
                     {{"group", options_.group}, {"status", left}});
  }
}

int Consumer::held_partitions() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(held_partitions_.size());
}

absl::Status Consumer::ReplayDeadLetters(const Call& call) { return runner_->ReplayParked(call); }

void Consumer::ReadLoop() {
  absl::Time next_keep = absl::InfinitePast();
  absl::Time next_advance = absl::InfinitePast();
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (draining_) return;
    }
    const absl::Time now = absl::Now();
    const bool keep = now >= next_keep;
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
    RunLanes();
    bool in_vain = false;
    if (status.ok()) status = ReadOnce(kReadBlock, in_vain);
    if (!status.ok()) {
      observe::Warning("consumer cannot read", {{"group", options_.group}, {"status", status}});
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&draining_), kErrorPause);
    } else if (in_vain) {
      absl::SleepFor(kGather);
    }
  }
}

absl::Status Consumer::KeepLeases() {
  const absl::StatusOr<std::set<int>> held = leases_->Keep(RedisCall());
  RETURN_IF_ERROR(held);
  std::vector<int> gained;
  {
    absl::MutexLock lock(&mutex_);
    std::erase_if(held_partitions_, [&](const auto& p) { return !held->contains(p.first); });
    lanes_.Drop([&](int partition) { return !held->contains(partition); });
    for (const int partition : *held) {
      if (!held_partitions_.contains(partition)) gained.push_back(partition);
    }
  }
  for (const int partition : gained) RETURN_IF_ERROR(Acquire(partition));
  held_.Set(static_cast<double>(held->size()));
  return absl::OkStatus();
}

absl::Status Consumer::Acquire(int partition) {
  ASSIGN_OR_RETURN(
      const GroupPosition position,
      JoinGroup(redis_, RedisCall(), StreamName(partition, options_.partitions), options_.group));
  absl::MutexLock lock(&mutex_);
  held_partitions_[partition] = Partition{.cursor = position.handled,
                                          .possibly_redelivered = position.newest,
                                          .committed = position.handled,
                                          .window = PartitionWindow(position.handled)};
  return absl::OkStatus();
}

absl::Status Consumer::ReadOnce(absl::Duration block, bool& in_vain) {
  std::vector<int> partitions;
  redis::Args streams, cursors;
  {
    absl::MutexLock lock(&mutex_);
    block = std::min(block, lanes_.NextRetry() - absl::Now());
    for (const auto& [number, partition] : held_partitions_) {
      if (partition.window.size() >= static_cast<size_t>(options_.max_unfinished)) continue;
      partitions.push_back(number);
      streams.Add(StreamName(number, options_.partitions));
      cursors.Add(partition.cursor.ToString());
    }
    if (partitions.empty()) {
      mutex_.AwaitWithTimeout(absl::Condition(&draining_), absl::Milliseconds(50));
      return absl::OkStatus();
    }
  }
  // BLOCK 0 would wait for ever.
  const int64_t block_ms = std::max<int64_t>(1, absl::ToInt64Milliseconds(block));
  redis::Args read{"XREAD", "COUNT", kReadCount, "BLOCK", block_ms, "STREAMS"};
  read.Append(streams).Append(cursors);
  const absl::StatusOr<redis::Reply> reply =
      reading_->Command(Call::Background(absl::Milliseconds(block_ms) + kRedisTimeout), read);
  if (absl::IsCancelled(reply.status())) return absl::OkStatus();
  RETURN_IF_ERROR(reply);
  if (reply->is_nil()) return absl::OkStatus();

  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> per_stream, reply->Array());
  in_vain = true;
  for (const redis::Reply& stream : per_stream) {
    ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> pair, stream.Array());
    ASSIGN_OR_RETURN(const std::string_view name, pair[0].String());
    const auto partition = std::find_if(
        partitions.begin(), partitions.end(),
        [&, name = name](int p) { return StreamName(p, options_.partitions) == name; });
    if (partition == partitions.end()) return absl::InternalError("XREAD gave an unasked stream");
    ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> entries, pair[1].Array());
    for (const redis::Reply& entry : entries) {
      ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> parts, entry.Array());
      ASSIGN_OR_RETURN(const std::string_view id_text, parts[0].String());
      ASSIGN_OR_RETURN(const EntryId id, EntryId::Parse(id_text));
      ASSIGN_OR_RETURN(const bool wanted, Accept(*partition, id, parts[1]));
      if (wanted) in_vain = false;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Consumer::Accept(int partition, EntryId id, const redis::Reply& entry) {
  // Most entries are no business of this group: they are not looked into any further.
  const absl::StatusOr<std::string> type = FieldOf(entry, "type");
  const bool wanted = !type.ok() || runner_->Handles(*type);
  absl::StatusOr<Envelope> envelope = absl::NotFoundError("not wanted");
  if (wanted) {
    ASSIGN_OR_RETURN(const std::vector<std::string> fields, Strings(entry));
    envelope = DecodeEntry(fields);
  }
  if (wanted && !envelope.ok()) {
    // Nothing of ours writes such an entry, and without a key it cannot be parked: say so and go
    // on.
    observe::Error(
        "unreadable stream entry skipped",
        {{"group", options_.group}, {"entry", id.ToString()}, {"status", envelope.status()}});
  }
  absl::MutexLock lock(&mutex_);
  const auto held = held_partitions_.find(partition);
  if (held == held_partitions_.end() || draining_) return wanted;
  Partition& state = held->second;
  state.cursor = id;
  state.window.Read(id);
  if (!envelope.ok()) {
    state.window.Finished(id);
    return wanted;
  }
  lanes_.Push({.partition = partition,
               .id = id,
               .possibly_redelivered = id <= state.possibly_redelivered,
               .envelope = *std::move(envelope)});
  unfinished_.Set(static_cast<double>(lanes_.size()));
  return true;
}

absl::Status Consumer::AdvanceGroup() {
  std::vector<int> numbers;
  std::vector<std::pair<std::string, EntryId>> done;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [number, partition] : held_partitions_) {
      if (partition.window.Done() == partition.committed) continue;
      numbers.push_back(number);
      done.emplace_back(StreamName(number, options_.partitions), partition.window.Done());
    }
  }
  if (done.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(MoveGroup(redis_, RedisCall(), options_.group, done));
  absl::MutexLock lock(&mutex_);
  for (size_t i = 0; i < done.size(); ++i) {
    const auto held = held_partitions_.find(numbers[i]);
    if (held != held_partitions_.end()) held->second.committed = done[i].second;
  }
  return absl::OkStatus();
}

void Consumer::RunLanes() {
  absl::MutexLock lock(&mutex_);
  LaunchLocked();
}

void Consumer::LaunchLocked() {
  if (draining_) return;
  while (running_ < options_.concurrency) {
    Job job = TakeLocked();
    if (job.users.empty()) return;
    ++running_;
    workers_.Submit([this, job = std::move(job)]() mutable { Work(std::move(job)); });
  }
}

bool Consumer::MustBeAlone(int64_t user) {
  return options_.together <= 1 || runner_->RunsAlone(lanes_.Front(user));
}

Consumer::Job Consumer::TakeLocked() {
  const absl::Time now = absl::Now();
  const auto ready = static_cast<int64_t>(lanes_.CountReady(now));
  const std::optional<int64_t> first = lanes_.NextReady(now);
  if (!first.has_value()) return {};
  Job job = {.users = {*first}, .due = {}};
  if (MustBeAlone(*first)) {
    lanes_.Front(*first).alone = true;
    return job;
  }
  // No more than are soon done.
  const int64_t mean = absl::ToInt64Nanoseconds(runner_->MeanTogether());
  const int64_t quick = absl::ToInt64Nanoseconds(kTogetherTime) / (mean + 1);
  const int64_t most = std::min(int64_t{options_.together}, std::max(quick, kTogetherAlways));
  // One worker, even for single events: what comes while it is busy will share a transaction. More
  // only for more than one transaction may hold, or if that one takes too long.
  const int64_t wanted = 1 + ready / most;
  const auto in_time = std::distance(together_due_.lower_bound(now), together_due_.end());
  const auto running = static_cast<int>(together_due_.size());
  if (in_time >= wanted || running >= std::min(kTogetherAtOnce, options_.concurrency)) {
    lanes_.PutBack(*first);
    return {};
  }
  while (static_cast<int64_t>(job.users.size()) < most) {
    const std::optional<int64_t> next = lanes_.NextReady(now);
    if (!next.has_value()) break;
    if (MustBeAlone(*next)) {
      lanes_.PutBack(*next);
      break;
    }
    job.users.push_back(*next);
  }
  const auto usual = absl::Nanoseconds(mean * static_cast<int64_t>(job.users.size()));
  job.due = now + std::max(kOverdue * usual, kSoonestOverdue);
  together_due_.insert(*job.due);
  // Users' rows are locked in one order whoever locks them, here and in the service's other groups.
  std::sort(job.users.begin(), job.users.end());
  return job;
}

void Consumer::Work(Job job) {
  while (!job.users.empty()) {
    if (job.users.size() == 1) {
      RunAlone(job.users.front());
    } else {
      RunTogether(job.users);
    }
    absl::MutexLock lock(&mutex_);
    if (job.due.has_value()) together_due_.erase(together_due_.find(*job.due));
    // What became ready meanwhile need not wait for the reader.
    job = draining_ ? Job() : TakeLocked();
    if (job.users.empty()) {
      --running_;
    } else {
      LaunchLocked();
    }
  }
}

void Consumer::RunTogether(absl::Span<const int64_t> users) {
  // The lanes are marked running: nobody else touches their fronts.
  std::vector<const Delivery*> deliveries;
  {
    absl::MutexLock lock(&mutex_);
    for (const int64_t user : users) deliveries.push_back(&lanes_.Front(user));
  }
  const bool done = runner_->RunTogether(deliveries);

  absl::MutexLock lock(&mutex_);
  for (const int64_t user : users) {
    if (done) {
      DoneLocked(user);
    } else {
      lanes_.Front(user).alone = true;
      lanes_.PutBack(user);
    }
  }
}

void Consumer::RunAlone(int64_t user) {
  const Delivery* delivery = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    delivery = &lanes_.Front(user);
  }
  const EventRunner::Result result = runner_->Run(*delivery);

  absl::MutexLock lock(&mutex_);
  Delivery& front = lanes_.Front(user);
  switch (result.outcome) {
    case EventRunner::Outcome::kDone:
      DoneLocked(user);
      break;
    case EventRunner::Outcome::kRetry:
      lanes_.RetryAt(user, absl::Now() + std::max(options_.backoff[front.attempts], result.after));
      ++front.attempts;
      break;
    case EventRunner::Outcome::kWaiting:
      lanes_.RetryAt(user, absl::Now() + options_.backoff.front());
      break;
  }
}

void Consumer::DoneLocked(int64_t user) {
  const Delivery& front = lanes_.Front(user);
  if (const auto held = held_partitions_.find(front.partition); held != held_partitions_.end()) {
    held->second.window.Finished(front.id);
  }
  lanes_.Pop(user);
  unfinished_.Set(static_cast<double>(lanes_.size()));
}

}  // namespace selfology::events
