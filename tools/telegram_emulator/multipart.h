// The body of a request with files: multipart/form-data.
//
//   ASSIGN_OR_RETURN(std::vector<Part> parts, ParseMultipart(content_type, body));
//   parts[0].name;        // "photo"
//   parts[0].is_file;     // it has a file name
//   parts[0].content;     // points into body
//
// Strict: nothing before the first boundary, line ends as the RFC has them, an end that is there.
// Errors: INVALID_ARGUMENT in Telegram's words. Threads: pure functions. Source: RFC 7578, 2046.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace selfology::telegram_emulator {

struct Part {
  std::string name = {};
  bool is_file = false;
  std::string file_name = {};
  std::string content_type = {};
  std::string_view content = {};
};

absl::StatusOr<std::vector<Part>> ParseMultipart(std::string_view content_type,
                                                 std::string_view body);

}  // namespace selfology::telegram_emulator
