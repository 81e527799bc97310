#include "common/service/stop_signal.h"

#include <utility>

namespace selfology::service {

bool StopSignal::requested() const {
  absl::MutexLock lock(&mutex_);
  return requested_;
}

bool StopSignal::WaitFor(absl::Duration timeout) const {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(
      absl::Condition(+[](const bool* requested) { return *requested; }, &requested_), timeout);
}

void StopSignal::OnRequest(std::function<void()> wake) {
  {
    absl::MutexLock lock(&mutex_);
    if (!requested_) {
      wakes_.push_back(std::move(wake));
      return;
    }
  }
  wake();
}

void StopSignal::Request() {
  std::vector<std::function<void()>> wakes;
  {
    absl::MutexLock lock(&mutex_);
    if (requested_) return;
    requested_ = true;
    wakes.swap(wakes_);
  }
  for (const auto& wake : wakes) wake();
}

}  // namespace selfology::service
