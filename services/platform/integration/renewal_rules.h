// When tokens are renewed, and what a renewal that failed means for a connection.
//
// Threads: pure functions.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "selfology/integration/v1/connection.pb.h"
#include "services/platform/integration/token_answer.h"

namespace selfology::integration {

// Ahead of the end: a tenth of the token's life, but at least 5 minutes, and at most half of it.
absl::Time RefreshAt(absl::Time now, absl::Duration lasts);

struct Health {
  v1::ConnectionState state = v1::CONNECTION_STATE_ACTIVE;
  v1::ConnectionFailure failure = v1::CONNECTION_FAILURE_UNSPECIFIED;
  int failures = 0;  // In a row.
  std::optional<absl::Time> refresh_at = {};
  bool tell = false;  // Its owner has to know.
};

// After a renewal that failed. interrupted: another one before it was never finished, so that the refresh
// token may have been used up by ourselves. expires_at: of the token that it has.
Health AfterFailure(const Health& before, TokenError error, bool interrupted,
                    std::optional<absl::Time> expires_at, absl::Time now);

}  // namespace selfology::integration
