#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tools/telegram_emulator/requests.h"
#include "tools/telegram_emulator/routes.h"

namespace selfology::telegram_emulator {
namespace {

http::Response ToResponse(const Answer& answer) {
  if (answer.drop) {
    http::Response response;
    response.drop = true;
    return response;
  }
  if (!answer.body.empty()) {
    http::Response response = http::Response::Text(answer.body, answer.code);
    response.headers.Set("Content-Type", "text/html");
    return response;
  }
  http::Response response = JsonResponse(answer.ToJson(), answer.code);
  if (answer.retry_after_s != 0) {
    response.headers.Set("Retry-After", absl::StrCat(answer.retry_after_s));
  }
  return response;
}

int64_t BotId(std::string_view token) {
  int64_t id = 0;
  return absl::SimpleAtoi(token.substr(0, token.find(':')), &id) ? id : 0;
}

Answer HandleCall(Exchange& exchange, const std::string& wanted_token,
                  const http::Request& request) {
  // "/bot<token>/<method>"
  std::string_view path = request.path;
  path.remove_prefix(std::string_view("/bot").size());
  const size_t slash = path.find('/');
  const std::string_view token = path.substr(0, slash);
  if (!IsWellFormedToken(token)) {
    return Answer::Error(401, "Unauthorized: invalid token specified");
  }
  if (!wanted_token.empty() && token != wanted_token) return Answer::Error(401, "Unauthorized");
  if (slash == std::string_view::npos || slash + 1 == path.size()) {
    return Answer::Error(404, "Not Found");
  }
  const absl::StatusOr<Parameters> parameters = Parameters::Parse(
      request.query, request.headers.Get("Content-Type").value_or(""), request.body);
  if (!parameters.ok()) return Answer::FromStatus(parameters.status());
  exchange.Do([&](World& world, absl::Time) {
    if (world.chats.bot().id == 0) world.chats.set_bot_id(BotId(token));
    return true;
  });
  return exchange.CallBot(path.substr(slash + 1), *parameters, GaveUpOn(request));
}

}  // namespace

bool IsWellFormedToken(std::string_view token) {
  constexpr size_t kLongest = 80;
  const size_t colon = token.find(':');
  if (colon == 0 || colon == std::string_view::npos || token.size() > kLongest) return false;
  const std::string_view id = token.substr(0, colon);
  const std::string_view secret = token.substr(colon + 1);
  return id[0] != '0' && std::all_of(id.begin(), id.end(), absl::ascii_isdigit) &&
         secret.size() >= 3 && std::all_of(secret.begin(), secret.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '-';
         });
}

std::vector<http::Route> BotRoutes(Exchange* exchange, const std::string& token) {
  const auto handle = [exchange,
                       token](const http::Request& request) -> absl::StatusOr<http::Response> {
    if (!request.path.starts_with("/bot")) {
      return ToResponse(Answer::Error(404, "Not Found"));
    }
    return ToResponse(HandleCall(*exchange, token, request));
  };
  // A token is no path segment of its own, so these take all that no other route does. The longest
  // getUpdates lasts 50 s.
  const auto route = [&](std::string method) {
    return http::Route{.method = std::move(method),
                       .path = "/*",
                       .handler = handle,
                       .long_poll = true,
                       .timeout = absl::Seconds(120)};
  };
  return {route("GET"), route("POST")};
}

}  // namespace selfology::telegram_emulator
