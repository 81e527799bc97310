#include "services/platform/security/oauth_answers.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/platform/security/oauth_rules.h"

namespace selfology::security {
namespace {

using mesh::v1::HttpResponse;
using nlohmann::json;

void AddHeader(HttpResponse& response, std::string_view name, std::string_view value) {
  mesh::v1::HttpHeader& header = *response.add_headers();
  header.set_name(std::string(name));
  header.set_value(std::string(value));
}

void SetIf(json& members, const char* name, const std::string& value) {
  if (!value.empty()) members[name] = value;
}

}  // namespace

HttpResponse JsonAnswer(int status, const json& body) {
  HttpResponse response;
  response.set_status(status);
  response.set_content_type("application/json");
  response.set_body(body.dump());
  AddHeader(response, "Cache-Control", "no-store");
  AddHeader(response, "Pragma", "no-cache");
  return response;
}

HttpResponse Redirect(std::string_view location) {
  HttpResponse response;
  response.set_status(303);
  AddHeader(response, "Location", location);
  AddHeader(response, "Cache-Control", "no-store");
  AddHeader(response, "Referrer-Policy", "no-referrer");
  return response;
}

HttpResponse PageAnswer(int status, std::string page, std::string_view nonce) {
  HttpResponse response;
  response.set_status(status);
  response.set_content_type("text/html; charset=utf-8");
  response.set_body(std::move(page));
  AddHeader(response, "Cache-Control", "no-store");
  AddHeader(response, "Referrer-Policy", "no-referrer");
  AddHeader(response, "X-Frame-Options", "DENY");
  AddHeader(response, "Content-Security-Policy",
            absl::StrCat("default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; "
                         "base-uri 'none'; frame-ancestors 'none'; script-src ",
                         nonce.empty() ? "'none'" : absl::StrCat("'nonce-", nonce, "'")));
  return response;
}

absl::StatusOr<HttpResponse> ErrorAnswer(const absl::Status& status) {
  const std::string code = ErrorCodeIn(status);
  if (code.empty()) return status;
  const bool is_client = code == "invalid_client";
  HttpResponse response =
      JsonAnswer(is_client ? 401 : 400,
                 {{"error", code}, {"error_description", std::string(status.message())}});
  if (is_client) AddHeader(response, "WWW-Authenticate", "Basic realm=\"selfology\"");
  return response;
}

json TokenMembers(const v1::Tokens& tokens) {
  json members = {{"access_token", tokens.access_token()},
                  {"token_type", tokens.token_type()},
                  {"expires_in", tokens.expires_in()}};
  SetIf(members, "refresh_token", tokens.refresh_token());
  SetIf(members, "scope", tokens.scope());
  return members;
}

json IntrospectionMembers(const v1::IntrospectTokenResponse& token) {
  if (!token.active()) return {{"active", false}};
  json members = {{"active", true}, {"token_type", token.token_type()}};
  SetIf(members, "scope", token.scope());
  SetIf(members, "client_id", token.client_id());
  SetIf(members, "sub", token.sub());
  SetIf(members, "aud", token.aud());
  SetIf(members, "iss", token.iss());
  SetIf(members, "jti", token.jti());
  SetIf(members, "sid", token.sid());
  if (token.exp() != 0) members["exp"] = token.exp();
  if (token.iat() != 0) members["iat"] = token.iat();
  return members;
}

json UserInfoMembers(const user::v1::User& user, int64_t user_id, bool profile, bool email) {
  json members = {{"sub", absl::StrCat(user_id)}};
  if (profile) {
    std::vector<std::string> names;
    for (const std::string& name : {user.first_name(), user.last_name()}) {
      if (!name.empty()) names.push_back(name);
    }
    SetIf(members, "name", absl::StrJoin(names, " "));
    SetIf(members, "given_name", user.first_name());
    SetIf(members, "family_name", user.last_name());
    SetIf(members, "locale", user.language());
    SetIf(members, "zoneinfo", user.time_zone());
    if (user.has_updated_at()) members["updated_at"] = user.updated_at().seconds();
  }
  if (email && !user.email().empty()) {
    members["email"] = user.email();
    members["email_verified"] = user.email_verified();
  }
  return members;
}

json ProviderMetadata(std::string_view base_url) {
  const auto at = [&](std::string_view path) { return absl::StrCat(base_url, path); };
  return {{"issuer", std::string(base_url)},
          {"authorization_endpoint", at("/oauth/authorize")},
          {"token_endpoint", at("/oauth/token")},
          {"device_authorization_endpoint", at("/oauth/device_authorization")},
          {"introspection_endpoint", at("/oauth/introspect")},
          {"revocation_endpoint", at("/oauth/revoke")},
          {"registration_endpoint", at("/oauth/register")},
          {"userinfo_endpoint", at("/oauth/userinfo")},
          {"jwks_uri", at("/.well-known/jwks.json")},
          {"scopes_supported", {"openid", "offline_access", "profile", "email"}},
          {"response_types_supported", {"code"}},
          {"response_modes_supported", {"query"}},
          {"grant_types_supported",
           {std::string(kCodeGrant), std::string(kRefreshGrant), std::string(kClientGrant),
            std::string(kDeviceGrant)}},
          {"subject_types_supported", {"public"}},
          {"id_token_signing_alg_values_supported", {std::string(kEs256), std::string(kRs256)}},
          {"token_endpoint_auth_methods_supported",
           {"client_secret_basic", "client_secret_post", "none"}},
          {"introspection_endpoint_auth_methods_supported",
           {"client_secret_basic", "client_secret_post"}},
          {"revocation_endpoint_auth_methods_supported",
           {"client_secret_basic", "client_secret_post", "none"}},
          {"code_challenge_methods_supported", {"S256"}},
          {"claims_supported",
           {"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "sid", "name", "given_name",
            "family_name", "locale", "zoneinfo", "updated_at", "email", "email_verified"}},
          {"prompt_values_supported", {"none", "login", "consent"}},
          {"authorization_response_iss_parameter_supported", true}};
}

}  // namespace selfology::security
