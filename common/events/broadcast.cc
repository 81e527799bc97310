#include "common/events/broadcast.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/observe/log.h"
#include "common/redis/client.h"
#include "common/status/status_macros.h"

namespace selfology::events {
namespace {

// How long something missed stays unnoticed, at most.
constexpr absl::Duration kCheckEvery = absl::Milliseconds(500);
constexpr absl::Duration kErrorPause = absl::Milliseconds(200);
// Others of the process have been given more than there is; see consumer.cc.
constexpr absl::Duration kTryToFollow = absl::Milliseconds(10);
constexpr absl::Duration kRedisTimeout = absl::Seconds(5);
constexpr size_t kMostWaiting = 10'000;

Call RedisCall() { return Call::Background(kRedisTimeout); }

// Null: servers before Redis 7 do not say all.
const redis::Reply* Find(absl::Span<const redis::Reply> fields, std::string_view name) {
  for (size_t i = 0; i + 1 < fields.size(); i += 2) {
    const auto field = fields[i].String();
    if (field.ok() && *field == name) return &fields[i + 1];
  }
  return nullptr;
}

absl::StatusOr<EntryId> IdOf(absl::Span<const redis::Reply> fields, std::string_view name) {
  const redis::Reply* const reply = Find(fields, name);
  if (reply == nullptr) return EntryId{};
  ASSIGN_OR_RETURN(const std::string_view text, reply->String());
  return EntryId::Parse(text);
}

}  // namespace

void Broadcast::Subscription::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Broadcast::Subscription::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Broadcast::Subscription::Push(std::string payload) {
  absl::MutexLock lock(&mutex_);
  if (waiting_.size() >= kMostWaiting) {
    waiting_.clear();
    missed_some_ = true;
  }
  waiting_.push_back(std::move(payload));
}

void Broadcast::Subscription::Missed() {
  absl::MutexLock lock(&mutex_);
  missed_some_ = true;
}

void Broadcast::Subscription::Loop() {
  const auto awake = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || missed_some_ || !waiting_.empty();
  };
  while (true) {
    std::string payload;
    bool missed = false;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&awake));
      if (stopping_) return;
      missed = std::exchange(missed_some_, false);
      if (!missed) {
        payload = std::move(waiting_.front());
        waiting_.pop_front();
      }
    }
    if (missed) {
      missed_();
    } else if (!handle_(payload)) {
      observe::Error("malformed event passed over", {{"event_type", type_}});
    }
  }
}

void Broadcast::Subscribe(std::string type, Handle handle, std::function<void()> missed) {
  subscriptions_.push_back(
      std::make_unique<Subscription>(std::move(type), std::move(handle), std::move(missed)));
}

void Broadcast::Start() {
  if (subscriptions_.empty()) return;
  for (const auto& subscription : subscriptions_) subscription->Start();
  thread_ = std::thread([this] { Loop(); });
}

void Broadcast::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
  streams_.Leave(*this);
  for (const auto& subscription : subscriptions_) subscription->Stop();
}

void Broadcast::Missed() {
  for (const auto& subscription : subscriptions_) subscription->Missed();
}

void Broadcast::Loop() {
  bool begun = false, away = false;
  while (true) {
    absl::Status status = begun ? Check() : Begin();
    if (status.ok()) begun = true;
    if (begun) status.Update(CatchUp());
    if (!status.ok() && !away) {
      observe::Warning("broadcast cannot read", {{"status", status}});
    } else if (status.ok() && away) {
      Missed();
    }
    away = !status.ok();

    absl::MutexLock lock(&mutex_);
    const bool behind =
        std::any_of(partitions_.begin(), partitions_.end(),
                    [](const auto& partition) { return !partition.second.following; });
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), away     ? kErrorPause
                                                         : behind ? kTryToFollow
                                                                  : kCheckEvery);
    if (stopping_) return;
  }
}

