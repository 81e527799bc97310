// Keeps one dialog that hangs or is overloaded from using up the threads that all others need.
//
//   ASSIGN_OR_RETURN(DialogGate::Permit permit, gate.Enter());     // to call it about an update
//   const auto response = client.React(call, request);
//   std::move(permit).Finish(response.status(), had_its_time);
//
// After kTimeouts calls in a row that timed out, the dialog is only called for a trial now and then
// (common/resilience/circuit_breaker.h). And no more than `most` calls about new updates run at a
// time. Either way Enter fails at once with UNAVAILABLE, which WasNotAsked (failure_policy.h) tells
// from a failure of the dialog's.
//
// What fails fast costs nothing and opens no circuit; it counts as away all the same.
// Metric: circuit_breaker_state{target="dialog:<name>"}. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/observe/metrics.h"
#include "common/resilience/circuit_breaker.h"

namespace selfology::telegram_gateway {

class DialogGate {
 public:
  static constexpr int kTimeouts = 5;

  // metrics: outlives it; null: none.
  DialogGate(const std::string& dialog, int most, std::function<absl::Time()> clock,
             observe::Metrics* metrics);

  // One call; without a word about it, it counts for nothing.
  class Permit {
   public:
    Permit(Permit&& other) noexcept
        : gate_(std::exchange(other.gate_, nullptr)), breaker_(std::move(other.breaker_)) {}
    Permit& operator=(Permit&&) = delete;
    ~Permit();

    // had_its_time: a timeout is the dialog's fault, and not that of a caller in a hurry.
    void Finish(const absl::Status& status, bool had_its_time) &&;

   private:
    friend class DialogGate;
    Permit(DialogGate* gate, resilience::CircuitBreaker::Permit breaker)
        : gate_(gate), breaker_(std::move(breaker)) {}

    DialogGate* gate_;
    resilience::CircuitBreaker::Permit breaker_;
  };

  enum class Limit { kMost, kNone };
  // kNone: there may be any number of them, for somebody else sees to that; they count, though.
  absl::StatusOr<Permit> Enter(Limit limit = Limit::kMost);

  // Whether the last call of all showed that the dialog cannot be used just now.
  bool away() const;
  // How many calls it has answered, well or not.
  int64_t answers() const;
  // Well.
  int64_t served() const;

 private:
  void Leave();

  const int most_;
  resilience::CircuitBreaker breaker_;
  mutable absl::Mutex mutex_;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  bool away_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t answers_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t served_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace selfology::telegram_gateway
