#include "common/transcode/problem.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "common/transcode/request.h"
#include "nlohmann/json.hpp"
#include "selfology/mesh/v1/http_response.pb.h"

namespace selfology::transcode {

using Value = nlohmann::ordered_json;

std::string_view TitleOf(int http_status) {
  switch (http_status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return http_status < 500 ? "Refused" : "Failed";
  }
}

int HttpStatusOf(const absl::Status& error) {
  const std::string reason = status::Reason(error);
  if (reason == kUnsupportedMediaType) return 415;
  if (reason == "REQUEST_TOO_LARGE") return 413;
  return status::HttpCode(error.code());
}

std::string ProblemJson(const absl::Status& error, const ProblemContext& context) {
  const int http_status = context.http_status != 0 ? context.http_status : HttpStatusOf(error);
  const std::string reason = status::Reason(error);
  Value body = {{"type", absl::StrCat("urn:selfology:error:", reason)},
                {"title", TitleOf(http_status)},
                {"status", http_status},
                {"detail", std::string_view(error.message())},
                {"instance", context.instance}};
  // Of the same function that all other doors use; it is JSON for sure.
  body.update(Value::parse(status::ErrorJson(error, context.trace_id), nullptr, false));
  if (const auto violations = status::Violations(error); !violations.empty()) {
    Value& list = body["violations"] = Value::array();
    for (const status::FieldViolation& violation : violations) {
      list.push_back({{"field", violation.field}, {"rule", violation.rule}});
    }
  }
  body["status_code"] = http_status;
  constexpr bool kAsciiOnly = false;
  return body.dump(-1, ' ', kAsciiOnly, Value::error_handler_t::replace);
}

http::Response Problem(const absl::Status& error, const ProblemContext& context) {
  const int http_status = context.http_status != 0 ? context.http_status : HttpStatusOf(error);
  http::Response response = {.status = http_status,
                             .headers = {{"Content-Type", std::string(kProblemJson)}},
                             .body = ProblemJson(error, context)};
  if (const auto delay = status::RetryAfter(error)) {
    response.headers.Set("Retry-After",
                         absl::StrCat(absl::ToInt64Seconds(absl::Ceil(*delay, absl::Seconds(1)))));
  }
  return response;
}

bool SpeaksOAuth(const Route& route) {
  return route.method->output_type() == mesh::v1::HttpResponse::descriptor() &&
         TakesClientSecret(*route.method->input_type());
}

http::Response OAuthRefusal(const absl::Status& error) {
  const auto violations = status::Violations(error);
  const bool is_client =
      std::any_of(violations.begin(), violations.end(),
                  [](const auto& violation) { return violation.field == kAuthorizationField; });
  std::string description(error.message());
  if (!violations.empty()) {
    description = absl::StrCat(violations.front().field, " ", violations.front().rule);
  }
  const Value body = {{"error", is_client ? "invalid_client" : "invalid_request"},
                      {"error_description", std::move(description)}};
  http::Response response = http::Response::Json(
      body.dump(-1, ' ', /*ensure_ascii=*/true, Value::error_handler_t::replace),
      is_client ? 401 : 400);
  response.headers.Set("Cache-Control", "no-store");
  if (is_client) response.headers.Set("WWW-Authenticate", "Basic realm=\"selfology\"");
  return response;
}

}  // namespace selfology::transcode
