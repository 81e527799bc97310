// Stops calling a far service that keeps failing, and finds out gently whether it is back.
//
//   resilience::CircuitBreaker breaker("telegram", {.metrics = &metrics});
//   auto sent = breaker.Run([&] { return http.Send(call, request); });
//
// CLOSED: calls go through; `failures` (5) failures in a row open the circuit.
//
// OPEN: for `open` (60 s) calls fail at once with UNAVAILABLE, reason SERVICE_DEGRADED, and a
// RetryInfo that says for how long still; nothing is called.
//
// HALF_OPEN: then up to `half_open_tries` (3) calls are let through as trials. As many successes
// close the circuit, one failure opens it again, for another `open`, or, where `longest_open` says
// so, for twice as long as the time before. Calls beyond the trials fail as above, without RetryInfo.
//
// Results of calls that began before the last change of state say nothing about the present and
// are ignored. What other results mean (Options.classify):
// - failure: UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL, UNKNOWN, DATA_LOSS. The far side is not
//   working.
// - ignored: CANCELLED (our caller left) and RESOURCE_EXHAUSTED (we are too fast; it works, and
//   says when to come back, which retry.h obeys). Neither breaks a row of failures nor adds to it.
// - success: everything else. An answer that we did not like is still an answer.
//
// Metric: circuit_breaker_state{target}: 0 closed, 1 half open, 2 open.
//
// 5, 60 s and 3 are R001-22. Threads: thread-safe, but for BreakerCore.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/observe/metrics.h"
#include "common/status/status_macros.h"

namespace selfology::resilience {

enum class BreakerState { kClosed = 0, kHalfOpen = 1, kOpen = 2 };
enum class CallResult { kSuccess, kFailure, kIgnored };

std::string_view ToString(BreakerState state);

CallResult ClassifyCall(const absl::Status& status);

struct BreakerLimits {
  int failures = 5;
  absl::Duration open = absl::Seconds(60);
  // More than `open`: each time the circuit opens again without having been closed, it is for twice
  // as long as before, up to this.
  absl::Duration longest_open = absl::ZeroDuration();
  int half_open_tries = 3;
};

// The rules above as a pure state machine: time comes in, nothing goes out.
class BreakerCore {
 public:
  explicit BreakerCore(BreakerLimits limits) : limits_(limits) {}

  // Whether a call may be made now; if so, the epoch to give to Finish.
  struct Admission {
    bool admitted = false;
    int64_t epoch = 0;
    // When not admitted because the circuit is open.
    absl::Duration retry_after = absl::ZeroDuration();
  };
  Admission Admit(absl::Time now);

  // Once for every call that was admitted.
  void Finish(int64_t epoch, CallResult result, absl::Time now);

  BreakerState state() const { return state_; }
  // When an open circuit lets trials through.
  std::optional<absl::Time> retry_at() const {
    return state_ == BreakerState::kOpen ? std::optional(open_until_) : std::nullopt;
  }

 private:
  void Enter(BreakerState state);
  absl::Duration NextOpen() const;

  const BreakerLimits limits_;
  BreakerState state_ = BreakerState::kClosed;
  int64_t epoch_ = 0;                               // Counts changes of state.
  int failures_ = 0;                                // In a row, while closed.
  int trials_ = 0;                                  // Running, while half open.
  int successes_ = 0;                               // While half open.
  absl::Duration open_for_ = absl::ZeroDuration();  // The last time; zero: closed since.
  absl::Time open_until_;
};

class CircuitBreaker {
 public:
  struct Options {
    BreakerLimits limits = {};
    std::function<CallResult(const absl::Status&)> classify = &ClassifyCall;
    std::function<absl::Time()> clock = &absl::Now;
    observe::Metrics* metrics = nullptr;  // Outlives the breaker; null: none.
  };

  // target: a few fixed words such as "telegram", "openai:gpt-4o".
  CircuitBreaker(std::string target, Options options);
  CircuitBreaker(const CircuitBreaker&) = delete;
  CircuitBreaker& operator=(const CircuitBreaker&) = delete;

  // Leave to make one call; tell it how the call went. Dropped without a word, it counts as
  // ignored.
  class Permit {
   public:
    Permit(Permit&& other) noexcept
        : breaker_(std::exchange(other.breaker_, nullptr)), epoch_(other.epoch_) {}
    Permit& operator=(Permit&&) = delete;
    ~Permit();

    void Finish(const absl::Status& status) &&;

   private:
    friend class CircuitBreaker;
    Permit(CircuitBreaker* breaker, int64_t epoch) : breaker_(breaker), epoch_(epoch) {}

    CircuitBreaker* breaker_;
    int64_t epoch_;
  };
  absl::StatusOr<Permit> Admit();

  // f() -> absl::Status or absl::StatusOr<T>; gives the same.
  template <typename F>
  std::invoke_result_t<F> Run(F&& f) {
    ASSIGN_OR_RETURN(Permit permit, Admit());
    std::invoke_result_t<F> result = std::forward<F>(f)();
    std::move(permit).Finish(status_internal::ToStatus(result));
    return result;
  }

  BreakerState state() const;
  std::optional<absl::Time> retry_at() const;  // As BreakerCore.
  const std::string& target() const { return target_; }

 private:
  void Finish(int64_t epoch, CallResult result);
  // Shows the state in the gauge and logs a change from `before`.
  void Show(BreakerState before) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string target_;
  const Options options_;
  const observe::Gauge gauge_;

  mutable absl::Mutex mutex_;
  BreakerCore core_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::resilience
