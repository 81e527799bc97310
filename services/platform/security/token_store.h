// All SQL about sessions, refresh tokens, revocations and what mini apps showed; see migrations/.
// Functions that return nothing are queued. Errors: the transaction's. Threads: as the
// transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/security/v1/token_service.pb.h"
#include "selfology/security/v1/verification_service.pb.h"
#include "services/platform/security/threats.h"

namespace selfology::security::store {

struct Session {
  std::string id;
  int64_t user_id = 0;
  std::string client_id = {};
  std::string scope = {};
  std::string method = {};
  std::string device_name = {};
  Place place = {};
  absl::Time created_at;
  absl::Time last_used_at;
  absl::Time expires_at;
  absl::Time ends_at;
};
void InsertSession(postgres::Transaction& tx, const Session& session);
void ProlongSession(postgres::Transaction& tx, const std::string& id, absl::Time now,
                    absl::Time expires_at);

struct RefreshToken {
  Session session;
  std::optional<absl::Time> revoked_at;
  std::optional<absl::Time> rotated_at;
  std::optional<std::string> answer;  // Sealed.
};
// Locks it and its session until the transaction ends, so that of two who show it at once one
// waits for the other.
absl::StatusOr<std::optional<RefreshToken>> LockRefreshToken(postgres::Transaction& tx,
                                                             std::string_view hash);
// Without locks.
absl::StatusOr<std::optional<RefreshToken>> ReadRefreshToken(postgres::Transaction& tx,
                                                             std::string_view hash);
void InsertRefreshToken(postgres::Transaction& tx, std::string_view hash,
                        const std::string& session_id);
void MarkRotated(postgres::Transaction& tx, std::string_view hash, absl::Time now,
                 std::string_view answer);

// Those that are open, newest first, behind the one with this id; empty: from the newest.
absl::StatusOr<std::vector<v1::LoginSession>> ListSessions(postgres::Transaction& tx,
                                                           int64_t user_id, std::string_view before,
                                                           absl::Time now, int64_t limit);
// Marks open sessions as revoked, those of ids or all but one; gives them.
absl::StatusOr<std::vector<std::string>> RevokeSessions(postgres::Transaction& tx, int64_t user_id,
                                                        const std::vector<std::string>& ids,
                                                        absl::Time now);
absl::StatusOr<std::vector<std::string>> RevokeOtherSessions(postgres::Transaction& tx,
                                                             int64_t user_id,
                                                             const std::string& except,
                                                             absl::Time now);
// All that the person has or had, and the ids of their API keys.
absl::StatusOr<std::vector<std::string>> SessionIdsOf(postgres::Transaction& tx, int64_t user_id);
absl::StatusOr<std::vector<std::string>> ApiKeyIdsOf(postgres::Transaction& tx, int64_t user_id);
// Whether the session is, or was, the person's.
absl::StatusOr<bool> HasSession(postgres::Transaction& tx, int64_t user_id, const std::string& id);
// The last one whose country is known.
absl::StatusOr<std::optional<SignIn>> LastSignIn(postgres::Transaction& tx, int64_t user_id);

void InsertRevocation(postgres::Transaction& tx, const v1::Revocation& revocation, int64_t user_id,
                      absl::Time now, absl::Time forget_after);
absl::StatusOr<std::vector<v1::Revocation>> ListRevocations(postgres::Transaction& tx,
                                                            absl::Time now);
// Whether a token of these facts is revoked.
struct TokenIds {
  int64_t user_id = 0;
  std::string session_id = {};
  std::string token_id = {};
  absl::Time issued_at;
};
absl::StatusOr<bool> IsRevoked(postgres::Transaction& tx, const TokenIds& token);

// What it takes to issue a person's token.
struct Person {
  std::vector<std::string> roles;                     // Granted ones.
  absl::Time last_revocation = absl::InfinitePast();  // Of all their tokens.
};
absl::StatusOr<Person> ReadPerson(postgres::Transaction& tx, int64_t user_id);

// False when it was used before.
absl::StatusOr<bool> UseInitData(postgres::Transaction& tx, std::string_view hash,
                                 absl::Time forget_after);

// Answers after the grace, sessions that ended, and revocations that matter no more.
void ForgetOld(postgres::Transaction& tx, absl::Time now, absl::Duration grace);

// Everything about a person in all tables of the service; the number of rows.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::security::store
