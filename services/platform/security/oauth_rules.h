// The rules of the OAuth provider: what may be registered, asked for and exchanged.
//
//   RETURN_IF_ERROR(CheckAuthorize(request, client));
//   if (!VerifyPkce(request.code_verifier(), code.challenge)) return OAuthError("invalid_grant", ...);
//
// A refusal is a status made by OAuthError, which carries the error code of the RFCs; ErrorCodeIn
// reads it back.
// Threads: pure functions.
// Sources: RFC 6749, 7591, 7636, 8252, 8628; draft-ietf-oauth-v2-1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "selfology/security/v1/oauth_service.pb.h"

namespace selfology::security {

inline constexpr std::string_view kCodeGrant = "authorization_code";
inline constexpr std::string_view kRefreshGrant = "refresh_token";
inline constexpr std::string_view kClientGrant = "client_credentials";
inline constexpr std::string_view kDeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

// What id_tokens are signed with.
inline constexpr std::string_view kEs256 = "ES256";
inline constexpr std::string_view kRs256 = "RS256";

inline constexpr absl::Duration kRequestLife = absl::Minutes(10);  // On the consent page.
inline constexpr absl::Duration kCodeLife = absl::Minutes(1);
inline constexpr absl::Duration kDeviceLife = absl::Minutes(15);
inline constexpr absl::Duration kPollInterval = absl::Seconds(5);

// A refusal in the words of the RFCs, such as "invalid_grant".
absl::Status OAuthError(std::string_view code, std::string_view description);
// Empty for a status that is none.
std::string ErrorCodeIn(const absl::Status& status);

// An app as it is registered.
struct OAuthClient {
  std::string id = {};
  std::optional<std::string> secret_hash = {};  // Absent: it cannot keep a secret.
  std::string name = {};
  std::vector<std::string> redirect_uris = {};
  std::vector<std::string> grant_types = {};
  std::string scope = {};
  std::string id_token_alg = std::string(kEs256);
};

// What is to be registered, without secret and perhaps without id. Errors: invalid_redirect_uri,
// invalid_client_metadata.
absl::StatusOr<OAuthClient> ReadRegistration(const v1::RegisterClientRequest& request);

bool HasGrant(const OAuthClient& client, std::string_view grant_type);
// Registered with the app; on the loopback with any port (RFC 8252 section 7.3).
bool IsRegisteredRedirect(const OAuthClient& client, std::string_view redirect_uri);

// An authorization under way: what the consent page has to know.
struct AuthorizationRequest {
  std::string client_id = {};
  std::string redirect_uri = {};
  std::string scope = {};
  std::string state = {};
  std::string code_challenge = {};
  std::string nonce = {};
  absl::Time expires_at;
};
std::string ToJson(const AuthorizationRequest& request);
absl::StatusOr<AuthorizationRequest> AuthorizationFromJson(std::string_view json);

// Once the app and its redirect URI are known to be good. Errors: those that go back to the app.
absl::StatusOr<AuthorizationRequest> CheckAuthorize(const v1::AuthorizeRequest& request,
                                                    const OAuthClient& client, absl::Time now);

// The scope asked for, within what the app may have; all of that if nothing is asked for. Errors:
// invalid_scope.
absl::StatusOr<std::string> CheckScope(std::string_view asked, const OAuthClient& client);

// Whether the challenge was made of the verifier (S256).
bool VerifyPkce(std::string_view verifier, std::string_view challenge);

// The redirect URI with these added to its query.
std::string WithQuery(std::string_view uri,
                      const std::vector<std::pair<std::string, std::string>>& parameters);

// Eight letters out of 32 random bytes: "BCDF-GHJK".
std::string UserCodeFrom(std::string_view random);
// As people type it: with or without the hyphen, in either case.
std::string NormalUserCode(std::string_view typed);

bool AsksFor(std::string_view scope, std::string_view one);

}  // namespace selfology::security
