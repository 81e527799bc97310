// What the REST routes share: reading paths and bodies, answering with JSON, waiting no longer than
// somebody listens.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/http/server.h"
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

inline absl::Status NoSuchResource() { return absl::NotFoundError("no such resource"); }

// True once nobody waits for the response, or the server is stopping.
inline Exchange::GaveUp GaveUpOn(const http::Request& request) {
  return [call = request.call, draining = request.draining] {
    return call.Cancelled() || (draining && draining());
  };
}

}  // namespace selfology::telegram_emulator
