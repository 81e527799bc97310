#include "services/edge/telegram_gateway/delivery/due_chats.h"

#include <algorithm>
#include <vector>

#include "absl/time/clock.h"

namespace selfology::telegram_gateway {
namespace {

// Between two looks into the table for what others left.
constexpr absl::Duration kLook = absl::Seconds(1);
// The loop wakes so often, for appointments sooner than the next look.
constexpr absl::Duration kShortestNap = absl::Milliseconds(20);

}  // namespace

void DueChats::Wake(int64_t chat_id) {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return;
  const auto [state, is_new] = states_.try_emplace(chat_id, State::kRunning);
  if (is_new) {
    workers_.Submit([this, chat_id] { WorkOn(chat_id); });
  } else {
    state->second = State::kWokenAgain;
  }
}

void DueChats::WakeAt(int64_t chat_id, absl::Time at) {
  absl::MutexLock lock(&mutex_);
  appointments_.emplace(at, chat_id);
}

void DueChats::WorkOn(int64_t chat_id) {
  while (true) {
    const absl::StatusOr<absl::Time> next = options_.work(chat_id);
    absl::MutexLock lock(&mutex_);
    const auto state = states_.find(chat_id);
    if (state->second == State::kWokenAgain && next.ok() && !stopped_) {
      state->second = State::kRunning;
      continue;
    }
    states_.erase(state);
    if (next.ok() && *next < absl::InfiniteFuture()) appointments_.emplace(*next, chat_id);
    return;
  }
}

void DueChats::Run(service::StopSignal& stop) {
  absl::Time next_look = absl::InfinitePast();
  while (true) {
    absl::Duration nap = kLook;
    {
      absl::MutexLock lock(&mutex_);
      if (!appointments_.empty()) {
        nap = std::min(nap, appointments_.begin()->first - options_.clock());
      }
    }
    if (stop.WaitFor(std::max(nap, kShortestNap))) break;
    WakeThoseDue(options_.clock());
    // By the real clock: a test's may stand still.
    if (absl::Now() < next_look) continue;
    next_look = absl::Now() + kLook;
    options_.look(options_.clock());
  }
  Stop();
}

void DueChats::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  workers_.Stop();
}

bool DueChats::stopped() const {
  absl::MutexLock lock(&mutex_);
  return stopped_;
}

void DueChats::WakeThoseDue(absl::Time now) {
  std::vector<int64_t> chats;
  {
    absl::MutexLock lock(&mutex_);
    const auto end = appointments_.upper_bound({now, INT64_MAX});
    for (auto due = appointments_.begin(); due != end; ++due) chats.push_back(due->second);
    appointments_.erase(appointments_.begin(), end);
  }
  for (const int64_t chat_id : chats) Wake(chat_id);
}

}  // namespace selfology::telegram_gateway
