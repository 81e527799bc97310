#include "services/edge/telegram_gateway/delivery/typing.h"

#include <utility>
#include <vector>

#include "common/observe/log.h"
#include "services/edge/telegram_gateway/gateway_store.h"

namespace selfology::telegram_gateway {
namespace {

// https://core.telegram.org/bots/api#sendchataction: "for 5 seconds or less".
constexpr absl::Duration kRepeat = absl::Seconds(4);
// What has not come by then comes unannounced.
constexpr absl::Duration kLongest = absl::Seconds(30);
constexpr absl::Duration kTimeout = absl::Seconds(2);

}  // namespace

void Typing::Begin(int64_t user_id) {
  absl::MutexLock lock(&mutex_);
  waiting_.insert_or_assign(user_id, Waiting{.since = clock_()});
  ++new_ones_;
}

void Typing::Run(service::StopSignal& stop) {
  stop.OnRequest([this] {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  });
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      const auto something_new = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
        return stopped_ || new_ones_ > 0;
      };
      mutex_.AwaitWithTimeout(absl::Condition(&something_new), kRepeat);
      if (stopped_) return;
      new_ones_ = 0;
      if (waiting_.empty()) continue;
    }
    DropThoseAnswered(clock_());
    ShowAgain(clock_());
  }
}

void Typing::DropThoseAnswered(absl::Time now) {
  std::vector<int64_t> users;
  absl::Time since = now;
  {
    absl::MutexLock lock(&mutex_);
    absl::erase_if(waiting_,
                   [now](const auto& entry) { return now > entry.second.since + kLongest; });
    for (const auto& [user_id, waiting] : waiting_) {
      users.push_back(user_id);
      since = std::min(since, waiting.since);
    }
  }
  using Answered = std::vector<std::pair<int64_t, absl::Time>>;
  const absl::StatusOr<Answered> answered =
      database_.Read(Call::Background(kTimeout),
                     [&](postgres::Transaction& tx) {
                       return store::LatestSince(tx, telegram_.bot_id(), users, since);
                     },
                     {.newest = true});
  if (!answered.ok()) {
    observe::Warning("typing indicator: message state unavailable",
                     {{"status", answered.status()}});
    return;
  }
  absl::MutexLock lock(&mutex_);
  for (const auto& [user_id, at] : *answered) {
    const auto found = waiting_.find(user_id);
    if (found != waiting_.end() && at >= found->second.since) waiting_.erase(found);
  }
}

void Typing::ShowAgain(absl::Time now) {
  std::vector<int64_t> users;
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [user_id, waiting] : waiting_) {
      if (now < waiting.shown_at + kRepeat) continue;
      waiting.shown_at = now;
      users.push_back(user_id);
    }
  }
  for (const int64_t user_id : users) {
    const absl::Status shown = telegram_.SendTyping(Call::Background(kTimeout), user_id);
    if (!shown.ok()) observe::Debug("typing indicator failed", {{"status", shown}});
  }
}

}  // namespace selfology::telegram_gateway
