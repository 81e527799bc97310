// All SQL of the integration service; see migrations/. Functions that return nothing are queued. Errors: the
// transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity/owner.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "selfology/integration/v1/connection.pb.h"

namespace selfology::integration::store {

inline constexpr std::string_view kRequests = "integration_requests";

// Held while a person's connection comes into being, so that there are no two to one account and
// none after the person was erased.
inline constexpr postgres::AdvisoryLock LockUser("integration.user");

struct AttemptRow {
  std::string state_hash;
  int64_t user_id = 0;
  std::string provider;
  std::vector<std::string> scopes;
  std::string redirect_uri;
  postgres::Bytes verifier;  // Sealed.
  absl::Time expires_at;
  absl::Time taken_until = absl::InfinitePast();
  std::optional<std::string> connection_id = std::nullopt;
  int64_t team_id = 0;
};
void InsertAttempt(postgres::Transaction& tx, const AttemptRow& row);
// nullopt: there is none, or it has expired, or it is another person's or for another team.
absl::StatusOr<std::optional<AttemptRow>> LockAttempt(postgres::Transaction& tx,
                                                      const identity::Owner& owner,
                                                      std::string_view state_hash, absl::Time now);
void TakeAttempt(postgres::Transaction& tx, std::string_view state_hash, absl::Time until);
// False: it was forgotten, or its person was erased.
absl::StatusOr<bool> HasAttempt(postgres::Transaction& tx, std::string_view state_hash);
void FinishAttempt(postgres::Transaction& tx, std::string_view state_hash,
                   std::string_view connection_id);
absl::StatusOr<int64_t> ForgetAttempts(postgres::Transaction& tx, absl::Time now);

struct ConnectionRow {
  std::string connection_id;
  int64_t place = 0;
  int64_t user_id = 0;
  std::string provider;
  std::string account_id;
  std::string account_name;
  std::vector<std::string> scopes;
  postgres::Bytes tokens;  // Sealed.
  bool refreshes = false;
  int64_t generation = 1;
  int32_t state = v1::CONNECTION_STATE_ACTIVE;
  int32_t failure = 0;
  std::optional<absl::Time> failing_since = std::nullopt;
  int32_t failures = 0;
  std::optional<absl::Time> expires_at = std::nullopt;
  std::optional<absl::Time> refresh_at = std::nullopt;
  std::optional<absl::Time> refreshed_at = std::nullopt;
  absl::Time created_at;
  int64_t renewal = 0;
  std::optional<absl::Time> renewing_until = std::nullopt;
  std::optional<absl::Time> throttled_until = std::nullopt;
  int64_t team_id = 0;

  identity::Owner owner() const { return {.user_id = user_id, .team_id = team_id}; }
};
v1::Connection ToProto(const ConnectionRow& row);

void InsertConnection(postgres::Transaction& tx, const ConnectionRow& row);
// All but ids, person, provider, created_at and throttled_until.
void UpdateConnection(postgres::Transaction& tx, const ConnectionRow& row);
void SetAccountName(postgres::Transaction& tx, std::string_view connection_id,
                    std::string_view account_name);
void SetThrottled(postgres::Transaction& tx, std::string_view connection_id, absl::Time until);
// nullopt: this person, or this team, has none of that id.
absl::StatusOr<std::optional<ConnectionRow>> ReadConnection(postgres::Transaction& tx,
                                                            const identity::Owner& owner,
                                                            std::string_view connection_id);
absl::StatusOr<std::optional<ConnectionRow>> LockConnection(postgres::Transaction& tx,
                                                            const identity::Owner& owner,
                                                            std::string_view connection_id);
// The person's connection to that account, locked, whichever team it is for.
absl::StatusOr<std::optional<ConnectionRow>> LockAccount(postgres::Transaction& tx, int64_t user_id,
                                                         std::string_view provider,
                                                         std::string_view account_id);
absl::StatusOr<std::vector<ConnectionRow>> ListConnections(postgres::Transaction& tx,
                                                           const identity::Owner& owner,
                                                           std::string_view provider,
                                                           int64_t after_place, int64_t limit);
void DeleteConnection(postgres::Transaction& tx, std::string_view connection_id);

struct DueRow {
  int64_t user_id = 0;
  std::string connection_id;
  int64_t team_id = 0;
};
// Connections whose tokens are to be renewed, and which nobody renews.
absl::StatusOr<std::vector<DueRow>> ListDue(postgres::Transaction& tx, absl::Time now,
                                            int64_t limit);

struct RevocationRow {
  int64_t revocation_id = 0;
  std::string provider;
  postgres::Bytes tokens;  // Sealed.
  absl::Time created_at;
};
void InsertRevocation(postgres::Transaction& tx, std::string_view provider,
                      const postgres::Bytes& tokens, absl::Time now);
// Takes what is due, so that nobody else does until then.
absl::StatusOr<std::vector<RevocationRow>> TakeRevocations(postgres::Transaction& tx,
                                                           absl::Time now, absl::Time until,
                                                           int64_t limit);
void DeleteRevocation(postgres::Transaction& tx, int64_t revocation_id);

// Everything about a person; their tokens are left to be revoked, without saying whose they were. The number of
// rows.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::integration::store
