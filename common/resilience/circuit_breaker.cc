#include "common/resilience/circuit_breaker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::resilience {

std::string_view ToString(BreakerState state) {
  switch (state) {
    case BreakerState::kClosed:
      return "CLOSED";
    case BreakerState::kHalfOpen:
      return "HALF_OPEN";
    case BreakerState::kOpen:
      return "OPEN";
  }
  return "?";
}

CallResult ClassifyCall(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return CallResult::kFailure;
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kResourceExhausted:
      return CallResult::kIgnored;
    default:
      return CallResult::kSuccess;
  }
}

BreakerCore::Admission BreakerCore::Admit(absl::Time now) {
  if (state_ == BreakerState::kOpen) {
    // A clock that was set back must not keep the circuit open for longer.
    open_until_ = std::min(open_until_, now + open_for_);
    if (now < open_until_) return {.retry_after = open_until_ - now};
    Enter(BreakerState::kHalfOpen);
  }
  if (state_ == BreakerState::kHalfOpen) {
    if (trials_ + successes_ >= limits_.half_open_tries) return {};
    ++trials_;
  }
  return {.admitted = true, .epoch = epoch_};
}

void BreakerCore::Finish(int64_t epoch, CallResult result, absl::Time now) {
  if (epoch != epoch_) return;
  const bool half_open = state_ == BreakerState::kHalfOpen;
  if (half_open) --trials_;
  switch (result) {
    case CallResult::kIgnored:
      return;
    case CallResult::kSuccess:
      failures_ = 0;
      if (half_open && ++successes_ >= limits_.half_open_tries) Enter(BreakerState::kClosed);
      return;
    case CallResult::kFailure:
      if (half_open || ++failures_ >= limits_.failures) {
        open_for_ = NextOpen();
        Enter(BreakerState::kOpen);
        open_until_ = now + open_for_;
      }
      return;
  }
}

absl::Duration BreakerCore::NextOpen() const {
  if (open_for_ == absl::ZeroDuration()) return limits_.open;
  return std::clamp(2 * open_for_, limits_.open, std::max(limits_.open, limits_.longest_open));
}

void BreakerCore::Enter(BreakerState state) {
  state_ = state;
  if (state == BreakerState::kClosed) open_for_ = absl::ZeroDuration();
  ++epoch_;
  failures_ = 0;
  trials_ = 0;
  successes_ = 0;
}

CircuitBreaker::CircuitBreaker(std::string target, Options options)
    : target_(std::move(target)),
      options_(std::move(options)),
      gauge_(
          options_.metrics == nullptr
              ? observe::Gauge()
              : options_.metrics->Gauge("circuit_breaker_state",
                                        "State of a circuit breaker: 0 closed, 1 half open, 2 open",
                                        {{"target", target_}})),
      core_(options_.limits) {
  gauge_.Set(static_cast<double>(BreakerState::kClosed));
}

CircuitBreaker::Permit::~Permit() {
  if (breaker_ != nullptr) breaker_->Finish(epoch_, CallResult::kIgnored);
}

void CircuitBreaker::Permit::Finish(const absl::Status& status) && {
  CircuitBreaker* const breaker = std::exchange(breaker_, nullptr);
  if (breaker != nullptr) breaker->Finish(epoch_, breaker->options_.classify(status));
}

absl::StatusOr<CircuitBreaker::Permit> CircuitBreaker::Admit() {
  const absl::Time now = options_.clock();
  BreakerCore::Admission admission;
  {
    absl::MutexLock lock(&mutex_);
    const BreakerState before = core_.state();
    admission = core_.Admit(now);
    Show(before);
  }
  if (admission.admitted) return Permit(this, admission.epoch);
  absl::Status refused =
      status::Error(mesh::v1::ERROR_CODE_SERVICE_DEGRADED,
                    absl::StrCat("circuit to ", target_, " is open"), {{"target", target_}});
  if (admission.retry_after <= absl::ZeroDuration()) return refused;
  return status::WithRetryAfter(std::move(refused), admission.retry_after);
}

void CircuitBreaker::Finish(int64_t epoch, CallResult result) {
  const absl::Time now = options_.clock();
  absl::MutexLock lock(&mutex_);
  const BreakerState before = core_.state();
  core_.Finish(epoch, result, now);
  Show(before);
}

BreakerState CircuitBreaker::state() const {
  absl::MutexLock lock(&mutex_);
  return core_.state();
}

std::optional<absl::Time> CircuitBreaker::retry_at() const {
  absl::MutexLock lock(&mutex_);
  return core_.retry_at();
}

void CircuitBreaker::Show(BreakerState before) {
  const BreakerState now = core_.state();
  if (now == before) return;
  gauge_.Set(static_cast<double>(now));
  observe::Warning(observe::Category::kPerformance, "circuit breaker changed state",
                   {{"target", target_}, {"from", ToString(before)}, {"to", ToString(now)}});
}

}  // namespace selfology::resilience
