#include "common/prompt/json_reply.h"

namespace selfology::prompt {
namespace {

// What takes such an object apart or writes it recurses.
constexpr int kMaxDepth = 100;

struct Extent {
  size_t end;  // One past; npos when the object does not end.
  bool too_deep;
};

// Of the object that begins with reply[start]. Judges brackets and strings only.
Extent ExtentOfObject(std::string_view reply, size_t start) {
  int depth = 0;  // Of braces.
  int brackets = 0;
  bool too_deep = false;
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
    } else if (c == '[') {
      ++brackets;
    } else if (c == ']') {
      --brackets;
    } else if (c == '}' && --depth == 0) {
      return {.end = i + 1, .too_deep = too_deep};
    }
    too_deep |= depth + brackets > kMaxDepth;
  }
  return {.end = std::string_view::npos, .too_deep = too_deep};
}

}  // namespace

std::optional<nlohmann::json> FindJsonObject(std::string_view reply) {
  for (size_t start = reply.find('{'); start != std::string_view::npos;
       start = reply.find('{', start)) {
    const auto [end, too_deep] = ExtentOfObject(reply, start);
    if (end == std::string_view::npos) return std::nullopt;
    if (too_deep) {
      start = end;
      continue;
    }
    nlohmann::json value = nlohmann::json::parse(reply.begin() + start, reply.begin() + end,
                                                 /*cb=*/nullptr, /*allow_exceptions=*/false);
    if (value.is_object()) return value;
    start = end;
  }
  return std::nullopt;
}

}  // namespace selfology::prompt
