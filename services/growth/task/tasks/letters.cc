#include "services/growth/task/tasks/letters.h"

#include <utf8proc.h>

#include "common/text/utf8.h"

namespace selfology::task {

std::string LowerCase(std::string_view utf8) {
  std::string lower;
  lower.reserve(utf8.size());
  while (!utf8.empty()) {
    const char32_t c = text::TakeCharacter(utf8);
    text::AppendCharacter(static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))),
                          lower);
  }
  return lower;
}

std::string FoldCase(std::string_view utf8) {
  std::string folded;
  folded.reserve(utf8.size());
  while (!utf8.empty()) {
    const char32_t c = text::TakeCharacter(utf8);
    const auto lower = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
    text::AppendCharacter(lower == U'ё' ? U'е' : lower, folded);
  }
  return folded;
}

}  // namespace selfology::task
