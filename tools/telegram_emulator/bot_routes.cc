#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
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

Answer HandleCall(Bots& bots, const http::Request& request) {
  // "/bot<token>/<method>"
  std::string_view path = request.path;
  path.remove_prefix(std::string_view("/bot").size());
  const size_t slash = path.find('/');
  const std::string_view token = path.substr(0, slash);
  if (!IsWellFormedToken(token)) {
    return Answer::Error(401, "Unauthorized: invalid token specified");
  }
  Exchange* const exchange = bots.ForToken(token);
  if (exchange == nullptr) return Answer::Error(401, "Unauthorized");
  if (slash == std::string_view::npos || slash + 1 == path.size()) {
    return Answer::Error(404, "Not Found");
  }
  if (request.body.size() > static_cast<size_t>(kMostUploadBytes)) {
    return Answer::Error(413, "Request Entity Too Large");
  }
  const absl::StatusOr<Parameters> parameters = Parameters::Parse(
      request.query, request.headers.Get("Content-Type").value_or(""), request.body);
  if (!parameters.ok()) return Answer::FromStatus(parameters.status());
  return exchange->CallBot(path.substr(slash + 1), *parameters, GaveUpOn(request));
}

}  // namespace

std::vector<http::Route> BotRoutes(Bots* bots, http::Handler other) {
  const auto handle = [bots, other = std::move(other)](
                          const http::Request& request) -> absl::StatusOr<http::Response> {
    // "/botany" may be a channel's name; a token has a colon.
    const bool is_call = request.path.starts_with("/bot") &&
                         (request.method == "POST" || absl::StrContains(request.path, ":") ||
                          request.path.find('/', 1) != std::string::npos);
    if (is_call) return ToResponse(HandleCall(*bots, request));
    if (request.method == "GET") return other(request);
    return ToResponse(Answer::Error(404, "Not Found"));
  };
  // A token is no path segment of its own, so these take all that no other route does. The longest
  // getUpdates lasts 50 s. What is too large is refused in Telegram's words, unless it is far too
  // large.
  const auto route = [&](std::string method) {
    return http::Route{.method = std::move(method),
                       .path = "/*",
                       .handler = handle,
                       .long_poll = true,
                       .max_body_bytes = 2 * static_cast<size_t>(kMostUploadBytes),
                       .timeout = absl::Seconds(120)};
  };
  return {route("GET"), route("POST")};
}

}  // namespace selfology::telegram_emulator
