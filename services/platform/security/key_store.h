// All SQL about keys; see migrations/. Functions that return nothing are queued. Errors: the
// transaction's. Threads: as the transaction's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"

namespace selfology::security::store {

// Held while keys are made, so that no two replicas make one for the same time.
inline constexpr postgres::AdvisoryLock LockKeys("security.keys");

struct KeyRow {
  std::string kid;
  std::optional<std::string> private_jwk;  // Sealed.
  std::string public_jwk;                  // A JsonWebKey in JSON.
  absl::Time signs_from;
};
// Each algorithm's keys have a table of their own.
inline constexpr std::string_view kEcKeys = "security_signing_keys";
inline constexpr std::string_view kRsaKeys = "security_rsa_keys";

// In the order of signs_from.
absl::StatusOr<std::vector<KeyRow>> ReadKeys(postgres::Transaction& tx, std::string_view table);
void InsertKey(postgres::Transaction& tx, std::string_view table, const KeyRow& key);
// Forgets the private parts of keys that signed before this one.
void DropPrivateBefore(postgres::Transaction& tx, std::string_view table, absl::Time signs_from);

}  // namespace selfology::security::store
