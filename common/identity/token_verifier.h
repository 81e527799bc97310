// Checks a token in memory, and says who it stands for.
//
//   const identity::TokenRules rules{.issuer = "https://selfology.example"};
//   const absl::StatusOr<identity::Caller> caller = identity::VerifyToken(token, keys, rules, now);
//
// A token is a JSON Web Token signed by ES256 (jws.h) with these claims:
//   iss, aud    as TokenRules has them; aud may be a list
//   sub         a person's id in decimals, or a service's name, or a third-party app's client id
//   iat, exp    seconds since 1970, with fractions if need be
//   jti         the token's id
//   sid         persons: the session
//   roles       persons: names of roles (roles.h); "user" need not be named
//   service     services: the name again
//   scope       patterns of permissions with spaces between them. Of a service and of an app: what
//               it may do, and nothing without. Of a person: what of their roles' permissions is
//               meant; absent: all.
//   client_id   third-party apps: which. A scope is then needed.
//
// Errors: UNAUTHENTICATED for whatever is wrong with it, never with anything of its content; but
// NOT_FOUND for a key that is not in the set.
// Threads: pure functions.
// Sources: RFC 7519, RFC 9068.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"
#include "common/identity/jws.h"

namespace selfology::identity {

struct TokenRules {
  std::string issuer = "selfology";
  std::string audience = "selfology";
  // By which the clocks of issuer and verifier may differ.
  absl::Duration leeway = absl::Seconds(30);
};

absl::StatusOr<Caller> VerifyToken(std::string_view token, const KeySet& keys,
                                   const TokenRules& rules, absl::Time now);

// The second half of it: what a payload whose signature was checked says.
absl::StatusOr<Caller> ReadClaims(std::string_view payload, const TokenRules& rules,
                                  absl::Time now);

}  // namespace selfology::identity
