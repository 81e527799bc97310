// Sessions in a transaction: opened, prolonged, ended. For the token service and the OAuth provider.
//
//   ASSIGN_OR_RETURN(const auto keys, ring.Get(call));
//   const Issuing issuing = {*keys, settings, now};
//   database.Write(call, [&](Transaction& tx) { return OpenSession(tx, issuing, who); });
//
// Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/security/v1/token_service.pb.h"
#include "services/platform/security/claims.h"
#include "services/platform/security/key_ring.h"
#include "services/platform/security/session_rules.h"
#include "services/platform/security/settings.h"
#include "services/platform/security/threats.h"

namespace selfology::security {

// What tokens are issued with; both outlive it.
struct Issuing {
  const KeyRing::Keys& keys;
  const SecuritySettings& settings;
  absl::Time now;  // Whole microseconds.
};

struct NewSession {
  int64_t user_id = 0;
  std::string client_id = {};  // Empty: our own apps.
  std::string scope = {};      // Empty: what their roles give.
  std::string method = {};
  std::string device_name = {};
  Place place = {};
  std::string refresh_token = {};  // Chosen by the caller; empty: a random one.
};

// Sent twice with one refresh token, it gives the same session. Errors: INVALID_ARGUMENT when that
// session has gone on or ended.
absl::StatusOr<v1::Tokens> OpenSession(postgres::Transaction& tx, const Issuing& issuing,
                                       const NewSession& wanted);

// What became of a refresh token. Refusals are no errors: what they change must be committed.
struct Refreshed {
  Verdict verdict = Verdict::kRefused;
  v1::Tokens tokens = {};  // With kRotate and kRepeat.
  int64_t user_id = 0;
  absl::Time signed_in_at = absl::UnixEpoch();  // When the session was opened.
  bool beyond_scope = false;  // Refused, and nothing changed: more was asked for than was granted.
};
// client_id: the app that shows it; empty: our own. scope: of this access token, a part of the
// session's; empty: all of it.
absl::StatusOr<Refreshed> Refresh(postgres::Transaction& tx, const Issuing& issuing,
                                  const std::string& refresh_token, const std::string& client_id,
                                  const std::string& scope = "");

// Ends the session of a refresh token, whichever of the session it is; false if there is none open.
absl::StatusOr<bool> EndSessionOf(postgres::Transaction& tx, const Issuing& issuing,
                                  const std::string& refresh_token, const std::string& client_id);
// Ends sessions of a person: tokens.revoked for each, and the audit. Gives how many were open.
absl::StatusOr<int> EndSessions(postgres::Transaction& tx, const Issuing& issuing, int64_t user_id,
                                const std::vector<std::string>& session_ids, std::string_view why);
absl::StatusOr<int> EndOtherSessions(postgres::Transaction& tx, const Issuing& issuing,
                                     int64_t user_id, const std::string& except,
                                     std::string_view why);

// All tokens of a person that were issued until now are good no more; their sessions go on.
absl::Status RevokeTokensOf(postgres::Transaction& tx, const SecuritySettings& settings,
                            int64_t user_id, absl::Time now);
// One token or API key. `owner`: whose; 0: an app's own.
absl::Status RevokeToken(postgres::Transaction& tx, const std::string& token_id, int64_t owner,
                         absl::Time now, absl::Time forget_after);

// Erases what is kept about a person; gives how many rows. Their sessions and API keys are revoked as
// nobody's, so that what was issued before is refused everywhere and nothing names who it was for.
absl::StatusOr<int64_t> ErasePerson(postgres::Transaction& tx, const SecuritySettings& settings,
                                    int64_t user_id, absl::Time now);

// A token without a session.
absl::StatusOr<v1::Tokens> IssueAlone(const Issuing& issuing, TokenFacts facts,
                                      absl::Duration life);

// What a good access token says. Errors: UNAUTHENTICATED when it is not one, is not ours, or is
// expired; that it is not revoked is for the caller to see.
absl::StatusOr<TokenFacts> ReadToken(const Issuing& issuing, std::string_view token);

std::string NewRefreshToken();

}  // namespace selfology::security
