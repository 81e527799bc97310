// The way to one model: its breaker, its slots, the delay that its provider has asked for, tries
// and what is said of it in the log. Shared by all that ask the model.
//
//   ModelGate gate(model, options);
//   absl::StatusOr<Answer> answer = gate.Run<Answer>(
//       call, Priority::kReply, [&](const Call& turn) { return provider.Complete(turn, ...); });
//
// One run, of at most the model's own time-out:
//   - it fails at once while the breaker is open (5 failures in a row: 60 s, then 3 trials), or
//     until the provider's Retry-After is over (for an hour at most);
//   - it waits for a slot (slots.h), half of its time at most;
//   - it tries up to 3 times, 1 to 10 s apart with jitter and no sooner than a Retry-After, as long
//     as failures are of the kind that passes and the time lasts; the slot is free meanwhile.
// A model that ran out of less time than kFairPatience, its own time-out apart, is not blamed:
// callers in a hurry must not open the breaker for those who can wait. Local models have neither
// breaker nor delay (HasBreaker).
//
// The log says once what is wrong with a model, again when it is something else, and once that it
// answers again; as an error what an operator has to correct.
//
// Errors: those of the function; SERVICE_DEGRADED (UNAVAILABLE) of the breaker; Paused and Busy
// (failure.h). Metrics: request_duration_seconds{kind="ai_model", operation=<model>} for each run,
// for models with a number of slots ai_model_waiting{model} and ai_model_wait_seconds{model,
// priority}. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/resilience/circuit_breaker.h"
#include "common/resilience/retry.h"
#include "services/platform/ai/model.h"
#include "services/platform/ai/slots.h"

namespace selfology::ai {

inline constexpr absl::Duration kFairPatience = absl::Seconds(4);

struct ModelGateOptions {
  observe::Metrics* metrics = nullptr;  // May be null; outlives the gate.
  resilience::RetryOptions retry = {};
  resilience::BreakerLimits breaker = {};
  std::function<absl::Time()> clock = &absl::Now;
};

class ModelGate {
 public:
  ModelGate(Model model, const ModelGateOptions& options);

  template <typename T>
  absl::StatusOr<T> Run(const Call& call, Priority priority,
                        absl::FunctionRef<absl::StatusOr<T>(const Call&)> ask) {
    absl::StatusOr<T> result = absl::UnknownError("not asked");
    const absl::Status status = RunAny(call, priority, [&](const Call& turn) {
      result = ask(turn);
      return result.status();
    });
    return status.ok() ? std::move(result) : absl::StatusOr<T>(status);
  }

  // Of what was answered, but is of no use: for the log.
  void NoteUnusable(const absl::Status& failure) { Note(failure); }

  const Model& model() const { return model_; }
  resilience::BreakerState breaker_state() const;
  // When it is asked again; absent: now.
  std::optional<absl::Time> retry_at() const;
  int64_t requests() const;
  int64_t failures() const;
  int waiting() const { return slots_.waiting(); }  // For a slot.

 private:
  absl::Status RunAny(const Call& call, Priority priority,
                      absl::FunctionRef<absl::Status(const Call&)> ask);
  absl::Status CheckPause() const;
  void Heed(const absl::Status& failure);
  void Note(const absl::Status& outcome);

  const Model model_;
  const ModelGateOptions options_;
  observe::Requests requests_metric_;
  std::optional<resilience::CircuitBreaker> breaker_;
  Slots slots_;
  observe::Gauge waiting_;

  mutable absl::Mutex mutex_;
  absl::Time paused_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::string trouble_ ABSL_GUARDED_BY(mutex_);  // As logged last; empty: none.
  int64_t requests_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t failures_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace selfology::ai
