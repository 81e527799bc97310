// Checking what another provider says about who logged in (OpenID Connect Core, section 3.1.3.7).
//
//   ASSIGN_OR_RETURN(const ForeignIdentity who,
//                    CheckIdToken(token, jwks, {.issuer = provider.issuer, ...}));
//
// Signatures by RS256, PS256 and ES256 and their larger kin, never "none" and never by a shared secret.
// The key is the one of the provider's set that the token names, or the only one there is that fits.
//
// Errors: UNAUTHENTICATED with the reason FOREIGN_LOGIN_FAILED; its message never has a value of the
// token. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::user {

struct ExpectedToken {
  std::string issuer = {};
  std::string client_id = {};
  std::string nonce = {};
  absl::Time now = absl::InfinitePast();
};

struct ForeignIdentity {
  std::string subject = {};  // Claim "sub": 1 to 255 characters.
  std::string email = {};    // As they wrote it; may be empty.
  bool email_verified = false;
  std::string first_name = {};
};

// jwks: the provider's key set (RFC 7517).
absl::StatusOr<ForeignIdentity> CheckIdToken(const std::string& token, std::string_view jwks,
                                             const ExpectedToken& expected);

absl::Status ForeignLoginFailed(std::string_view why);

}  // namespace selfology::user
