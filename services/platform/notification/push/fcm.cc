#include "services/platform/notification/push/fcm.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/http/url.h"
#include "common/json/value.h"
#include "common/status/status_macros.h"
#include "common/text/utf8.h"

namespace selfology::notification {
namespace {

using Json = nlohmann::json;

constexpr char kScope[] = "https://www.googleapis.com/auth/firebase.messaging";
constexpr char kGrant[] = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr absl::Duration kAssertionLasts = absl::Minutes(60);
constexpr int kMostText = 600;  // A message has at most 4,096 bytes.

// Texts may come from anywhere.
std::string Dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// FcmError's code in the details, or the status: "UNREGISTERED".
std::string ErrorCodeIn(const Json& body) {
  const auto error = body.is_object() ? body.find("error") : body.end();
  if (!body.is_object() || error == body.end() || !error->is_object()) return "";
  if (const auto details = error->find("details"); details != error->end() && details->is_array()) {
    for (const Json& detail : *details) {
      if (!detail.is_object()) continue;
      if (const std::string code = Member(detail, "errorCode"); !code.empty()) return code;
    }
  }
  return Member(*error, "status");
}

// Only words of the protocol get into the log of attempts.
std::string Word(std::string_view code) {
  const bool is_word = code.size() <= 40 && std::all_of(code.begin(), code.end(), [](char c) {
                         return (c >= 'A' && c <= 'Z') || c == '_';
                       });
  return is_word ? std::string(code) : "";
}

}  // namespace

absl::StatusOr<FcmAccount> ParseFcmAccount(std::string_view text) {
  ASSIGN_OR_RETURN(const Json account, json::ParseValue(text));
  for (const char* name : {"project_id", "client_email", "private_key", "token_uri"}) {
    if (!account.is_object() || Member(account, name).empty()) {
      return absl::InvalidArgumentError(absl::StrCat("a service account has the member ", name));
    }
  }
  ASSIGN_OR_RETURN(PrivateKey key, PrivateKey::FromPem(Member(account, "private_key")));
  if (!key.is_rsa()) return absl::InvalidArgumentError("a service account has an RSA key");
  return FcmAccount{Member(account, "project_id"), Member(account, "client_email"),
                    Member(account, "private_key_id"), Member(account, "token_uri"),
                    std::move(key)};
}

absl::StatusOr<std::string> FcmTokenForm(const FcmAccount& account, absl::Time now) {
  Json header = Json::object();
  if (!account.key_id.empty()) header["kid"] = account.key_id;
  ASSIGN_OR_RETURN(
      const std::string assertion,
      account.key.Sign(std::move(header), {{"iss", account.email},
                                           {"scope", kScope},
                                           {"aud", account.token_uri},
                                           {"iat", absl::ToUnixSeconds(now)},
                                           {"exp", absl::ToUnixSeconds(now + kAssertionLasts)}}));
  return http::EncodeQuery({{"grant_type", kGrant}, {"assertion", assertion}});
}

absl::StatusOr<AccessToken> ParseAccessToken(std::string_view body, absl::Time now) {
  const auto answer = json::ParseValue(body);
  if (!answer.ok() || !answer->is_object() || Member(*answer, "access_token").empty()) {
    return absl::InvalidArgumentError("no access token");
  }
  const auto lasts = answer->find("expires_in");
  const int64_t seconds =
      lasts != answer->end() && lasts->is_number_integer() ? lasts->get<int64_t>() : 0;
  return AccessToken{Member(*answer, "access_token"),
                     now + absl::Seconds(std::clamp<int64_t>(seconds, 0, 86'400))};
}

std::string FcmJson(std::string_view registration_token, const PushMessage& message) {
  Json data = {{"unread", absl::StrCat(message.badge)}};
  Json android = {
      {"ttl", absl::StrCat(std::max<int64_t>(0, absl::ToInt64Seconds(message.time_to_live)), "s")},
      {"priority", message.priority >= v1::PRIORITY_HIGH ? "HIGH" : "NORMAL"}};
  Json out = {{"token", std::string(registration_token)}};
  if (message.is_badge()) {
    // Nothing is shown; of several that wait for the device the last one is delivered.
    android["collapse_key"] = "badge";
  } else {
    out["notification"] = {{"title", message.title},
                           {"body", std::string(text::Prefix(message.text, kMostText))}};
    data["notification_id"] = absl::StrCat(message.notification_id);
    data["link"] = message.link.size() <= 512 ? message.link : "";
    // One that is shown already is replaced by the same one sent again.
    android["notification"] = {{"tag", message.stable_id},
                               {"notification_count", std::min<int64_t>(message.badge, 99'999)}};
  }
  out["data"] = std::move(data);
  out["android"] = std::move(android);
  return Dump({{"message", std::move(out)}});
}

Outcome JudgeFcm(int http_status, std::string_view body) {
  if (http_status >= 200 && http_status < 300) {
    return {.outcome = v1::ATTEMPT_OUTCOME_ACCEPTED, .code = absl::StrCat(http_status)};
  }
  const auto parsed = json::ParseValue(body);
  const std::string error = Word(parsed.ok() ? ErrorCodeIn(*parsed) : "");
  Outcome outcome{.code = absl::StrCat(http_status, error.empty() ? "" : " ", error)};
  const bool later = http_status == 429 || http_status >= 500 || http_status == 401 ||
                     error == "QUOTA_EXCEEDED" || error == "UNAVAILABLE";
  outcome.outcome = later ? v1::ATTEMPT_OUTCOME_REFUSED_FOR_NOW : v1::ATTEMPT_OUTCOME_REFUSED;
  outcome.device_gone =
      error == "UNREGISTERED" ||
      (http_status == 400 && absl::StrContains(body, "not a valid FCM registration token"));
  return outcome;
}

}  // namespace selfology::notification
