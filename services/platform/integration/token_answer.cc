#include "services/platform/integration/token_answer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/http/url.h"

namespace selfology::integration {
namespace {

using Json = nlohmann::json;

// What says more is a mistake: nobody's access token lasts for years that it tells in seconds.
constexpr int64_t kLongest = int64_t{10} * 366 * 86'400;
constexpr size_t kMaxToken = 8192;

Json Parse(std::string_view body) {
  Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (json.is_object()) return json;
  json = Json::object();
  if (const auto form = http::ParseForm(body); form.ok()) {
    for (const auto& [name, value] : *form) json.emplace(name, value);
  }
  return json;
}

std::string Text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

int64_t Number(const Json& object, const char* name) {
  const auto found = object.find(name);
  int64_t number = 0;
  if (found == object.end()) return 0;
  if (found->is_number_integer()) return found->get<int64_t>();
  if (found->is_number_float()) {
    const double value = found->get<double>();
    return value > 0 && value < static_cast<double>(kLongest) ? static_cast<int64_t>(value) : 0;
  }
  return found->is_string() && absl::SimpleAtoi(found->get<std::string>(), &number) ? number : 0;
}

TokenError ErrorOf(std::string_view word) {
  constexpr std::string_view kGrant[] = {
      "invalid_grant",         "bad_verification_code", "bad_refresh_token", "invalid_code",
      "invalid_refresh_token", "code_already_used",     "token_revoked",     "token_expired"};
  constexpr std::string_view kClient[] = {
      "invalid_client",    "unauthorized_client", "incorrect_client_credentials",
      "invalid_client_id", "bad_client_secret",   "redirect_uri_mismatch"};
  constexpr std::string_view kAway[] = {"temporarily_unavailable", "server_error", "ratelimited",
                                        "slow_down", "internal_error"};
  const auto among = [&](const auto& words) {
    return std::find(std::begin(words), std::end(words), word) != std::end(words);
  };
  if (among(kGrant)) return TokenError::kGrant;
  if (among(kClient)) return TokenError::kClient;
  if (among(kAway)) return TokenError::kAway;
  return TokenError::kStrange;
}

bool IsToken(std::string_view text) {
  return !text.empty() && text.size() <= kMaxToken &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

TokenAnswer ReadTokenAnswer(int http_status, std::string_view body) {
  TokenAnswer answer;
  if (http_status >= 500 || http_status == 429) {
    answer.error = TokenError::kAway;
    return answer;
  }
  const Json json = Parse(body);
  if (const std::string error = Text(json, "error"); !error.empty()) {
    answer.error = ErrorOf(error);
    return answer;
  }
  answer.tokens = {Text(json, "access_token"), Text(json, "refresh_token")};
  if (!answer.tokens.refresh.empty() && !IsToken(answer.tokens.refresh)) answer.tokens.refresh = "";
  if (http_status < 200 || http_status > 299 || !IsToken(answer.tokens.access)) {
    answer.error = TokenError::kStrange;
    answer.tokens = {};
    return answer;
  }
  if (const int64_t seconds = Number(json, "expires_in"); seconds > 0 && seconds <= kLongest) {
    answer.lasts = absl::Seconds(seconds);
  }
  if (const std::string scope = Text(json, "scope"); !scope.empty()) {
    std::vector<std::string> scopes =
        absl::StrSplit(scope, absl::ByAnyChar(" ,"), absl::SkipEmpty());
    if (scopes.size() > 100) scopes.resize(100);
    answer.scopes = std::move(scopes);
  }
  return answer;
}

std::string Member(std::string_view json, std::string_view path) {
  if (path.empty()) return "";
  const Json document = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  const Json* value = &document;
  for (const std::string_view name : absl::StrSplit(path, '.')) {
    if (!value->is_object()) return "";
    const auto found = value->find(std::string(name));
    if (found == value->end()) return "";
    value = &*found;
  }
  if (value->is_string()) return value->get<std::string>();
  return value->is_number_integer() ? value->dump() : std::string();
}

std::string EncodeTokens(const Tokens& tokens) {
  return Json{{"access", tokens.access}, {"refresh", tokens.refresh}}.dump();
}

absl::StatusOr<Tokens> DecodeTokens(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::DataLossError("stored tokens cannot be read");
  return Tokens{Text(json, "access"), Text(json, "refresh")};
}

}  // namespace selfology::integration