absl::StatusOr<std::vector<Broadcast::StreamState>> Broadcast::States() const {
  redis::Batch batch;
  for (int partition = 0; partition < streams_.partitions(); ++partition) {
    batch.Add({"XINFO", "STREAM", StreamName(partition, streams_.partitions())});
  }
  ASSIGN_OR_RETURN(const redis::Replies replies, streams_.redis().Pipeline(RedisCall(), batch));
  std::vector<StreamState> states;
  for (const auto& reply : replies) {
    StreamState& state = states.emplace_back();
    if (redis::ErrorKind(reply.status()) == "ERR") {  // There is no such stream.
      state.added = 0;
      continue;
    }
    RETURN_IF_ERROR(reply);
    ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> fields, reply->Array());
    ASSIGN_OR_RETURN(state.last, IdOf(fields, "last-generated-id"));
    ASSIGN_OR_RETURN(state.deleted, IdOf(fields, "max-deleted-entry-id"));
    if (const redis::Reply* const added = Find(fields, "entries-added"); added != nullptr) {
      ASSIGN_OR_RETURN(state.added, added->Integer());
    }
  }
  return states;
}

absl::Status Broadcast::Begin() {
  ASSIGN_OR_RETURN(const std::vector<StreamState> states, States());
  {
    absl::MutexLock lock(&mutex_);
    for (size_t i = 0; i < states.size(); ++i) {
      partitions_[static_cast<int>(i)] = {.cursor = states[i].last,
                                          .newest = states[i].last,
                                          .added = states[i].added.value_or(0),
                                          .deleted = states[i].deleted};
    }
  }
  // What was published between the process's first look at its state and now.
  Missed();
  return absl::OkStatus();
}

absl::Status Broadcast::Check() {
  std::map<int, Partition> before;
  {
    absl::MutexLock lock(&mutex_);
    before = partitions_;
  }
  ASSIGN_OR_RETURN(const std::vector<StreamState> states, States());
  bool missed = false;
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [number, partition] : partitions_) {
      const StreamState& now = states[static_cast<size_t>(number)];
      const Partition& then = before[number];
      const bool another =
          now.last < then.newest || (now.added.has_value() && *now.added < then.added);
      const bool too_late = partition.cursor < now.deleted && partition.deleted < now.deleted;
      missed = missed || another || too_late;
      // Else more was seen since it was asked.
      if (another || now.last >= partition.newest) {
        partition.newest = now.last;
        partition.added = now.added.value_or(0);
      }
      partition.deleted = now.deleted;
    }
  }
  if (missed) Missed();
  return absl::OkStatus();
}

absl::Status Broadcast::CatchUp() {
  const auto behind = [this] {
    std::map<int, EntryId> places;
    absl::MutexLock lock(&mutex_);
    for (const auto& [number, partition] : partitions_) {
      if (!partition.following) places[number] = partition.cursor;
    }
    return places;
  };
  const std::map<int, EntryId> places = behind();
  if (places.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(streams_.Read(RedisCall(), places,
                                [this](int partition, absl::Span<const StreamEntry> entries) {
                                  Accept(partition, entries);
                                }));
  std::vector<std::pair<int, EntryId>> last_entries;
  for (const auto& [number, last] : behind()) last_entries.emplace_back(number, last);
  streams_.Follow(last_entries, *this);
  return absl::OkStatus();
}

void Broadcast::Following(int partition) {
  absl::MutexLock lock(&mutex_);
  partitions_[partition].following = true;
}

StreamReader::Taken Broadcast::Take(int partition, absl::Span<const StreamEntry> entries) {
  return Accept(partition, entries) ? StreamReader::Taken::kWanted
                                    : StreamReader::Taken::kNotWanted;
}

bool Broadcast::Accept(int partition, absl::Span<const StreamEntry> entries) {
  bool wanted = false;
  absl::MutexLock lock(&mutex_);
  Partition& state = partitions_[partition];
  for (const StreamEntry& entry : entries) {
    if (entry.id() <= state.cursor) continue;
    state.cursor = entry.id();
    if (state.newest < entry.id()) {
      state.newest = entry.id();
      ++state.added;
    }
    if (!entry.type().ok()) continue;
    for (const auto& subscription : subscriptions_) {
      if (subscription->type() != *entry.type()) continue;
      absl::StatusOr<Envelope> envelope = entry.envelope();
      if (!envelope.ok()) continue;  // Its consumer groups say so.
      wanted = true;
      subscription->Push(std::move(envelope->payload));
    }
  }
  return wanted;
}

}  // namespace selfology::events
