#include "services/platform/security/claims.h"

#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace selfology::security {
namespace {

using nlohmann::json;

void SetUnlessEmpty(json& claims, const char* name, const std::string& value) {
  if (!value.empty()) claims[name] = value;
}

std::string Text(const json& claims, const char* name) {
  const auto found = claims.find(name);
  return found != claims.end() && found->is_string() ? found->get<std::string>() : "";
}

absl::Time Time(const json& claims, const char* name) {
  const auto found = claims.find(name);
  return absl::FromUnixSeconds(found != claims.end() && found->is_number() ? found->get<int64_t>()
                                                                           : 0);
}

}  // namespace

std::string ToClaims(const TokenFacts& facts) {
  json claims = {{"iss", facts.issuer},
                 {"sub", facts.subject},
                 {"aud", facts.audience},
                 {"jti", facts.token_id},
                 {"iat", absl::ToUnixSeconds(facts.issued_at)},
                 {"exp", absl::ToUnixSeconds(facts.expires_at)}};
  SetUnlessEmpty(claims, "sid", facts.session_id);
  SetUnlessEmpty(claims, "service", facts.service);
  SetUnlessEmpty(claims, "client_id", facts.client_id);
  SetUnlessEmpty(claims, "scope", facts.scope);
  if (!facts.roles.empty()) claims["roles"] = facts.roles;
  return claims.dump();
}

absl::StatusOr<TokenFacts> FromClaims(std::string_view text) {
  const json claims = json::parse(text, nullptr, false);
  if (!claims.is_object()) return absl::UnauthenticatedError("its claims are no object");
  TokenFacts facts = {.issuer = Text(claims, "iss"),
                      .subject = Text(claims, "sub"),
                      .audience = Text(claims, "aud"),
                      .token_id = Text(claims, "jti"),
                      .session_id = Text(claims, "sid"),
                      .service = Text(claims, "service"),
                      .client_id = Text(claims, "client_id"),
                      .scope = Text(claims, "scope"),
                      .issued_at = Time(claims, "iat"),
                      .expires_at = Time(claims, "exp")};
  if (const auto roles = claims.find("roles"); roles != claims.end() && roles->is_array()) {
    for (const json& role : *roles) {
      if (role.is_string()) facts.roles.push_back(role.get<std::string>());
    }
  }
  return facts;
}

int64_t PersonOf(const TokenFacts& facts) {
  int64_t id = 0;
  const bool is_person = facts.service.empty() && absl::SimpleAtoi(facts.subject, &id) && id > 0 &&
                         absl::StrCat(id) == facts.subject;
  return is_person ? id : 0;
}

std::string ToIdClaims(const IdTokenFacts& facts) {
  json claims = {{"iss", facts.issuer},
                 {"sub", absl::StrCat(facts.user_id)},
                 {"aud", facts.client_id},
                 {"iat", absl::ToUnixSeconds(facts.issued_at)},
                 {"exp", absl::ToUnixSeconds(facts.expires_at)},
                 {"auth_time", absl::ToUnixSeconds(facts.signed_in_at)}};
  SetUnlessEmpty(claims, "sid", facts.session_id);
  SetUnlessEmpty(claims, "nonce", facts.nonce);
  return claims.dump();
}

absl::Time IssueTime(absl::Time now, absl::Time last_revocation) {
  const absl::Time second = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  return last_revocation > second && last_revocation <= now ? second + absl::Seconds(1) : second;
}

}  // namespace selfology::security
