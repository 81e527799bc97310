// Parts of URLs: taking apart what a client asked for, putting together what we ask for.
//
//   ASSIGN_OR_RETURN(http::Target target, http::ParseTarget("/files/a%20b?page=2"));
//   target.path;                 // "/files/a b"
//   http::Encode("a b/c");       // "a%20b%2Fc", for a path segment, a query's or a form's value
//
// Errors: INVALID_ARGUMENT for what RFC 3986 does not allow, for NUL bytes, and for "." or ".."
// segments, so that a path cannot climb out of a prefix.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace selfology::http {

using Parameters = std::vector<std::pair<std::string, std::string>>;

struct Target {
  std::string path;          // Decoded; starts with "/".
  std::string encoded_path;  // As it was sent.
  Parameters query;          // Decoded, in order.
};

// A request line's target: "/path?query", or a whole "http://host/path?query" as proxies send it.
absl::StatusOr<Target> ParseTarget(std::string_view target);

// A form's body (application/x-www-form-urlencoded), decoded, in order.
absl::StatusOr<Parameters> ParseForm(std::string_view body);

// Takes percent-encoding back; a "+" stays one.
absl::StatusOr<std::string> Decode(std::string_view text);

// Percent-encodes all but letters, digits and "-._~".
std::string Encode(std::string_view text);

// "a=1&b=x%20y"
std::string EncodeQuery(const Parameters& parameters);

}  // namespace selfology::http
