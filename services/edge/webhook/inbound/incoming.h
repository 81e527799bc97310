// One incoming HTTP request, as the rest of this folder looks at it.
//
// Threads: values and pure functions.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace selfology::webhook {

struct Incoming {
  std::map<std::string, std::string, std::less<>> headers =
      {};  // Names in lower case; the first of each.
  std::map<std::string, std::string, std::less<>> query = {};  // Decoded; the first of each.
  std::string body = {};                                       // As it came.

  // Empty: there is none.
  std::string_view Header(std::string_view lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
  std::string_view Query(std::string_view name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string_view() : std::string_view(found->second);
  }
};

// Takes the prefix off, if it is there.
inline bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Whether it is UTF-8 without NUL, which is what PostgreSQL and JSON can hold.
bool IsText(std::string_view bytes);
// The first `characters` of it, made such a text: U+FFFD stands for what is none.
std::string AsText(std::string_view bytes, int characters);

}  // namespace selfology::webhook
