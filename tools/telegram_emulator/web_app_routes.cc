// Mini apps: what Telegram tells one about who opened it, signed with the bot's token.
//   POST /api/web-apps?bot=<id> {"user_id": 7, "start_parameter": "…"}  ->  {"init_data": "…"}
// Source: https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/http/url.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/requests.h"
#include "tools/telegram_emulator/routes.h"

namespace selfology::telegram_emulator {
namespace {

using Reply = absl::StatusOr<http::Response>;

std::string HmacSha256(std::string_view key, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

// Each call gives another: a text is good for one session only.
std::string InitDataOf(const User& user, std::string_view start_parameter, std::string_view token,
                       absl::Time now) {
  const Json about = {{"id", user.id},
                      {"first_name", user.first_name},
                      {"last_name", user.last_name},
                      {"username", user.username},
                      {"language_code", user.language_code}};
  http::Parameters fields = {{"auth_date", absl::StrCat(absl::ToUnixSeconds(now))},
                             {"query_id", absl::StrCat("AAE", absl::ToUnixNanos(now))},
                             {"user", about.dump()}};
  if (!start_parameter.empty()) fields.emplace_back("start_param", std::string(start_parameter));
  std::sort(fields.begin(), fields.end());
  const std::string lines = absl::StrJoin(fields, "\n", [](std::string* out, const auto& field) {
    absl::StrAppend(out, field.first, "=", field.second);
  });
  fields.emplace_back("hash",
                      absl::BytesToHexString(HmacSha256(HmacSha256("WebAppData", token), lines)));
  return http::EncodeQuery(fields);
}

}  // namespace

std::vector<http::Route> WebAppRoutes(Bots* bots) {
  const auto open = [bots](const http::Request& request) -> Reply {
    ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(*bots, request));
    ASSIGN_OR_RETURN(const Json body, ObjectIn(request));
    const std::string token = bots->TokenOf(QueryNumber(request, "bot", 0));
    if (token.empty()) return absl::FailedPreconditionError("the bot has not called yet");
    const int64_t id = IntOr(body, "user_id");
    const User user = exchange->Look([&](const World& world) {
      const User* const found = world.chats.FindUser(id);
      return found == nullptr ? User() : *found;
    });
    if (user.id == 0) return absl::NotFoundError("no such user");
    return JsonResponse(
        {{"init_data", InitDataOf(user, StringOr(body, "start_parameter"), token, absl::Now())}});
  };
  return {{.method = "POST", .path = "/api/web-apps", .handler = open}};
}

}  // namespace selfology::telegram_emulator
