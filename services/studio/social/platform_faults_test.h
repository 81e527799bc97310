// How calls to stand-ins of platforms fail.
#pragma once

#include <optional>

#include "common/http/server.h"

namespace selfology::social {

enum class Fault {
  kNone,
  kDropBefore,  // The connection breaks, and nothing happened.
  kDropAfter,   // The connection breaks, and it happened.
  k502After,    // A proxy says so, and it happened.
  k503Before,   // A proxy says so, and nothing happened.
  k429,
  k401,
  k422,
  kFlood,  // WordPress: a comment too soon after another.
};

// What fails although nothing was published; nullopt: something is.
inline std::optional<http::Response> FailedBefore(Fault fault) {
  switch (fault) {
    case Fault::kDropBefore:
      return http::Response{.drop = true};
    case Fault::k503Before:
      return http::Response::Text("", 503);
    case Fault::k429: {
      http::Response response = http::Response::Json("{}", 429);
      response.headers.Set("Retry-After", "1");
      return response;
    }
    case Fault::k401:
      return http::Response::Json("{}", 401);
    case Fault::k422:
      return http::Response::Json("{}", 422);
    case Fault::kFlood:
      return http::Response::Json(R"({"code": "comment_flood"})", 400);
    default:
      return std::nullopt;
  }
}

}  // namespace selfology::social
