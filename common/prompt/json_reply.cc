#include "common/prompt/json_reply.h"

namespace selfology::prompt {
namespace {

// Where the object that begins with reply[start] ends, one past; npos when it does not. Judges
// braces and strings only.
size_t EndOfObject(std::string_view reply, size_t start) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = start; i < reply.size(); ++i) {
    const char c = reply[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<nlohmann::json> FindJsonObject(std::string_view reply) {
  for (size_t start = reply.find('{'); start != std::string_view::npos;
       start = reply.find('{', start)) {
    const size_t end = EndOfObject(reply, start);
    if (end == std::string_view::npos) return std::nullopt;
    nlohmann::json value = nlohmann::json::parse(reply.begin() + start, reply.begin() + end,
                                                 /*cb=*/nullptr, /*allow_exceptions=*/false);
    if (value.is_object()) return value;
    start = end;
  }
  return std::nullopt;
}

}  // namespace selfology::prompt
