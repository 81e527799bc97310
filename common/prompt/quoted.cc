#include "common/prompt/quoted.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/text/utf8.h"

namespace selfology::prompt {
namespace {

bool IsVisible(char32_t c) {
  if (c == '\n' || c == '\t') return true;
  if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) return false;
  if ((c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069)) return false;  // Direction.
  if (c >= 0xE0000 && c <= 0xE007F) return false;                                  // Tags.
  return c != 0xFEFF;
}

}  // namespace

std::string Visible(std::string_view text) {
  std::string visible;
  visible.reserve(text.size());
  while (!text.empty()) {
    const char32_t character = text::TakeCharacter(text);
    if (IsVisible(character)) text::AppendCharacter(character, visible);
  }
  return visible;
}

std::string Quote(std::string_view tag, std::string_view text) {
  return absl::StrCat("<", tag, ">\n",
                      absl::StrReplaceAll(Visible(text), {{"&", "&amp;"}, {"<", "&lt;"}}), "\n</",
                      tag, ">");
}

std::optional<std::string> Unquote(std::string_view tag, std::string_view prompt) {
  const std::string opening = absl::StrCat("<", tag, ">\n");
  const std::string closing = absl::StrCat("\n</", tag, ">");
  const size_t start = prompt.find(opening);
  if (start == std::string_view::npos) return std::nullopt;
  prompt.remove_prefix(start + opening.size());
  const size_t end = prompt.find(closing);
  if (end == std::string_view::npos) return std::nullopt;
  return absl::StrReplaceAll(prompt.substr(0, end), {{"&lt;", "<"}, {"&amp;", "&"}});
}

}  // namespace selfology::prompt
