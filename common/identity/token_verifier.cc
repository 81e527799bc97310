#include "common/identity/token_verifier.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/identity/roles.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::identity {
namespace {

using Json = nlohmann::json;

// Later ones are nobody's; it also keeps conversions in range.
constexpr double kLatestSecond = 253402300799;  // The end of the year 9999.

absl::Status Refused(std::string_view why) {
  return status::Error(mesh::v1::ERROR_CODE_UNAUTHENTICATED, absl::StrCat("token refused: ", why));
}

// Empty if absent.
absl::StatusOr<std::string> Text(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end()) return std::string();
  if (!found->is_string()) return Refused(absl::StrCat(name, " is no text"));
  return found->get<std::string>();
}

absl::StatusOr<absl::Time> Time(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) {
    return Refused(absl::StrCat(name, " is missing, or no number"));
  }
  if (found->is_number_unsigned() && found->get<uint64_t>() <= uint64_t{253402300799}) {
    return absl::FromUnixSeconds(static_cast<int64_t>(found->get<uint64_t>()));
  }
  const double seconds = found->get<double>();
  if (!std::isfinite(seconds) || seconds < 0 || seconds > kLatestSecond) {
    return Refused(absl::StrCat(name, " is no time"));
  }
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

absl::StatusOr<std::vector<std::string>> Texts(const Json& list, const char* name) {
  std::vector<std::string> texts;
  for (const Json& element : list) {
    if (!element.is_string())
      return Refused(absl::StrCat(name, " holds something else than texts"));
    texts.push_back(element.get<std::string>());
  }
  return texts;
}

absl::Status CheckAudience(const Json& claims, const std::string& audience) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return Refused("it is for nobody");
  std::vector<std::string> named;
  if (found->is_string()) {
    named.push_back(found->get<std::string>());
  } else if (found->is_array()) {
    ASSIGN_OR_RETURN(named, Texts(*found, "aud"));
  }
  if (std::find(named.begin(), named.end(), audience) != named.end()) return absl::OkStatus();
  return Refused("it is for somebody else");
}

absl::StatusOr<std::vector<std::string>> Roles(const Json& claims) {
  const auto found = claims.find("roles");
  if (found == claims.end()) return std::vector<std::string>();
  if (!found->is_array()) return Refused("roles is no list");
  return Texts(*found, "roles");
}

absl::StatusOr<std::optional<std::vector<std::string>>> Scope(const Json& claims) {
  if (!claims.contains("scope")) return std::nullopt;
  ASSIGN_OR_RETURN(const std::string scope, Text(claims, "scope"));
  return std::vector<std::string>(absl::StrSplit(scope, ' ', absl::SkipEmpty()));
}

// A decimal as we write it: "7" and neither "07" nor "+7".
std::optional<int64_t> UserId(std::string_view subject) {
  int64_t id = 0;
  if (!absl::SimpleAtoi(subject, &id) || id < 1 || absl::StrCat(id) != subject) return std::nullopt;
  return id;
}

absl::StatusOr<Caller> Resolve(Caller caller, std::string_view subject,
                               std::optional<std::vector<std::string>> scope) {
  if (!caller.service.empty()) {
    if (caller.service != subject) return Refused("sub is not its service");
    if (!caller.roles.empty() || !caller.client_id.empty()) {
      return Refused("a service has neither roles nor a client id");
    }
    caller.kind = Caller::Kind::kService;
    caller.permissions = std::move(scope).value_or(std::vector<std::string>());
    return caller;
  }
  const bool is_app = !caller.client_id.empty();
  if (is_app && !scope.has_value()) scope.emplace();
  if (is_app && caller.client_id == subject) {  // It acts for itself.
    if (!caller.roles.empty()) return Refused("an app has no roles");
    caller.kind = Caller::Kind::kMachine;
    caller.permissions = *std::move(scope);
    return caller;
  }
  const std::optional<int64_t> user_id = UserId(subject);
  if (!user_id.has_value()) return Refused("sub is no person");
  caller.kind = Caller::Kind::kPerson;
  caller.user_id = *user_id;
  caller.permissions = PatternsOf(caller.roles);
  if (!scope.has_value()) return caller;
  caller.permissions = Intersection(caller.permissions, *scope);
  // Words such as "openid" are no permissions, so no role has them, and cover none.
  for (std::string& word : *scope) {
    const bool is_pattern = word == "*" || word.find('.') != std::string::npos;
    if (!is_pattern) caller.permissions.push_back(std::move(word));
  }
  return caller;
}

}  // namespace

absl::StatusOr<Caller> ReadClaims(std::string_view payload, const TokenRules& rules,
                                  absl::Time now) {
  const Json claims = Json::parse(payload, nullptr, /*allow_exceptions=*/false);
  if (!claims.is_object()) return Refused("its payload is no JSON object");
  ASSIGN_OR_RETURN(const std::string issuer, Text(claims, "iss"));
  if (issuer != rules.issuer) return Refused("it is by somebody else");
  RETURN_IF_ERROR(CheckAudience(claims, rules.audience));
  Caller caller;
  ASSIGN_OR_RETURN(caller.issued_at, Time(claims, "iat"));
  ASSIGN_OR_RETURN(caller.expires_at, Time(claims, "exp"));
  if (claims.contains("nbf")) {
    ASSIGN_OR_RETURN(const absl::Time not_before, Time(claims, "nbf"));
    if (now + rules.leeway < not_before) return Refused("not valid yet");
  }
  if (now >= caller.expires_at + rules.leeway) return Refused("expired");
  if (now + rules.leeway < caller.issued_at) return Refused("issued in the future");
  ASSIGN_OR_RETURN(caller.token_id, Text(claims, "jti"));
  if (caller.token_id.empty()) return Refused("it has no id");
  ASSIGN_OR_RETURN(caller.session_id, Text(claims, "sid"));
  ASSIGN_OR_RETURN(caller.client_id, Text(claims, "client_id"));
  ASSIGN_OR_RETURN(caller.service, Text(claims, "service"));
  ASSIGN_OR_RETURN(caller.roles, Roles(claims));
  ASSIGN_OR_RETURN(const std::string subject, Text(claims, "sub"));
  ASSIGN_OR_RETURN(std::optional<std::vector<std::string>> scope, Scope(claims));
  return Resolve(std::move(caller), subject, std::move(scope));
}

absl::StatusOr<Caller> VerifyToken(std::string_view token, const KeySet& keys,
                                   const TokenRules& rules, absl::Time now) {
  ASSIGN_OR_RETURN(const std::string payload, CheckSignature(token, keys));
  return ReadClaims(payload, rules, now);
}

}  // namespace selfology::identity
