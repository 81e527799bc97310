// One body for all errors of REST: RFC 9457's members, `error` (R000-26) and
// `status_code` (R003-16).
//
//   http::Response answer = Problem(error, {.instance = "/api/v1/profiles/1", .trace_id = trace});
//
//   {"type":"urn:selfology:error:PROFILE_NOT_FOUND","title":"Not Found","status":404,
//    "detail":"no profile yet","instance":"/api/v1/profiles/1",
//    "error":{"code":"PROFILE_NOT_FOUND","message":"no profile yet","details":{},"trace_id":"..."},
//    "status_code":404}
//
// Content-Type is application/problem+json. What is wrong with fields is in "violations", as
// {"field", "rule"}, and in error.details. Retry-After is set where waiting helps.
// Threads: pure functions.
// Sources: RFC 9457, RFC 6749; R000-26, R003-16.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/http/server.h"
#include "common/transcode/route_table.h"

namespace selfology::transcode {

inline constexpr std::string_view kProblemJson = "application/problem+json";

struct ProblemContext {
  std::string_view instance = {};  // The path asked for, encoded.
  std::string_view trace_id = {};
  int http_status = 0;  // 0: that of the error's code and reason.
};

// The body alone.
std::string ProblemJson(const absl::Status& error, const ProblemContext& context);

http::Response Problem(const absl::Status& error, const ProblemContext& context);

// The HTTP status of an error: its code's, but for reasons that HTTP has a status of its own for.
int HttpStatusOf(const absl::Status& error);

// Whether the route is an OAuth endpoint: it takes an app's name and secret, and answers in the words
// of others.
bool SpeaksOAuth(const Route& route);
// For a request that cannot be read at such a route: {"error":"invalid_request",...}, or
// "invalid_client" when the Authorization header cannot (RFC 6749 section 5.2).
http::Response OAuthRefusal(const absl::Status& error);

// "Not Found"
std::string_view TitleOf(int http_status);

}  // namespace selfology::transcode
