// All SQL about API keys; see migrations/. Functions that return nothing are queued. Errors: the
// transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/security/v1/api_key_service.pb.h"

namespace selfology::security::store {

struct ApiKey {
  std::string id = {};
  int64_t user_id = 0;
  std::string secret_hash = {};
  std::string display_name = {};
  std::vector<std::string> scopes = {};
  absl::Time created_at;
  std::optional<absl::Time> expires_at = {};
  std::optional<absl::Time> last_used_at = {};
  std::optional<absl::Time> revoked_at = {};
};
v1::ApiKey ToProto(const ApiKey& key);

// False when there is one of that id.
absl::StatusOr<bool> InsertApiKey(postgres::Transaction& tx, const ApiKey& key);
absl::StatusOr<std::optional<ApiKey>> ReadApiKey(postgres::Transaction& tx, const std::string& id);
void NoteUse(postgres::Transaction& tx, const std::string& id, absl::Time now);
// Good ones, the newest first, those behind the key with this id; empty: from the newest.
absl::StatusOr<std::vector<v1::ApiKey>> ListApiKeys(postgres::Transaction& tx, int64_t user_id,
                                                    const std::string& before, absl::Time now,
                                                    int64_t limit);
// False when it was revoked before.
absl::StatusOr<bool> RevokeApiKey(postgres::Transaction& tx, const std::string& id, absl::Time now);

}  // namespace selfology::security::store
