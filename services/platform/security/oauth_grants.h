// Grants in a transaction: a code, a refresh token, a device's code become tokens.
//
// A grant that is refused may have changed something (a code that is shown twice ends its session),
// so a refusal is a value that commits, and no error.
// Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/security/v1/oauth_service.pb.h"
#include "selfology/security/v1/token_service.pb.h"
#include "services/platform/security/oauth_rules.h"
#include "services/platform/security/sessions.h"

namespace selfology::security {

struct GrantOutcome {
  absl::Status refusal = absl::OkStatus();  // By OAuthError.
  v1::Tokens tokens = {};
  int64_t user_id = 0;
  std::string nonce = {};
  absl::Time signed_in_at = absl::UnixEpoch();
};

absl::StatusOr<GrantOutcome> ExchangeCode(postgres::Transaction& tx, const Issuing& issuing,
                                          const OAuthClient& client,
                                          const v1::IssueOAuthTokensRequest& request);
absl::StatusOr<GrantOutcome> ExchangeRefreshToken(postgres::Transaction& tx, const Issuing& issuing,
                                                  const OAuthClient& client,
                                                  const v1::IssueOAuthTokensRequest& request);
absl::StatusOr<GrantOutcome> ExchangeDeviceCode(postgres::Transaction& tx, const Issuing& issuing,
                                                const OAuthClient& client,
                                                const v1::IssueOAuthTokensRequest& request);

}  // namespace selfology::security
