#include "services/edge/telegram_gateway/routing/dialog_gate.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/routing/failure_policy.h"

namespace selfology::telegram_gateway {
namespace {

constexpr resilience::BreakerLimits kLimits = {.failures = DialogGate::kTimeouts,
                                               .open = absl::Seconds(5),
                                               .longest_open = absl::Seconds(30),
                                               .half_open_tries = 1};

resilience::CallResult Classify(const absl::Status& status) {
  if (absl::IsDeadlineExceeded(status)) return resilience::CallResult::kFailure;
  // It says nothing of whether it would hang.
  if (absl::IsUnavailable(status) || absl::IsCancelled(status)) {
    return resilience::CallResult::kIgnored;
  }
  return resilience::CallResult::kSuccess;
}

}  // namespace

DialogGate::DialogGate(const std::string& dialog, int most, std::function<absl::Time()> clock,
                       observe::Metrics* metrics)
    : most_(most),
      breaker_(absl::StrCat("dialog:", dialog), {.limits = kLimits,
                                                 .classify = &Classify,
                                                 .clock = std::move(clock),
                                                 .metrics = metrics}) {}

absl::StatusOr<DialogGate::Permit> DialogGate::Enter(Limit limit) {
  {
    absl::MutexLock lock(&mutex_);
    if (limit == Limit::kMost && running_ >= most_) {
      return NotAsked(absl::UnavailableError("the dialog has too many calls at a time"),
                      /*crowded=*/true);
    }
    ++running_;
  }
  absl::StatusOr<resilience::CircuitBreaker::Permit> admitted = breaker_.Admit();
  if (!admitted.ok()) {
    Leave();
    return NotAsked(admitted.status(), /*crowded=*/false);
  }
  return Permit(this, *std::move(admitted));
}

void DialogGate::Leave() {
  absl::MutexLock lock(&mutex_);
  --running_;
}

DialogGate::Permit::~Permit() {
  if (gate_ != nullptr) gate_->Leave();
}

void DialogGate::Permit::Finish(const absl::Status& status, bool had_its_time) && {
  DialogGate* const gate = std::exchange(gate_, nullptr);
  if (gate == nullptr) return;
  const bool timed_out = absl::IsDeadlineExceeded(status);
  // A caller in a hurry has learned nothing.
  const bool counts = !absl::IsCancelled(status) && (had_its_time || !timed_out);
  {
    absl::MutexLock lock(&gate->mutex_);
    --gate->running_;
    if (counts) {
      gate->away_ = status::IsRetryable(status);
      if (!gate->away_) ++gate->answers_;
      if (status.ok()) ++gate->served_;
    }
  }
  if (counts) std::move(breaker_).Finish(status);
}

bool DialogGate::away() const {
  absl::MutexLock lock(&mutex_);
  return away_;
}

int64_t DialogGate::answers() const {
  absl::MutexLock lock(&mutex_);
  return answers_;
}

int64_t DialogGate::served() const {
  absl::MutexLock lock(&mutex_);
  return served_;
}

}  // namespace selfology::telegram_gateway
