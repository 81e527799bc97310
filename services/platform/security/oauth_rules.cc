#include "services/platform/security/oauth_rules.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/crypto/crypto.h"
#include "common/http/url.h"
#include "common/text/text.h"
#include "services/platform/security/known_permissions.h"
#include "services/platform/security/patterns.h"

namespace selfology::security {
namespace {

constexpr char kErrorType[] = "selfology.oauth.error";
constexpr std::string_view kDefaultScope = "openid";
constexpr size_t kMaxUris = 10;
constexpr size_t kMaxUri = 1000;
constexpr int kMaxName = 100;
constexpr size_t kMaxText = 500;
constexpr std::string_view kLoopbacks[] = {"http://127.0.0.1", "http://[::1]", "http://localhost"};

absl::Status BadMetadata(std::string_view description) {
  return OAuthError("invalid_client_metadata", description);
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isgraph);
}

// What comes after the loopback address and its port; nullopt for other URIs.
std::optional<std::string_view> PathOnLoopback(std::string_view uri) {
  for (const std::string_view loopback : kLoopbacks) {
    if (!uri.starts_with(loopback)) continue;
    std::string_view rest = uri.substr(loopback.size());
    if (rest.starts_with(':')) {
      rest.remove_prefix(1);
      while (!rest.empty() && absl::ascii_isdigit(rest.front())) rest.remove_prefix(1);
    }
    if (rest.empty() || rest.front() == '/' || rest.front() == '?') return rest;
  }
  return std::nullopt;
}

bool IsRedirectUri(std::string_view uri) {
  if (uri.empty() || uri.size() > kMaxUri || !IsPrintable(uri) ||
      uri.find('#') != std::string_view::npos) {
    return false;
  }
  if (uri.starts_with("https://")) return uri.size() > std::string_view("https://").size();
  if (PathOnLoopback(uri).has_value()) return true;
  // A private scheme is the app's reverse domain name, so it has a dot (RFC 8252 section 7.1).
  const size_t colon = uri.find(':');
  const std::string_view scheme = uri.substr(0, colon);
  return colon != std::string_view::npos && scheme.find('.') != std::string_view::npos &&
         std::all_of(scheme.begin(), scheme.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '+';
         });
}

bool IsClientId(std::string_view id) {
  return id.size() >= 3 && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
         });
}

bool IsGrantType(std::string_view type) {
  return type == kCodeGrant || type == kRefreshGrant || type == kClientGrant ||
         type == kDeviceGrant;
}

// Besides patterns: what OpenID Connect has words for.
bool IsScopeWord(std::string_view word) {
  return word == "openid" || word == "offline_access" || word == "profile" || word == "email" ||
         (IsGrantable(word) && IsKnown(word));
}

}  // namespace

absl::Status OAuthError(std::string_view code, std::string_view description) {
  absl::Status status = absl::InvalidArgumentError(description);
  status.SetPayload(kErrorType, absl::Cord(code));
  return status;
}

std::string ErrorCodeIn(const absl::Status& status) {
  const auto code = status.GetPayload(kErrorType);
  return code.has_value() ? std::string(*code) : "";
}

