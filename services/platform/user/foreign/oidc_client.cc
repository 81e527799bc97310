#include "services/platform/user/foreign/oidc_client.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/http/url.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/user/secrets.h"

namespace selfology::user {
namespace {

using Tree = nlohmann::json;

constexpr absl::Duration kRemembered = absl::Hours(1);
// How old keys must be to be asked for again because of one token: not for each that is forged.
constexpr absl::Duration kYoungKeys = absl::Minutes(1);
constexpr size_t kMaxResponse = size_t{256} * 1024;

absl::Status ProviderAway(std::string_view why) {
  return status::Error(mesh::v1::ERROR_CODE_SERVICE_UNAVAILABLE, why);
}

std::string Text(const Tree& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

bool Lists(const Tree& object, const char* name, std::string_view word) {
  const auto found = object.find(name);
  return found != object.end() && found->is_array() &&
         std::any_of(found->begin(), found->end(), [&](const Tree& one) {
           return one.is_string() && one.get<std::string>() == word;
         });
}

}  // namespace

OidcClient::OidcClient(http::Client& http, std::function<absl::Time()> clock)
    : http_(http), clock_(std::move(clock)) {}

absl::StatusOr<std::string> OidcClient::Get(const Call& call, const std::string& url) {
  const auto response = http_.Send(call, {.url = url,
                                          .headers = {{"Accept", std::string(http::kJson)}},
                                          .target = "oidc read",
                                          .max_response_bytes = kMaxResponse});
  if (!response.ok() || response->status != 200) return ProviderAway("the provider is away");
  return response->body;
}

absl::StatusOr<OidcClient::Metadata> OidcClient::Discover(const Call& call,
                                                          const Provider& provider) {
  const absl::Time now = clock_();
  {
    absl::MutexLock lock(&mutex_);
    const auto known = known_.find(provider.id);
    if (known != known_.end() && now - known->second.read_at < kRemembered) return known->second;
  }
  std::string_view issuer = provider.issuer;
  if (issuer.back() == '/') issuer.remove_suffix(1);
  ASSIGN_OR_RETURN(const std::string body,
                   Get(call, absl::StrCat(issuer, "/.well-known/openid-configuration")));
  const Tree tree = Tree::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!tree.is_object() || Text(tree, "issuer") != provider.issuer) {
    return ProviderAway("the provider says it is another one");
  }
  Metadata metadata{
      .authorization_endpoint = Text(tree, "authorization_endpoint"),
      .token_endpoint = Text(tree, "token_endpoint"),
      .jwks_uri = Text(tree, "jwks_uri"),
      .secret_in_body =
          Lists(tree, "token_endpoint_auth_methods_supported", "client_secret_post") &&
          !Lists(tree, "token_endpoint_auth_methods_supported", "client_secret_basic"),
      .read_at = now};
  for (const std::string& url :
       {metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri}) {
    if (!IsSafeUrl(url)) return ProviderAway("the provider has no safe endpoints");
  }
  absl::MutexLock lock(&mutex_);
  known_[provider.id] = metadata;
  return metadata;
}

absl::StatusOr<std::string> OidcClient::Keys(const Call& call, const Provider& provider,
                                             const Metadata& metadata, absl::Duration max_age) {
  const absl::Time now = clock_();
  {
    absl::MutexLock lock(&mutex_);
    const Metadata& known = known_[provider.id];
    if (!known.jwks.empty() && now - known.keys_read_at < max_age) return known.jwks;
  }
  ASSIGN_OR_RETURN(const std::string jwks, Get(call, metadata.jwks_uri));
  absl::MutexLock lock(&mutex_);
  known_[provider.id].jwks = jwks;
  known_[provider.id].keys_read_at = now;
  return jwks;
}

absl::StatusOr<std::string> OidcClient::AuthorizationUrl(const Call& call, const Provider& provider,
                                                         const LoginAttempt& attempt) {
  ASSIGN_OR_RETURN(const Metadata metadata, Discover(call, provider));
  const std::string_view joint =
      metadata.authorization_endpoint.find('?') == std::string::npos ? "?" : "&";
  return absl::StrCat(metadata.authorization_endpoint, joint,
                      http::EncodeQuery({{"response_type", "code"},
                                         {"client_id", provider.client_id},
                                         {"redirect_uri", attempt.redirect_uri},
                                         {"scope", "openid email profile"},
                                         {"state", attempt.state},
                                         {"nonce", attempt.nonce},
                                         {"code_challenge", ChallengeOf(attempt.verifier)},
                                         {"code_challenge_method", "S256"}}));
}

absl::StatusOr<std::string> OidcClient::IdToken(const Call& call, const Provider& provider,
                                                const Metadata& metadata,
                                                const LoginAttempt& attempt,
                                                const std::string& code) {
  http::Parameters form = {{"grant_type", "authorization_code"},
                           {"code", code},
                           {"redirect_uri", attempt.redirect_uri},
                           {"client_id", provider.client_id},
                           {"code_verifier", attempt.verifier}};
  http::Headers headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                           {"Accept", std::string(http::kJson)}};
  if (!provider.client_secret.empty() && metadata.secret_in_body) {
    form.emplace_back("client_secret", provider.client_secret);
  } else if (!provider.client_secret.empty()) {
    // RFC 6749, section 2.3.1: both parts as in a form.
    headers.Add("Authorization",
                absl::StrCat("Basic ", absl::Base64Escape(
                                           absl::StrCat(http::Encode(provider.client_id), ":",
                                                        http::Encode(provider.client_secret)))));
  }
  const auto response = http_.Send(call, {.method = "POST",
                                          .url = metadata.token_endpoint,
                                          .headers = headers,
                                          .body = http::EncodeQuery(form),
                                          .target = "oidc token",
                                          .max_response_bytes = kMaxResponse});
  if (!response.ok() || response->status >= 500) return ProviderAway("the provider is away");
  if (response->status != 200) return ForeignLoginFailed("the provider refused the code");
  const Tree tree = Tree::parse(response->body, nullptr, /*allow_exceptions=*/false);
  const std::string token = tree.is_object() ? Text(tree, "id_token") : "";
  if (token.empty()) return ForeignLoginFailed("the provider gave no id token");
  return token;
}

absl::StatusOr<ForeignIdentity> OidcClient::Redeem(const Call& call, const Provider& provider,
                                                   const LoginAttempt& attempt,
                                                   const std::string& code) {
  ASSIGN_OR_RETURN(const Metadata metadata, Discover(call, provider));
  ASSIGN_OR_RETURN(const std::string token, IdToken(call, provider, metadata, attempt, code));
  const ExpectedToken expected{.issuer = provider.issuer,
                               .client_id = provider.client_id,
                               .nonce = attempt.nonce,
                               .now = clock_()};
  ASSIGN_OR_RETURN(const std::string keys, Keys(call, provider, metadata, kRemembered));
  const auto identity = CheckIdToken(token, keys, expected);
  if (identity.ok()) return identity;
  // Perhaps the provider signs with a new key.
  ASSIGN_OR_RETURN(const std::string newer, Keys(call, provider, metadata, kYoungKeys));
  if (newer == keys) return identity;
  return CheckIdToken(token, newer, expected);
}

}  // namespace selfology::user
