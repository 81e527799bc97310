#include "common/rpc/drain_gate.h"

namespace selfology::rpc {
namespace {

constexpr int64_t kClosed = 1;
constexpr int64_t kCall = 2;

}  // namespace

bool DrainGate::Enter() { return (state_.fetch_add(kCall) & kClosed) == 0; }

void DrainGate::Leave() {
  if ((state_.fetch_sub(kCall) & kClosed) == 0) return;
  // Unlocking has the waiter look again.
  absl::MutexLock lock(&mutex_);
}

void DrainGate::Close() { state_.fetch_or(kClosed); }

bool DrainGate::Empty() const { return state_ < kCall; }

bool DrainGate::AwaitEmpty(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithDeadline(absl::Condition(this, &DrainGate::Empty), deadline);
}

}  // namespace selfology::rpc
