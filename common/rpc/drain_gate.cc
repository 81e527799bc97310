#include "common/rpc/drain_gate.h"

namespace selfology::rpc {

bool DrainGate::Enter(bool from_outside) {
  absl::MutexLock lock(&mutex_);
  if (closed_ && from_outside) return false;
  ++inside_;
  return true;
}

void DrainGate::Leave() {
  absl::MutexLock lock(&mutex_);
  --inside_;
}

void DrainGate::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
}

bool DrainGate::AwaitEmpty(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto empty = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return inside_ == 0; };
  return mutex_.AwaitWithDeadline(absl::Condition(&empty), deadline);
}

}  // namespace selfology::rpc
