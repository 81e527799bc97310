// What the REST routes share: reading paths and bodies, answering with JSON, waiting no longer than
// somebody listens.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/http/server.h"
#include "tools/telegram_emulator/bots.h"
#include "tools/telegram_emulator/exchange.h"
#include "tools/telegram_emulator/json.h"

namespace selfology::telegram_emulator {

// "/api/users/7" as {"api", "users", "7"}.
inline std::vector<std::string> Segments(const http::Request& request) {
  return absl::StrSplit(request.path, '/', absl::SkipEmpty());
}

inline absl::StatusOr<int64_t> NumberIn(const std::string& segment) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(segment, &number)) return absl::NotFoundError("no such resource");
  return number;
}

inline int64_t QueryNumber(const http::Request& request, std::string_view name, int64_t fallback) {
  int64_t number = 0;
  const auto text = request.Parameter(name);
  return text.has_value() && absl::SimpleAtoi(*text, &number) ? number : fallback;
}

// ?bot=<id>; without it, the first.
inline absl::StatusOr<Exchange*> BotIn(Bots& bots, const http::Request& request) {
  Exchange* const exchange = bots.Find(QueryNumber(request, "bot", 0));
  if (exchange == nullptr) return absl::NotFoundError("no such bot");
  return exchange;
}

// The body as an object. INVALID_ARGUMENT unless it is one and says so.
inline absl::StatusOr<Json> ObjectIn(const http::Request& request) {
  if (!absl::StartsWithIgnoreCase(request.headers.Get("Content-Type").value_or(""), http::kJson)) {
    return absl::InvalidArgumentError("the body must be application/json");
  }
  absl::StatusOr<Json> body = ParseJson(request.body);
  if (!body.ok() || !body->is_object())
    return absl::InvalidArgumentError("the body must be a JSON object");
  return body;
}

inline http::Response JsonResponse(const Json& json, int status = 200) {
  return http::Response::Json(Dump(json), status);
}

// Until when ?wait_ms=5000 waits; no request waits longer than a minute.
inline absl::Time WaitUntil(const http::Request& request) {
  const absl::Duration wait = absl::Milliseconds(QueryNumber(request, "wait_ms", 0));
  return absl::Now() + std::min(wait, absl::Seconds(60));
}

inline absl::Status NoSuchResource() { return absl::NotFoundError("no such resource"); }

// True once nobody waits for the response, or the server is stopping.
inline Exchange::GaveUp GaveUpOn(const http::Request& request) {
  return [call = request.call, draining = request.draining] {
    return call.Cancelled() || (draining && draining());
  };
}

}  // namespace selfology::telegram_emulator
