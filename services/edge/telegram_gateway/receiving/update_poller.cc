#include "services/edge/telegram_gateway/receiving/update_poller.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/resilience/retry.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/bot_api/update.h"
#include "services/edge/telegram_gateway/routing/channel_updates.h"

namespace selfology::telegram_gateway {
namespace {

constexpr int kLimit = 100;  // The most that Telegram gives.
constexpr resilience::Backoff kBackoff = {.first = absl::Milliseconds(500),
                                          .max = absl::Seconds(10)};
// How soon a replica that waits notices that it is its turn.
constexpr absl::Duration kLeasePause = absl::Milliseconds(200);
// While updates are under way Telegram would answer at once with nothing but these.
constexpr absl::Duration kBusyPause = absl::Milliseconds(200);
constexpr absl::Duration kUnheldPause = absl::Milliseconds(100);

}  // namespace

void UpdatePoller::Run(service::StopSignal& stop) {
  absl::Duration pause = absl::ZeroDuration();
  while (!stop.WaitFor(pause)) {
    pause = lease_.held() ? PollOnce(stop) : kLeasePause;
  }
}

absl::Status UpdatePoller::health() const {
  absl::MutexLock lock(&mutex_);
  return health_;
}

absl::Duration UpdatePoller::PollOnce(service::StopSignal& stop) {
  Position position;
  {
    absl::MutexLock lock(&mutex_);
    position = {.offset = window_.offset(), .busy = window_.under_way() > 0, .ended = ended_};
  }
  const absl::Time asked_at = absl::Now();
  const absl::StatusOr<std::string> body = Fetch(position, stop);
  if (body.ok()) {
    absl::MutexLock lock(&mutex_);
    window_.Confirmed(position.offset);
  }
  const absl::StatusOr<Found> found = body.ok() ? Accept(*body) : body.status();
  // Given up on purpose.
  if (absl::IsCancelled(found.status())) return absl::ZeroDuration();
  {
    absl::MutexLock lock(&mutex_);
    health_ = found.status();
  }
  if (!found.ok()) return PauseAfter(found.status());
  failures_ = 0;
  // The next answer would come at once, and be the same, until something ends.
  if (*found == Found::kKnown || (position.busy && *found == Found::kNothing)) {
    AwaitEnd(position.ended);
    return absl::ZeroDuration();
  }
  // Not every server holds a request until there is something.
  const bool held = absl::Now() - asked_at >= kUnheldPause;
  return *found == Found::kNothing && !held ? kUnheldPause : absl::ZeroDuration();
}

absl::StatusOr<std::string> UpdatePoller::Fetch(const Position& position,
                                                service::StopSignal& stop) {
  // While something is under way the offset must be able to move on soon.
  const absl::Duration wait = position.busy ? absl::ZeroDuration() : options_.wait;
  const Call call(absl::Now() + wait + options_.grace, {},
                  [this, &stop] { return stop.requested() || !lease_.held(); });
  return telegram_.GetUpdates(call, position.offset, limit_, wait, AllowedUpdates(*dialogs_.now()));
}

absl::StatusOr<UpdatePoller::Found> UpdatePoller::Accept(const std::string& body) {
  absl::StatusOr<std::vector<Update>> updates = ParseUpdates(body);
  if (!updates.ok()) return Isolate(body);
  limit_ = kLimit;
  Found found = updates->empty() ? Found::kNothing : Found::kKnown;
  for (Update& update : *updates) {
    const int64_t id = update.update_id;
    {
      absl::MutexLock lock(&mutex_);
      if (!window_.Begin(id)) continue;
    }
    found = Found::kNew;
    intake_.HandleSurely(std::move(update), [this, id](bool taken) {
      if (!taken) return;
      absl::MutexLock lock(&mutex_);
      window_.End(id);
      ++ended_;
    });
  }
  return found;
}

absl::StatusOr<UpdatePoller::Found> UpdatePoller::Isolate(const std::string& body) {
  const std::optional<int64_t> id = FindUpdateId(body);
  if (!id.has_value()) return absl::UnavailableError("Telegram's answer cannot be read");
  // Among many the bad one is not known; alone it is.
  if (std::exchange(limit_, 1) > 1) return Found::kNew;
  observe::Error("unreadable update from Telegram skipped");
  absl::MutexLock lock(&mutex_);
  if (window_.Begin(*id)) window_.End(*id);
  return Found::kNew;
}

absl::Duration UpdatePoller::PauseAfter(const absl::Status& failure) {
  ++failures_;
  observe::Warning("fetching updates from Telegram failed",
                   {{"failures", failures_}, {"status", failure}});
  if (status::Reason(failure) == "POLL_CONFLICT") {
    if (absl::StrContains(std::string_view(failure.message()), "webhook")) {
      const absl::Status removed = telegram_.DeleteWebhook(Call::Background(options_.grace));
      if (removed.ok()) return absl::ZeroDuration();
    }
    // Jittered, so that two who disturb each other do not meet again.
    return options_.conflict_pause * absl::Uniform(random_, 1.0, 2.0);
  }
  return resilience::BackoffDelay(
      kBackoff, failures_, status::RetryAfter(failure).value_or(absl::ZeroDuration()), random_);
}

void UpdatePoller::AwaitEnd(uint64_t seen) {
  absl::MutexLock lock(&mutex_);
  const auto changed = [this, seen]()
                           ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ended_ != seen; };
  mutex_.AwaitWithTimeout(absl::Condition(&changed), kBusyPause);
}

}  // namespace selfology::telegram_gateway
