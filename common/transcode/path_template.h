// Path templates of google.api.http, as contracts write them.
//
//   ASSIGN_OR_RETURN(PathTemplate path, ParsePathTemplate("/api/v1/profiles/{profile.user_id}:watch"));
//   path.segments;                 // literals "api", "v1", "profiles", then one free segment
//   path.variables[0].field;       // "profile.user_id"
//   path.verb;                     // "watch"
//
// Known are literals, `*` (one segment), `**` (what is left, also nothing; last only), `{field}`
// (one segment), `{field=segments}` with literals, `*` and `**`, and `:verb`. A slash at the end
// says nothing: "/a/" is "/a".
// Errors: INVALID_ARGUMENT that says what is wrong.
// Threads: pure functions.
// Source: google/api/http.proto, "Path template syntax".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace selfology::transcode {

struct PathTemplate {
  enum class Kind {
    kLiteral,
    kOne,   // Any one segment, not empty.
    kMany,  // All that follow, also none.
  };
  struct Segment {
    Kind kind;
    std::string literal = {};
  };
  // The segments [begin, end) are the field's value.
  struct Variable {
    std::string field;
    size_t begin;
    size_t end;
  };

  std::vector<Segment> segments;
  std::vector<Variable> variables;
  std::string verb;  // Without the colon; may be empty.

  // Whether the variable is one free segment, whose value is decoded wholly ("%2F" too).
  bool IsOneSegment(const Variable& variable) const;
  // The same for templates that take the same paths: "/a/*:verb" for "/a/{x}:verb".
  std::string Shape() const;
};

absl::StatusOr<PathTemplate> ParsePathTemplate(std::string_view text);

}  // namespace selfology::transcode
