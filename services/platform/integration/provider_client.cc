#include "services/platform/integration/provider_client.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/crypto/crypto.h"
#include "common/status/status_macros.h"
#include "common/text/utf8.h"

namespace selfology::integration {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxResponse = size_t{256} << 10;
constexpr char kForm[] = "application/x-www-form-urlencoded";

std::string Basic(const Provider& provider) {
  // RFC 6749, section 2.3.1: both parts as in a form.
  return absl::StrCat("Basic ",
                      absl::Base64Escape(absl::StrCat(http::Encode(provider.client_id), ":",
                                                      http::Encode(provider.client_secret))));
}

std::string JsonOf(const http::Parameters& form) {
  Json object = Json::object();
  for (const auto& [name, value] : form) object[name] = value;
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

constexpr int kMaxName = 200;  // Characters.

Account AccountOf(const Provider& provider, std::string_view json) {
  return {std::string(text::Prefix(Member(json, provider.account_id), kMaxName)),
          std::string(text::Prefix(Member(json, provider.account_name), kMaxName))};
}

}  // namespace

std::string AuthorizationUrl(const Provider& provider, const Authorization& authorization) {
  http::Parameters query = {
      {"response_type", "code"},
      {"client_id", provider.client_id},
      {"redirect_uri", authorization.redirect_uri},
      {"state", authorization.state},
      {"code_challenge", crypto::ToBase64Url(crypto::Sha256(authorization.verifier))},
      {"code_challenge_method", "S256"}};
  if (!authorization.scopes.empty()) {
    query.emplace_back("scope", absl::StrJoin(authorization.scopes, provider.scope_separator));
  }
  for (const auto& [name, value] : provider.parameters) query.emplace_back(name, value);
  return absl::StrCat(provider.authorization_url,
                      absl::StrContains(provider.authorization_url, "?") ? "&" : "?",
                      http::EncodeQuery(query));
}

absl::StatusOr<http::ClientResponse> ProviderClient::Ask(const Call& call, const Provider& provider,
                                                         http::Parameters form) {
  http::Headers headers = {{"Accept", std::string(http::kJson)}};
  if (provider.client_secret.empty() || provider.secret_in_body) {
    form.emplace_back("client_id", provider.client_id);
    if (!provider.client_secret.empty()) form.emplace_back("client_secret", provider.client_secret);
  } else {
    headers.Add("Authorization", Basic(provider));
  }
  headers.Add("Content-Type", provider.json_requests ? std::string(http::kJson) : kForm);
  return http_.Send(call, {.method = "POST",
                           .url = provider.token_url,
                           .headers = std::move(headers),
                           .body = provider.json_requests ? JsonOf(form) : http::EncodeQuery(form),
                           .target = absl::StrCat(provider.id, " token"),
                           .max_response_bytes = kMaxResponse});
}

absl::StatusOr<ProviderClient::Redeemed> ProviderClient::Redeem(const Call& call,
                                                                const Provider& provider,
                                                                const std::string& code,
                                                                const std::string& verifier,
                                                                const std::string& redirect_uri) {
  ASSIGN_OR_RETURN(const http::ClientResponse response, Ask(call, provider,
                                                            {{"grant_type", "authorization_code"},
                                                             {"code", code},
                                                             {"redirect_uri", redirect_uri},
                                                             {"code_verifier", verifier}}));
  Redeemed redeemed{.answer = ReadTokenAnswer(response.status, response.body), .account = {}};
  if (redeemed.answer.error != TokenError::kNone) return redeemed;
  if (provider.account_url.empty()) {
    redeemed.account = AccountOf(provider, response.body);
    return redeemed;
  }
  // A connection without its account's name is of use; the code cannot be redeemed again.
  auto account = WhoseToken(call, provider, redeemed.answer.tokens.access);
  if (account.ok() && account->has_value()) redeemed.account = **std::move(account);
  return redeemed;
}

absl::StatusOr<std::optional<Account>> ProviderClient::WhoseToken(const Call& call,
                                                                  const Provider& provider,
                                                                  const std::string& access_token) {
  if (provider.account_url.empty()) return Account();
  http::Headers headers = {{"Accept", std::string(http::kJson)},
                           {"Authorization", absl::StrCat("Bearer ", access_token)}};
  for (const auto& [name, value] : provider.headers) headers.Set(name, value);
  ASSIGN_OR_RETURN(const http::ClientResponse response,
                   http_.Send(call, {.url = provider.account_url,
                                     .headers = std::move(headers),
                                     .target = absl::StrCat(provider.id, " account"),
                                     .max_response_bytes = kMaxResponse}));
  if (response.status == 401) return std::nullopt;
  if (response.status != 200) return absl::UnavailableError("the provider tells no account");
  return AccountOf(provider, response.body);
}

absl::StatusOr<TokenAnswer> ProviderClient::Refresh(const Call& call, const Provider& provider,
                                                    const std::string& refresh_token) {
  ASSIGN_OR_RETURN(
      const http::ClientResponse response,
      Ask(call, provider, {{"grant_type", "refresh_token"}, {"refresh_token", refresh_token}}));
  return ReadTokenAnswer(response.status, response.body);
}

absl::Status ProviderClient::RevokeOne(const Call& call, const Provider& provider,
                                       const std::string& token) {
  http::ClientRequest request{
      .method = "POST",
      .url = absl::StrReplaceAll(provider.revocation_url,
                                 {{"{client_id}", http::Encode(provider.client_id)}}),
      .headers = {{"Accept", std::string(http::kJson)}},
      .target = absl::StrCat(provider.id, " revoke"),
      .max_response_bytes = kMaxResponse};
  switch (provider.revocation) {
    case Revocation::kNone:
      return absl::OkStatus();
    case Revocation::kRfc7009: {
      http::Parameters form = {{"token", token}};
      if (provider.client_secret.empty() || provider.secret_in_body) {
        form.emplace_back("client_id", provider.client_id);
        if (!provider.client_secret.empty()) {
          form.emplace_back("client_secret", provider.client_secret);
        }
      } else {
        request.headers.Add("Authorization", Basic(provider));
      }
      request.headers.Add("Content-Type", kForm);
      request.body = http::EncodeQuery(form);
      break;
    }
    case Revocation::kGithub:
      request.method = "DELETE";
      request.headers.Add("Authorization", Basic(provider));
      request.headers.Add("Content-Type", http::kJson);
      request.body = Json{{"access_token", token}}.dump();
      break;
    case Revocation::kJson:
      request.headers.Add("Authorization", Basic(provider));
      request.headers.Add("Content-Type", http::kJson);
      request.body = Json{{"token", token}}.dump();
      break;
    case Revocation::kBearer:
      request.headers.Add("Authorization", absl::StrCat("Bearer ", token));
      break;
  }
  ASSIGN_OR_RETURN(const http::ClientResponse response, http_.Send(call, request));
  if (response.status >= 500 || response.status == 429) {
    return absl::UnavailableError("the provider is away");
  }
  // 4xx: it does not know the token any more, or never did.
  return absl::OkStatus();
}

absl::Status ProviderClient::Revoke(const Call& call, const Provider& provider,
                                    const Tokens& tokens) {
  // The refresh token first: with it a new access token could be had.
  const bool both = provider.revocation == Revocation::kRfc7009 && !tokens.refresh.empty();
  if (both) RETURN_IF_ERROR(RevokeOne(call, provider, tokens.refresh));
  return RevokeOne(call, provider, tokens.access);
}

}  // namespace selfology::integration
