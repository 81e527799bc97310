#include "services/edge/realtime/presence.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::realtime {
namespace {

constexpr size_t kBatch = 500;
constexpr absl::Duration kTimeout = absl::Seconds(5);
constexpr absl::Duration kErrorPause = absl::Seconds(1);

std::string KeyOf(int64_t user_id) { return absl::StrCat("selfology:realtime:presence:", user_id); }

}  // namespace

void Presence::Add(int64_t user_id, std::string_view connection) {
  Connection added(user_id, absl::StrCat(replica_, "/", connection));
  absl::MutexLock lock(&mutex_);
  come_.push_back(added);
  here_.insert(std::move(added));
}

void Presence::Remove(int64_t user_id, std::string_view connection) {
  Connection removed(user_id, absl::StrCat(replica_, "/", connection));
  absl::MutexLock lock(&mutex_);
  if (here_.erase(removed) > 0) gone_.push_back(std::move(removed));
}

absl::StatusOr<std::vector<int64_t>> Presence::Count(const Call& call,
                                                     const std::vector<int64_t>& users) const {
  redis::Batch batch;
  const int64_t now = absl::ToUnixMillis(absl::Now());
  for (const int64_t user_id : users) batch.Add({"ZCOUNT", KeyOf(user_id), now, "+inf"});
  ASSIGN_OR_RETURN(const redis::Replies replies, redis_.Pipeline(call, batch));
  std::vector<int64_t> counts;
  for (const auto& reply : replies) {
    RETURN_IF_ERROR(reply.status());
    ASSIGN_OR_RETURN(counts.emplace_back(), reply->Integer());
  }
  return counts;
}

absl::Status Presence::Forget(const Call& call, int64_t user_id) const {
  return redis_.Command(call, {"DEL", KeyOf(user_id)}).status();
}

absl::Status Presence::Say(const std::vector<Connection>& here,
                           const std::vector<Connection>& gone) const {
  const absl::Time now = absl::Now();
  const int64_t until = absl::ToUnixMillis(now + kLasting);
  const auto in_batches = [&](const std::vector<Connection>& all, const auto& add) -> absl::Status {
    for (size_t begin = 0; begin < all.size(); begin += kBatch) {
      redis::Batch batch;
      for (size_t i = begin; i < std::min(all.size(), begin + kBatch); ++i) add(batch, all[i]);
      RETURN_IF_ERROR(redis_.Pipeline(Call::Background(kTimeout), batch));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(in_batches(here, [&](redis::Batch& batch, const Connection& connection) {
    const std::string key = KeyOf(connection.first);
    batch.Add({"ZADD", key, until, connection.second});
    batch.Add({"ZREMRANGEBYSCORE", key, "-inf", absl::ToUnixMillis(now)});
    batch.Add({"PEXPIRE", key, absl::ToInt64Milliseconds(kLasting)});
  }));
  return in_batches(gone, [](redis::Batch& batch, const Connection& connection) {
    batch.Add({"ZREM", KeyOf(connection.first), connection.second});
  });
}

void Presence::Run(service::StopSignal& stop) {
  stop.OnRequest([this] {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  });
  const auto due = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !come_.empty() || !gone_.empty();
  };
  absl::Time refresh = absl::Now() + kRefresh;
  for (bool last = false; !last;) {
    std::vector<Connection> here, gone;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithDeadline(absl::Condition(&due), refresh);
      last = stopping_;
      here.swap(come_);
      gone.swap(gone_);
      std::erase_if(here, [&](const Connection& connection) {
        mutex_.AssertHeld();
        return !here_.contains(connection);
      });
      if (absl::Now() >= refresh) {
        here.assign(here_.begin(), here_.end());
        refresh = absl::Now() + kRefresh;
      }
      // With this replica all its devices go; others need not wait for that to be noticed.
      if (last) gone.insert(gone.end(), here_.begin(), here_.end());
    }
    if (last) here.clear();
    const absl::Status said = Say(here, gone);
    if (said.ok() || last) continue;
    observe::Warning("presence cannot be told", {{"error", said.ToString()}});
    refresh = absl::Now() + kErrorPause;  // All of it again; who has gone is forgotten in time.
    if (stop.WaitFor(kErrorPause)) continue;
  }
}

}  // namespace selfology::realtime
