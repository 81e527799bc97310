// All SQL about apps of others, their codes and devices; see migrations/. Functions that return
// nothing are queued. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "services/platform/security/oauth_rules.h"

namespace selfology::security::store {

// False when there is one of that id.
absl::StatusOr<bool> InsertClient(postgres::Transaction& tx, const OAuthClient& client,
                                  absl::Time now);
absl::StatusOr<std::optional<OAuthClient>> ReadClient(postgres::Transaction& tx,
                                                      const std::string& client_id);

struct Code {
  std::string client_id = {};
  int64_t user_id = 0;
  std::string redirect_uri = {};
  std::string scope = {};
  std::string code_challenge = {};
  std::string nonce = {};
  absl::Time expires_at;
  std::string session_id = {};  // Once it was used.
};
void InsertCode(postgres::Transaction& tx, std::string_view hash, const Code& code);
absl::StatusOr<std::optional<Code>> LockCode(postgres::Transaction& tx, std::string_view hash);
void MarkCodeUsed(postgres::Transaction& tx, std::string_view hash, const std::string& session_id);

struct Device {
  std::string user_code = {};
  std::string client_id = {};
  std::string scope = {};
  absl::Time expires_at;
  std::optional<absl::Time> polled_at = {};
  int64_t user_id = 0;
  std::string decision = {};  // "", "allow", "deny", "used".
};
// False when the user code is taken.
absl::StatusOr<bool> InsertDevice(postgres::Transaction& tx, std::string_view hash,
                                  const Device& device);
absl::StatusOr<std::optional<Device>> LockDevice(postgres::Transaction& tx, std::string_view hash);
void NotePoll(postgres::Transaction& tx, std::string_view hash, absl::Time now);
void MarkDeviceUsed(postgres::Transaction& tx, std::string_view hash);
// False when there is no such code that still waits.
absl::StatusOr<bool> DecideDevice(postgres::Transaction& tx, const std::string& user_code,
                                  int64_t user_id, const std::string& decision, absl::Time now);

}  // namespace selfology::security::store
