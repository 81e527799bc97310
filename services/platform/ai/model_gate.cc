#include "services/platform/ai/model_gate.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/platform/ai/failure.h"

namespace selfology::ai {
namespace {

// Whatever a provider asks for: a mistake of its must not last until our next start.
constexpr absl::Duration kLongestPause = absl::Hours(1);

// A key that was revoked or a model that was withdrawn does not come back soon, either.
resilience::CallResult Classify(const absl::Status& status) {
  return IsForOperator(status) ? resilience::CallResult::kFailure
                               : resilience::ClassifyCall(status);
}

const char* NameOf(Priority priority) {
  switch (priority) {
    case Priority::kReply:
      return "reply";
    case Priority::kInstant:
      return "instant";
    case Priority::kBackground:
      break;
  }
  return "background";
}

}  // namespace

ModelGate::ModelGate(Model model, const ModelGateOptions& options)
    : model_(std::move(model)),
      options_(options),
      requests_metric_(options.metrics, "ai_model"),
      slots_(model_.concurrency) {
  if (options_.metrics != nullptr && model_.concurrency > 0) {
    waiting_ = options_.metrics->Gauge(
        "ai_model_waiting", "Calls waiting for a free slot of a model", {{"model", model_.name}});
  }
  if (!HasBreaker(model_)) return;
  breaker_.emplace(absl::StrCat(model_.provider, ":", model_.name),
                   resilience::CircuitBreaker::Options{.limits = options_.breaker,
                                                       .classify = &Classify,
                                                       .clock = options_.clock,
                                                       .metrics = options_.metrics});
}

absl::Status ModelGate::RunAny(const Call& call, Priority priority,
                               absl::FunctionRef<absl::Status(const Call&)> ask) {
  RETURN_IF_ERROR(CheckPause());
  std::optional<resilience::CircuitBreaker::Permit> permit;
  if (breaker_.has_value()) {
    ASSIGN_OR_RETURN(resilience::CircuitBreaker::Permit admitted, breaker_->Admit());
    permit.emplace(std::move(admitted));
  }
  const absl::Time start = options_.clock();
  const Call turn = call.WithTimeout(model_.timeout);
  absl::Duration given = absl::ZeroDuration();
  bool asked = false;
  const absl::Status status = resilience::Retry(turn, options_.retry, [&]() -> absl::Status {
    const absl::Time arrival = absl::Now();
    waiting_.Increment();
    absl::StatusOr<Slots::Slot> slot = slots_.Take(turn, turn.Remaining() / 2, priority);
    waiting_.Decrement();
    RETURN_IF_ERROR(slot.status());
    if (options_.metrics != nullptr && model_.concurrency > 0) {
      options_.metrics
          ->Histogram("ai_model_wait_seconds", "Time that calls waited for a free slot of a model",
                      observe::LatencyBuckets(),
                      {{"model", model_.name}, {"priority", NameOf(priority)}})
          .Observe(absl::Now() - arrival);
    }
    asked = true;
    given = turn.Remaining();
    absl::Status outcome = ask(turn);
    Heed(outcome);
    return outcome;
  });
  requests_metric_.Record(model_.name, status.code(), options_.clock() - start);
  if (!asked) return status;
  {
    absl::MutexLock lock(&mutex_);
    ++requests_;
    if (!status.ok()) ++failures_;
  }
  Note(status);
  // A permit that is let go of without a word counts neither way.
  const bool hurried = given < std::min(kFairPatience, model_.timeout / 2);
  if (permit.has_value() && (!hurried || !absl::IsDeadlineExceeded(status))) {
    std::move(*permit).Finish(status);
  }
  return status;
}

absl::Status ModelGate::CheckPause() const {
  absl::MutexLock lock(&mutex_);
  const absl::Duration left = paused_until_ - options_.clock();
  return left > absl::ZeroDuration() ? Paused(left) : absl::OkStatus();
}

void ModelGate::Heed(const absl::Status& failure) {
  const std::optional<absl::Duration> delay = status::RetryAfter(failure);
  if (!delay.has_value() || !HasBreaker(model_)) return;
  absl::MutexLock lock(&mutex_);
  paused_until_ = std::max(paused_until_, options_.clock() + std::min(*delay, kLongestPause));
}

void ModelGate::Note(const absl::Status& outcome) {
  if (absl::IsCancelled(outcome)) return;
  std::string trouble = outcome.ok() ? "" : WhyFailed(outcome);
  {
    absl::MutexLock lock(&mutex_);
    if (trouble_ == trouble) return;
    trouble_ = std::move(trouble);
  }
  if (outcome.ok()) {
    observe::Info("model recovered", {{"model", model_.name}});
  } else if (IsForOperator(outcome)) {
    observe::Error("model rejects requests: check its key, name and quota",
                   {{"model", model_.name}, {"status", outcome}});
  } else {
    observe::Warning("model failed", {{"model", model_.name}, {"status", outcome}});
  }
}

resilience::BreakerState ModelGate::breaker_state() const {
  return breaker_.has_value() ? breaker_->state() : resilience::BreakerState::kClosed;
}

std::optional<absl::Time> ModelGate::retry_at() const {
  std::optional<absl::Time> at = breaker_.has_value() ? breaker_->retry_at() : std::nullopt;
  absl::MutexLock lock(&mutex_);
  if (paused_until_ > options_.clock()) at = std::max(at.value_or(paused_until_), paused_until_);
  return at;
}

int64_t ModelGate::requests() const {
  absl::MutexLock lock(&mutex_);
  return requests_;
}

int64_t ModelGate::failures() const {
  absl::MutexLock lock(&mutex_);
  return failures_;
}

}  // namespace selfology::ai
