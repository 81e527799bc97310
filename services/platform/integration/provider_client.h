// Talking to providers: the authorization code with PKCE, renewing, revoking.
//
//   const std::string url = AuthorizationUrl(provider, {.state = ..., .verifier = ..., ...});
//   ASSIGN_OR_RETURN(const TokenAnswer answer, client.Redeem(call, provider, code, verifier, uri));
//
// Errors: UNAVAILABLE, DEADLINE_EXCEEDED (nothing is known of what happened there). What a provider answers is no
// error. Threads: thread-safe.
// Sources: RFC 6749, 7636, 7009.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/http/client.h"
#include "common/http/url.h"
#include "services/platform/integration/providers.h"
#include "services/platform/integration/token_answer.h"

namespace selfology::integration {

struct Authorization {
  std::string state = {};
  std::string verifier = {};
  std::string redirect_uri = {};
  std::vector<std::string> scopes = {};
};
std::string AuthorizationUrl(const Provider& provider, const Authorization& authorization);

struct Account {
  std::string id = {};
  std::string name = {};
};

class ProviderClient {
 public:
  explicit ProviderClient(http::Client& http) : http_(http) {}  // Outlives it.

  struct Redeemed {
    TokenAnswer answer = {};
    Account account = {};
  };
  absl::StatusOr<Redeemed> Redeem(const Call& call, const Provider& provider,
                                  const std::string& code, const std::string& verifier,
                                  const std::string& redirect_uri);
  // Whose the token is; nullopt: the provider refuses it. Empty, where the provider has no such address.
  absl::StatusOr<std::optional<Account>> WhoseToken(const Call& call, const Provider& provider,
                                                    const std::string& access_token);
  absl::StatusOr<TokenAnswer> Refresh(const Call& call, const Provider& provider,
                                      const std::string& refresh_token);
  // OK once the provider has forgotten them, or never will.
  absl::Status Revoke(const Call& call, const Provider& provider, const Tokens& tokens);

 private:
  absl::StatusOr<http::ClientResponse> Ask(const Call& call, const Provider& provider,
                                           http::Parameters form);
  absl::Status RevokeOne(const Call& call, const Provider& provider, const std::string& token);

  http::Client& http_;
};

}  // namespace selfology::integration