absl::StatusOr<OAuthClient> ReadRegistration(const v1::RegisterClientRequest& request) {
  OAuthClient client = {
      .id = request.client_id(),
      .name = std::string(text::Trim(request.client_name())),
      .redirect_uris = {request.redirect_uris().begin(), request.redirect_uris().end()},
      .grant_types = {request.grant_types().begin(), request.grant_types().end()},
      .scope = request.scope().empty() ? std::string(kDefaultScope) : request.scope()};
  if (!client.id.empty() && !IsClientId(client.id)) {
    return BadMetadata("client_id must be 3 to 64 letters, digits, - _ and .");
  }
  if (text::Characters(client.name) > kMaxName) return BadMetadata("client_name is too long");
  if (client.redirect_uris.size() > kMaxUris) {
    return OAuthError("invalid_redirect_uri", "there are too many");
  }
  for (const std::string& uri : client.redirect_uris) {
    if (!IsRedirectUri(uri)) {
      return OAuthError("invalid_redirect_uri",
                        "must be https, http on the loopback, or a scheme with a dot");
    }
  }
  const bool has_uris = !client.redirect_uris.empty();
  if (client.grant_types.empty()) {
    client.grant_types =
        has_uris ? std::vector<std::string>{std::string(kCodeGrant), std::string(kRefreshGrant)}
                 : std::vector<std::string>{std::string(kClientGrant)};
  }
  if (!std::all_of(client.grant_types.begin(), client.grant_types.end(), IsGrantType)) {
    return BadMetadata("grant_types has one that there is not");
  }
  if (HasGrant(client, kCodeGrant) && !has_uris) {
    return OAuthError("invalid_redirect_uri", "authorization_code needs redirect_uris");
  }
  for (const std::string& type : request.response_types()) {
    if (type != "code") return BadMetadata("response_types must be code");
  }
  for (const std::string& word : SplitScope(client.scope)) {
    if (!IsScopeWord(word)) {
      return BadMetadata(absl::StrCat("scope: there is no \"", word, "\""));
    }
  }
  const std::string& method = request.token_endpoint_auth_method();
  if (method != "" && method != "client_secret_basic" && method != "client_secret_post" &&
      method != "none") {
    return BadMetadata(
        "token_endpoint_auth_method must be client_secret_basic, client_secret_post or none");
  }
  const std::string& alg = request.id_token_signed_response_alg();
  if (!alg.empty() && alg != kEs256 && alg != kRs256) {
    return BadMetadata("id_token_signed_response_alg must be ES256 or RS256");
  }
  if (!alg.empty()) client.id_token_alg = alg;
  if (method != "none") {
    client.secret_hash = "";  // It gets one.
  } else if (HasGrant(client, kClientGrant)) {
    return BadMetadata("client_credentials needs a secret");
  }
  return client;
}

bool HasGrant(const OAuthClient& client, std::string_view grant_type) {
  return std::find(client.grant_types.begin(), client.grant_types.end(), grant_type) !=
         client.grant_types.end();
}

bool IsRegisteredRedirect(const OAuthClient& client, std::string_view redirect_uri) {
  const std::optional<std::string_view> path = PathOnLoopback(redirect_uri);
  return std::any_of(client.redirect_uris.begin(), client.redirect_uris.end(),
                     [&](const std::string& registered) {
                       if (registered == redirect_uri) return true;
                       return path.has_value() && PathOnLoopback(registered) == path &&
                              IsRedirectUri(redirect_uri);
                     });
}

std::string ToJson(const AuthorizationRequest& request) {
  return nlohmann::json({{"client_id", request.client_id},
                         {"redirect_uri", request.redirect_uri},
                         {"scope", request.scope},
                         {"state", request.state},
                         {"code_challenge", request.code_challenge},
                         {"nonce", request.nonce},
                         {"expires_at", absl::ToUnixSeconds(request.expires_at)}})
      .dump();
}

absl::StatusOr<AuthorizationRequest> AuthorizationFromJson(std::string_view text) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return absl::InvalidArgumentError("no authorization");
  const auto read = [&](const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : "";
  };
  const auto expires = json.find("expires_at");
  if (expires == json.end() || !expires->is_number_integer()) {
    return absl::InvalidArgumentError("no authorization");
  }
  return AuthorizationRequest{.client_id = read("client_id"),
                              .redirect_uri = read("redirect_uri"),
                              .scope = read("scope"),
                              .state = read("state"),
                              .code_challenge = read("code_challenge"),
                              .nonce = read("nonce"),
                              .expires_at = absl::FromUnixSeconds(expires->get<int64_t>())};
}

