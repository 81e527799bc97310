// What tokens say (RFC 7519, 9068).
//
//   TokenFacts facts = {.issuer = issuer, .subject = "1001", .token_id = id, .roles = {"user"}, ...};
//   ASSIGN_OR_RETURN(std::string token, key.Sign(kAccessToken, ToClaims(facts)));
//
// Times are whole seconds. Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::security {

inline constexpr std::string_view kAccessToken = "at+jwt";  // Header "typ".
inline constexpr std::string_view kIdToken = "JWT";
inline constexpr std::string_view kAudience = "selfology";

struct TokenFacts {
  std::string issuer = {};
  std::string subject = {};  // A person's decimal id, a service's name, or a client's id.
  std::string audience = std::string(kAudience);
  std::string token_id = {};
  std::string session_id = {};
  std::string service = {};
  std::string client_id = {};
  std::string scope = {};  // Empty: no such claim.
  std::vector<std::string> roles = {};
  absl::Time issued_at = absl::UnixEpoch();
  absl::Time expires_at = absl::UnixEpoch();

  friend bool operator==(const TokenFacts&, const TokenFacts&) = default;
};

// As JSON.
std::string ToClaims(const TokenFacts& facts);
// UNAUTHENTICATED for what is no such JSON.
absl::StatusOr<TokenFacts> FromClaims(std::string_view claims);

// The person whose token it is; 0 if it is no person's own.
int64_t PersonOf(const TokenFacts& facts);

struct IdTokenFacts {
  std::string issuer = {};
  int64_t user_id = 0;
  std::string client_id = {};
  std::string session_id = {};
  std::string nonce = {};  // Empty: no such claim.
  absl::Time signed_in_at = absl::UnixEpoch();
  absl::Time issued_at = absl::UnixEpoch();
  absl::Time expires_at = absl::UnixEpoch();
};
// Of an id_token (OpenID Connect Core section 2), which is for the app and no access token.
std::string ToIdClaims(const IdTokenFacts& facts);

// The second to say as "iat". Tokens carry whole seconds, so one issued within the second of a
// revocation would look older than it: such a token is dated to the next second.
absl::Time IssueTime(absl::Time now, absl::Time last_revocation);

}  // namespace selfology::security
