#include "services/platform/integration/proxy_rules.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/http/url.h"

namespace selfology::integration {
namespace {

constexpr size_t kMaxBody = size_t{3} << 20;
constexpr size_t kMaxPath = 2048;
constexpr int kMaxQuery = 100;
constexpr int kMaxHeaders = 50;
constexpr absl::Duration kLongest = absl::Hours(24);
constexpr absl::Duration kUnsaid = absl::Seconds(60);

constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
constexpr std::string_view kOurs[] = {
    "authorization", "host",    "cookie", "content-length",     "connection", "transfer-encoding",
    "traceparent",   "upgrade", "te",     "proxy-authorization"};

template <typename Words>
bool Among(const Words& words, std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

bool IsHeaderName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_';
  });
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); });
}

std::optional<int64_t> Seconds(const http::Headers& headers, std::string_view name) {
  const auto value = headers.Get(name);
  int64_t seconds = 0;
  if (!value.has_value() || !absl::SimpleAtoi(*value, &seconds) || seconds < 0) return std::nullopt;
  return seconds;
}

}  // namespace

void CheckProxied(const v1::CallProviderRequest& request, status::FieldViolations& bad) {
  if (!Among(kMethods, request.method())) {
    bad.Add("method", "must be GET, HEAD, POST, PUT, PATCH or DELETE");
  }
  const std::string& path = request.path();
  const bool plain = std::all_of(path.begin(), path.end(), absl::ascii_isgraph);
  if (path.empty() || path.front() != '/' || path.size() > kMaxPath || !plain ||
      path.find_first_of("?#\\") != std::string::npos || absl::StartsWith(path, "//") ||
      !http::ParseTarget(path).ok()) {
    bad.Add("path",
            "must begin with one / and be a path, percent-encoded, of at most 2048 characters");
  }
  if (request.query_size() > kMaxQuery) bad.Add("query", "must be at most 100");
  if (request.headers_size() > kMaxHeaders) bad.Add("headers", "must be at most 50");
  for (int i = 0; i < std::min(request.headers_size(), kMaxHeaders); ++i) {
    const v1::Pair& header = request.headers(i);
    if (!IsHeaderName(header.key()) || Among(kOurs, absl::AsciiStrToLower(header.key()))) {
      bad.Add(absl::StrCat("headers[", i, "].key"), "must be a header that callers may set");
    }
    if (HasControl(header.value())) {
      bad.Add(absl::StrCat("headers[", i, "].value"), "must have no control characters");
    }
  }
  if (request.body().size() > kMaxBody) bad.Add("body", "must have at most 3 MiB");
}

bool MayRepeat(const v1::CallProviderRequest& request) {
  return request.idempotent() || (request.method() != "POST" && request.method() != "PATCH");
}

std::optional<absl::Time> ThrottledUntil(int http_status, const http::Headers& headers,
                                         absl::Time now) {
  const auto after = Seconds(headers, "Retry-After");
  const auto reset = Seconds(headers, "X-RateLimit-Reset");
  const bool used_up = headers.Get("X-RateLimit-Remaining") == "0";
  // 403 says many things; only with one of these it is about too many calls.
  if (http_status != 429 && !(http_status == 403 && (after.has_value() || used_up))) {
    return std::nullopt;
  }
  absl::Time until = now + kUnsaid;
  if (after.has_value()) {
    until = now + absl::Seconds(*after);
  } else if (reset.has_value() && used_up) {
    until = absl::FromUnixSeconds(*reset);
  }
  return std::clamp(until, now, now + kLongest);
}

bool IsPassedOn(std::string_view header) {
  constexpr std::string_view kNot[] = {"set-cookie",       "connection", "transfer-encoding",
                                       "content-encoding", "keep-alive", "content-length",
                                       "www-authenticate"};
  return !Among(kNot, absl::AsciiStrToLower(header));
}

}  // namespace selfology::integration
