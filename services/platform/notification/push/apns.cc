#include "services/platform/notification/push/apns.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/json/value.h"
#include "common/text/utf8.h"

namespace selfology::notification {
namespace {

using Json = nlohmann::json;

constexpr int kMostText = 600;  // A payload has at most 4,096 bytes.

std::string ReasonIn(std::string_view body) {
  const auto answer = json::ParseValue(body);
  if (!answer.ok() || !answer->is_object()) return "";
  const auto reason = answer->find("reason");
  if (reason == answer->end() || !reason->is_string()) return "";
  const std::string word = reason->get<std::string>();
  const bool is_word = word.size() <= 40 && std::all_of(word.begin(), word.end(), [](char c) {
                         return absl::ascii_isalpha(static_cast<unsigned char>(c));
                       });
  return is_word ? word : "";
}

}  // namespace

absl::StatusOr<std::string> ApnsToken(const PrivateKey& key, std::string_view key_id,
                                      std::string_view team_id, absl::Time now) {
  return key.Sign({{"kid", std::string(key_id)}},
                  {{"iss", std::string(team_id)}, {"iat", absl::ToUnixSeconds(now)}});
}

bool IsApnsDeviceToken(std::string_view token) {
  return token.size() >= 64 && token.size() <= 200 &&
         std::all_of(token.begin(), token.end(),
                     [](char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); });
}

http::Headers ApnsHeaders(const PushMessage& message, std::string_view token,
                          std::string_view topic, absl::Time now) {
  const bool hurries = message.priority >= v1::PRIORITY_NORMAL && !message.is_badge();
  return {{"authorization", absl::StrCat("bearer ", token)},
          {"apns-id", message.stable_id},
          {"apns-topic", std::string(topic)},
          {"apns-push-type", "alert"},
          {"apns-priority", hurries ? "10" : "5"},
          {"apns-expiration", absl::StrCat(absl::ToUnixSeconds(now + message.time_to_live))},
          // One that is shown already is replaced by the same one sent again.
          {"apns-collapse-id", message.is_badge() ? "badge" : message.stable_id},
          {"content-type", "application/json"}};
}

std::string ApnsJson(const PushMessage& message) {
  Json aps = {{"badge", message.badge}};
  Json out = Json::object();
  if (!message.is_badge()) {
    aps["alert"] = {{"title", message.title},
                    {"body", std::string(text::Prefix(message.text, kMostText))}};
    aps["thread-id"] = message.topic;
    aps["sound"] = "default";
    aps["interruption-level"] = message.priority == v1::PRIORITY_URGENT ? "time-sensitive"
                                : message.priority == v1::PRIORITY_LOW  ? "passive"
                                                                        : "active";
    out["notification_id"] = message.notification_id;
    if (!message.link.empty() && message.link.size() <= 512) out["link"] = message.link;
  }
  out["aps"] = std::move(aps);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Outcome JudgeApns(int http_status, std::string_view body) {
  if (http_status == 200) return {.outcome = v1::ATTEMPT_OUTCOME_ACCEPTED, .code = "200"};
  const std::string reason = ReasonIn(body);
  Outcome outcome{.code = absl::StrCat(http_status, reason.empty() ? "" : " ", reason)};
  const bool later = http_status == 429 || http_status >= 500 || reason == "ExpiredProviderToken" ||
                     reason == "IdleTimeout";
  outcome.outcome = later ? v1::ATTEMPT_OUTCOME_REFUSED_FOR_NOW : v1::ATTEMPT_OUTCOME_REFUSED;
  outcome.device_gone =
      http_status == 410 ||
      (http_status == 400 && (reason == "BadDeviceToken" || reason == "DeviceTokenNotForTopic"));
  return outcome;
}

}  // namespace selfology::notification
