#include "services/feed/feed_dialog/addresses.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/text/text.h"

namespace selfology::feed_dialog {
namespace {

// Without what stands around words in sentences.
std::string_view Bare(std::string_view word) {
  while (!word.empty() && std::string_view("(<[\"'").find(word.front()) != std::string_view::npos) {
    word.remove_prefix(1);
  }
  while (!word.empty() &&
         std::string_view(".,;:!?)>]\"'").find(word.back()) != std::string_view::npos) {
    word.remove_suffix(1);
  }
  return word;
}

bool IsName(std::string_view word) {
  return word.size() >= 4 && word.size() <= 32 &&
         absl::ascii_isalpha(static_cast<unsigned char>(word[0])) &&
         std::all_of(word.begin(), word.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
         });
}

// "example.org/blog", "alice.bsky.social": letters on both sides of the last point before a slash.
bool LooksLikeAHost(std::string_view word) {
  const std::string_view host = word.substr(0, word.find('/'));
  const size_t point = host.rfind('.');
  if (point == std::string_view::npos || point == 0 || host.size() - point < 3) return false;
  const auto is_letter = [](char c) {
    return absl::ascii_isalpha(static_cast<unsigned char>(c)) ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  return is_letter(host[point + 1]) && host.find('@') == std::string_view::npos;
}

bool LooksLikeAnAddress(std::string_view word) {
  if (absl::StartsWith(word, "@")) return word.size() > 4;
  for (const std::string_view scheme : {"https://", "http://", "tg://"}) {
    if (absl::StartsWithIgnoreCase(word, scheme)) return word.size() > scheme.size();
  }
  return LooksLikeAHost(word);
}

}  // namespace

std::vector<std::string> FindAddresses(std::string_view words) {
  words = text::Trim(words);
  std::vector<std::string> found;
  if (IsName(words)) return {std::string(words)};
  for (const std::string_view part : absl::StrSplit(words, absl::ByAnyChar(" \t\r\n"))) {
    const std::string_view word = Bare(part);
    if (word.empty() || word.size() > 2048 || !LooksLikeAnAddress(word)) continue;
    if (std::find(found.begin(), found.end(), word) != found.end()) continue;
    found.emplace_back(word);
    if (found.size() > kMaxAddresses) break;
  }
  if (!found.empty()) return found;
  // A list of bare names, one a line.
  for (const std::string_view line : absl::StrSplit(words, '\n')) {
    const std::string_view word = Bare(text::Trim(line));
    if (!IsName(word)) return {};
    if (std::find(found.begin(), found.end(), word) == found.end()) found.emplace_back(word);
    if (found.size() > kMaxAddresses) break;
  }
  return found.size() > 1 ? found : std::vector<std::string>();
}

}  // namespace selfology::feed_dialog
