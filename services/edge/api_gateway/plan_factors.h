// How many times the usual rate limits a person's plan allows: what the user service says, remembered
// for five minutes, or until an event says that it may be otherwise.
//
//   PlanFactors factors(clock, [&](const Call& call, int64_t user_id) { ... ask the owner ... });
//   limits.Judge(call, method, key, factors.Of(call, user_id), now);
//   factors.Forget(event.user_id());             // subscription.changed
//
// A person is asked about once at a time; who comes meanwhile, or while the owner is away, has what
// was known last, at first the usual limits. After a failure nobody is asked about for two seconds.
// Thread-safe.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"

namespace selfology::api_gateway {

class PlanFactors {
 public:
  // More people than that are not remembered at a time.
  static constexpr size_t kMaxPeople = 100'000;

  using Ask = std::function<absl::StatusOr<int>(const Call&, int64_t user_id)>;

  PlanFactors(std::function<absl::Time()> clock, Ask ask);

  // 1 or more; 1 for nobody (0).
  int Of(const Call& call, int64_t user_id);

  void Forget(int64_t user_id);
  void ForgetAll();

 private:
  struct Known {
    int factor = 1;
    absl::Time until = absl::InfinitePast();  // It is asked again then.
  };

  const std::function<absl::Time()> clock_;
  const Ask ask_;
  absl::Mutex mutex_;
  absl::flat_hash_map<int64_t, Known> known_ ABSL_GUARDED_BY(mutex_);
  absl::Time ask_again_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace selfology::api_gateway
