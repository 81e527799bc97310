#include "services/edge/api_gateway/cors.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace selfology::api_gateway {
namespace {

constexpr char kRequestHeaders[] =
    "Accept, API-Version, Authorization, Content-Type, Grpc-Timeout, Idempotency-Key, traceparent, "
    "X-Correlation-ID, X-Request-Timeout";
constexpr char kAnswerHeaders[] =
    "RateLimit, RateLimit-Policy, Retry-After, traceparent, X-Correlation-ID";
constexpr char kPreflightSeconds[] = "600";

}  // namespace

absl::Status Cors::Check(const std::vector<std::string>& origins) {
  for (const std::string& origin : origins) {
    absl::string_view host = origin;
    const bool has_scheme =
        absl::ConsumePrefix(&host, "https://") || absl::ConsumePrefix(&host, "http://");
    if (origin == "*" || (has_scheme && !host.empty() && !absl::StrContains(host, "/"))) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("\"", origin, "\" is no origin such as https://app.example.org"));
  }
  return absl::OkStatus();
}

void Cors::Allow(const http::Headers& request, http::Headers& response) const {
  const auto origin = request.Get("Origin");
  if (origins_.empty()) return;
  // Caches must not show one origin's answer to another.
  response.Add("Vary", "Origin");
  if (!origin.has_value()) return;
  const bool is_any = std::find(origins_.begin(), origins_.end(), "*") != origins_.end();
  if (!is_any && std::find(origins_.begin(), origins_.end(), *origin) == origins_.end()) return;
  response.Set("Access-Control-Allow-Origin", is_any ? "*" : *origin);
  response.Set("Access-Control-Expose-Headers", kAnswerHeaders);
}

bool Cors::IsPreflight(std::string_view method, const http::Headers& request) {
  return method == "OPTIONS" && request.Get("Origin").has_value() &&
         request.Get("Access-Control-Request-Method").has_value();
}

void Cors::AllowPreflight(const http::Headers& request, std::string_view verbs,
                          http::Headers& response) const {
  Allow(request, response);
  if (!response.Get("Access-Control-Allow-Origin").has_value()) return;
  response.Set("Access-Control-Allow-Methods", verbs);
  response.Set("Access-Control-Allow-Headers", kRequestHeaders);
  response.Set("Access-Control-Max-Age", kPreflightSeconds);
}

}  // namespace selfology::api_gateway