absl::StatusOr<AuthorizationRequest> CheckAuthorize(const v1::AuthorizeRequest& request,
                                                    const OAuthClient& client, absl::Time now) {
  if (request.response_type() != "code") {
    return OAuthError("unsupported_response_type", "response_type must be code");
  }
  if (!HasGrant(client, kCodeGrant)) {
    return OAuthError("unauthorized_client", "the app is not registered for authorization_code");
  }
  if (request.code_challenge_method() != "S256" || request.code_challenge().size() != 43) {
    return OAuthError("invalid_request", "a code_challenge by S256 is needed");
  }
  if (request.state().size() > kMaxText || request.nonce().size() > kMaxText) {
    return OAuthError("invalid_request", "state or nonce is too long");
  }
  absl::StatusOr<std::string> scope = CheckScope(request.scope(), client);
  if (!scope.ok()) return scope.status();
  const std::vector<std::string> prompt = SplitScope(request.prompt());
  if (std::find(prompt.begin(), prompt.end(), "none") != prompt.end()) {
    if (prompt.size() > 1) return OAuthError("invalid_request", "prompt: none must be alone");
    // Who is there is known only once they have signed in, on the page that may not be shown.
    return OAuthError("login_required", "the person has to sign in");
  }
  return AuthorizationRequest{.client_id = client.id,
                              .redirect_uri = request.redirect_uri(),
                              .scope = *std::move(scope),
                              .state = request.state(),
                              .code_challenge = request.code_challenge(),
                              .nonce = request.nonce(),
                              .expires_at = now + kRequestLife};
}

absl::StatusOr<std::string> CheckScope(std::string_view asked, const OAuthClient& client) {
  if (SplitScope(asked).empty()) return client.scope;
  for (const std::string& word : SplitScope(asked)) {
    if (!IsScopeWord(word)) {
      return OAuthError("invalid_scope", absl::StrCat("scope: there is no \"", word, "\""));
    }
  }
  // Any app that may have refresh tokens may ask for them.
  const std::string allowed = HasGrant(client, kRefreshGrant)
                                  ? absl::StrCat(client.scope, " offline_access")
                                  : client.scope;
  if (!ScopeWithin(asked, allowed)) {
    return OAuthError("invalid_scope", "the app is not registered for it");
  }
  return absl::StrJoin(SplitScope(asked), " ");
}

bool VerifyPkce(std::string_view verifier, std::string_view challenge) {
  const bool has_form =
      verifier.size() >= 43 && verifier.size() <= 128 &&
      std::all_of(verifier.begin(), verifier.end(), [](char c) {
        return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
      });
  return has_form && crypto::SameBytes(crypto::ToBase64Url(crypto::Sha256(verifier)), challenge);
}

std::string WithQuery(std::string_view uri,
                      const std::vector<std::pair<std::string, std::string>>& parameters) {
  http::Parameters given;
  for (const auto& [name, value] : parameters) {
    if (!value.empty()) given.emplace_back(name, value);
  }
  const char separator = uri.find('?') == std::string_view::npos ? '?' : '&';
  return absl::StrCat(uri, std::string(1, separator), http::EncodeQuery(given));
}

std::string UserCodeFrom(std::string_view random) {
  // Without vowels, so that no words come out; without what looks alike. 20 divides 240.
  constexpr std::string_view kLetters = "BCDFGHJKLMNPQRSTVWXZ";
  std::string code;
  for (const char c : random) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 240) continue;
    if (code.size() == 4) code += '-';
    code += kLetters[byte % kLetters.size()];
    if (code.size() == 9) break;
  }
  return code;
}

std::string NormalUserCode(std::string_view typed) {
  std::string code;
  for (const char c : typed) {
    if (!absl::ascii_isalpha(c)) continue;
    if (code.size() == 4) code += '-';
    code += absl::ascii_toupper(c);
  }
  return code;
}

bool AsksFor(std::string_view scope, std::string_view one) {
  const std::vector<std::string> words = SplitScope(scope);
  return std::find(words.begin(), words.end(), one) != words.end();
}

}  // namespace selfology::security
