#include "services/platform/integration/renewal_rules.h"

#include <algorithm>

namespace selfology::integration {
namespace {

constexpr absl::Duration kAhead = absl::Minutes(5);
constexpr absl::Duration kFirstPause = absl::Seconds(30);
constexpr absl::Duration kLongestPause = absl::Hours(1);
constexpr int kFailuresToTell = 3;

v1::ConnectionFailure FailureOf(TokenError error, bool interrupted) {
  switch (error) {
    case TokenError::kGrant:
      return interrupted ? v1::CONNECTION_FAILURE_INTERRUPTED
                         : v1::CONNECTION_FAILURE_GRANT_REVOKED;
    case TokenError::kClient:
      return v1::CONNECTION_FAILURE_CLIENT_REFUSED;
    case TokenError::kStrange:
      return v1::CONNECTION_FAILURE_BAD_ANSWER;
    case TokenError::kAway:
    case TokenError::kNone:
      return v1::CONNECTION_FAILURE_PROVIDER_AWAY;
  }
  return v1::CONNECTION_FAILURE_UNSPECIFIED;
}

}  // namespace

absl::Time RefreshAt(absl::Time now, absl::Duration lasts) {
  return now + lasts - std::min(std::max(lasts / 10, kAhead), lasts / 2);
}

Health AfterFailure(const Health& before, TokenError error, bool interrupted,
                    std::optional<absl::Time> expires_at, absl::Time now) {
  Health after{.state = before.state,
               .failure = FailureOf(error, interrupted),
               .failures = before.failures + 1};
  if (error == TokenError::kGrant) {
    after.state = v1::CONNECTION_STATE_BROKEN;
    after.tell = before.state != v1::CONNECTION_STATE_BROKEN;
    return after;
  }
  // A client that is refused, or an answer that makes no sense, may be a mistake of a day's.
  absl::Duration pause = kFirstPause;
  for (int i = 1; i < after.failures && pause < kLongestPause; ++i) pause *= 2;
  after.refresh_at = now + std::min(pause, kLongestPause);
  // As long as the token holds, nobody notices: it is worth telling when that ends, or goes on.
  const bool holds = expires_at.has_value() && *expires_at > now;
  if (!holds || after.failures >= kFailuresToTell) {
    after.state = v1::CONNECTION_STATE_FAILING;
    after.tell = before.state == v1::CONNECTION_STATE_ACTIVE;
  }
  return after;
}

}  // namespace selfology::integration
