// Accounts with their tokens, which are kept sealed.
//
//   ASSIGN_OR_RETURN(std::string sealed, accounts.Seal(call, user_id, secret));
//   ASSIGN_OR_RETURN(Login login, accounts.Open(call, row));
//
// Errors: DATA_LOSS when a token was sealed with another key; the database's. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/crypto/seal_key.h"
#include "common/postgres/database.h"
#include "common/status/status.h"
#include "services/studio/social/platforms/publisher.h"
#include "services/studio/social/social_store.h"

namespace selfology::social {

class Accounts {
 public:
  // The database outlives it.
  Accounts(postgres::Database& database, crypto::SealKeys seal_keys);

  absl::StatusOr<std::string> Seal(const Call& call, int64_t user_id, std::string_view secret);
  absl::StatusOr<Login> Open(const Call& call, const store::AccountRow& row);
  // What renews a token. The row must have it.
  absl::StatusOr<postgres::Bytes> SealRenewal(const Call& call, int64_t user_id,
                                              const Renewal& renewal);
  absl::StatusOr<Renewal> OpenRenewal(const Call& call, const store::AccountRow& row);
  // Seals what older keys sealed with the newest one.
  absl::Status Reseal(const Call& call);

 private:
  postgres::Database& database_;
  crypto::SealKey seal_key_;
};

// The server as it is kept: without "/" at its end. INVALID_ARGUMENT naming "server".
absl::StatusOr<std::string> ReadServer(std::string_view text);

// Whether accounts of the platform may have such a target; if not, `bad` gets it.
void CheckTarget(v1::Platform platform, std::string_view target, status::FieldViolations& bad);

}  // namespace selfology::social
