#include "services/edge/telegram_gateway/receiving/appointments.h"

#include "absl/time/clock.h"

namespace selfology::telegram_gateway {

void AppointmentBook::Make(int64_t id, absl::Time at) {
  const auto [known, is_new] = times_.try_emplace(id, at);
  if (!is_new) {
    order_.erase({known->second, id});
    known->second = at;
  }
  order_.emplace(at, id);
}

std::vector<int64_t> AppointmentBook::TakeDue(absl::Time now) {
  std::vector<int64_t> due;
  while (!order_.empty() && order_.begin()->first <= now) {
    due.push_back(order_.begin()->second);
    times_.erase(due.back());
    order_.erase(order_.begin());
  }
  return due;
}

absl::Time AppointmentBook::next() const {
  return order_.empty() ? absl::InfiniteFuture() : order_.begin()->first;
}

void Appointments::Make(int64_t id, absl::Time at) {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return;
  book_.Make(id, at);
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  changed_.Signal();
}

void Appointments::Stop() {
  std::thread thread;
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    changed_.Signal();
    thread = std::move(thread_);
  }
  if (thread.joinable()) thread.join();
}

void Appointments::Run() {
  while (true) {
    std::vector<int64_t> due;
    {
      absl::MutexLock lock(&mutex_);
      while (!stopped_ && book_.next() > absl::Now()) {
        changed_.WaitWithDeadline(&mutex_, book_.next());
      }
      if (stopped_) return;
      due = book_.TakeDue(absl::Now());
    }
    for (const int64_t id : due) keep_(id);
  }
}

}  // namespace selfology::telegram_gateway
