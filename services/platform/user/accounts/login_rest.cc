#include "services/platform/user/accounts/login_rest.h"

#include <algorithm>

namespace selfology::user {

absl::Duration RestLeft(const LoginFailures& failures, absl::Time now) {
  if (failures.count <= kFreeFailures || now - failures.last_at >= kFailuresLast) {
    return absl::ZeroDuration();
  }
  // 2, 4, 8 ... seconds.
  const int64_t doublings = std::min<int64_t>(failures.count - kFreeFailures, 20);
  const absl::Duration rest = std::min(absl::Seconds(int64_t{1} << doublings), kLongestRest);
  return std::max(failures.last_at + rest - now, absl::ZeroDuration());
}

LoginFailures AfterFailure(const LoginFailures& failures, absl::Time now) {
  const bool forgotten = now - failures.last_at >= kFailuresLast;
  return {forgotten ? 1 : failures.count + 1, now};
}

}  // namespace selfology::user
