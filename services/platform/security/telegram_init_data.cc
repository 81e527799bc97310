#include "services/platform/security/telegram_init_data.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/crypto/crypto.h"
#include "common/http/url.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::security {
namespace {

constexpr std::string_view kHash = "hash";
// Clocks differ a little.
constexpr absl::Duration kAhead = absl::Minutes(1);

absl::Status Refused(std::string_view why) {
  return status::Error(mesh::v1::ERROR_CODE_INIT_DATA_REFUSED, why);
}

std::string ValueOf(const http::Parameters& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return "";
}

// "Data-check-string": all fields but the hash, sorted, a line each.
std::string CheckString(const http::Parameters& fields) {
  std::vector<std::string> lines;
  for (const auto& [key, value] : fields) {
    if (key != kHash) lines.push_back(absl::StrCat(key, "=", value));
  }
  std::sort(lines.begin(), lines.end());
  return absl::StrJoin(lines, "\n");
}

int64_t UserIn(const std::string& user) {
  const nlohmann::json members = nlohmann::json::parse(user, nullptr, false);
  if (!members.is_object()) return 0;
  const auto id = members.find("id");
  return id != members.end() && id->is_number_integer() ? id->get<int64_t>() : 0;
}

}  // namespace

absl::StatusOr<InitData> ReadInitData(std::string_view text, std::string_view bot_token,
                                      absl::Time now) {
  if (bot_token.empty()) return Refused("no bot is configured");
  const absl::StatusOr<http::Target> target = http::ParseTarget(absl::StrCat("/?", text));
  if (!target.ok()) return Refused("it is no query string");
  const http::Parameters& fields = target->query;
  const std::string key = crypto::HmacSha256("WebAppData", bot_token);
  const std::string signature = crypto::HmacSha256(key, CheckString(fields));
  if (!crypto::SameBytes(absl::BytesToHexString(signature), ValueOf(fields, kHash)))
    return Refused("it is not signed by Telegram");
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(ValueOf(fields, "auth_date"), &seconds)) return Refused("it has no date");
  const absl::Time signed_at = absl::FromUnixSeconds(seconds);
  if (signed_at + kInitDataLife < now) return Refused("it is too old");
  if (signed_at > now + kAhead) return Refused("it comes from the future");
  const int64_t user_id = UserIn(ValueOf(fields, "user"));
  if (user_id <= 0) return Refused("it names no person");
  return InitData{user_id, signed_at, signature};
}

}  // namespace selfology::security
