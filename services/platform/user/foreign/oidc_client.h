// Talking to other providers: OpenID Connect Discovery, the authorization code with PKCE, their keys.
//
//   ASSIGN_OR_RETURN(const std::string url, client.AuthorizationUrl(call, provider, attempt));
//   ...
//   ASSIGN_OR_RETURN(const ForeignIdentity who, client.Redeem(call, provider, attempt, code));
//
// What a provider says of itself, and its keys, are remembered for an hour; the keys are asked for anew
// when a token is signed by none of them.
//
// Errors: SERVICE_UNAVAILABLE (the provider is away, or says what cannot be), FOREIGN_LOGIN_FAILED.
// Threads: thread-safe.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/http/client.h"
#include "services/platform/user/foreign/id_token.h"
#include "services/platform/user/foreign/providers.h"

namespace selfology::user {

// One login, from the browser's leaving to its coming back.
struct LoginAttempt {
  std::string state = {};
  std::string nonce = {};
  std::string verifier = {};
  std::string redirect_uri = {};
};

class OidcClient {
 public:
  // http outlives it.
  OidcClient(http::Client& http, std::function<absl::Time()> clock);

  absl::StatusOr<std::string> AuthorizationUrl(const Call& call, const Provider& provider,
                                               const LoginAttempt& attempt);
  absl::StatusOr<ForeignIdentity> Redeem(const Call& call, const Provider& provider,
                                         const LoginAttempt& attempt, const std::string& code);

 private:
  struct Metadata {
    std::string authorization_endpoint = {};
    std::string token_endpoint = {};
    std::string jwks_uri = {};
    bool secret_in_body = false;  // The provider takes it no other way.
    std::string jwks = {};
    absl::Time read_at = absl::InfinitePast();
    absl::Time keys_read_at = absl::InfinitePast();
  };

  absl::StatusOr<Metadata> Discover(const Call& call, const Provider& provider);
  absl::StatusOr<std::string> Keys(const Call& call, const Provider& provider,
                                   const Metadata& metadata, absl::Duration max_age);
  absl::StatusOr<std::string> Get(const Call& call, const std::string& url);
  absl::StatusOr<std::string> IdToken(const Call& call, const Provider& provider,
                                      const Metadata& metadata, const LoginAttempt& attempt,
                                      const std::string& code);

  http::Client& http_;
  const std::function<absl::Time()> clock_;
  absl::Mutex mutex_;
  std::map<std::string, Metadata> known_ ABSL_GUARDED_BY(mutex_);  // By the provider's id.
};

}  // namespace selfology::user
