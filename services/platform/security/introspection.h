// Whether a token is good, and what it says: access tokens, refresh tokens and API keys.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/postgres/transaction.h"
#include "selfology/security/v1/token_service.pb.h"
#include "services/platform/security/sessions.h"

namespace selfology::security {

// `active: false` and nothing else for what is not good. Errors: the transaction's.
absl::StatusOr<v1::IntrospectTokenResponse> Introspect(postgres::Transaction& tx,
                                                       const Issuing& issuing,
                                                       const std::string& token);

}  // namespace selfology::security
