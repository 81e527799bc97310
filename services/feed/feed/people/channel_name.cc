#include "services/feed/feed/people/channel_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/text/text.h"

namespace selfology::feed {
namespace {

bool IsTelegramName(std::string_view name) {
  return !name.empty() && name.size() <= 32 &&
         absl::ascii_isalpha(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

bool StripPrefix(std::string_view& text, std::string_view prefix) {
  if (!absl::StartsWithIgnoreCase(text, prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::string NameOfChannel(std::string_view text) {
  const std::string_view whole = text::Trim(text);
  std::string_view rest = whole;
  if (!StripPrefix(rest, "https://")) StripPrefix(rest, "http://");
  if (StripPrefix(rest, "t.me/") || StripPrefix(rest, "telegram.me/")) {
    StripPrefix(rest, "s/");
    const std::string_view name = rest.substr(0, rest.find_first_of("/?#"));
    return IsTelegramName(name) ? std::string(name) : "";
  }
  std::string_view name = whole;
  // Not of "@name@server".
  if (absl::StartsWith(name, "@") && name.find('@', 1) == std::string_view::npos) {
    name.remove_prefix(1);
  }
  const bool has_space = std::any_of(name.begin(), name.end(), [](unsigned char c) {
    return absl::ascii_isspace(c) || absl::ascii_iscntrl(c);
  });
  return has_space || text::Characters(name) > kMaxChannelName ? "" : std::string(name);
}

std::string KeyOfChannel(std::string_view name) {
  const size_t scheme = name.find("://");
  if (scheme == std::string_view::npos) return absl::AsciiStrToLower(name);
  const size_t path = std::min(name.find('/', scheme + 3), name.size());
  return absl::StrCat(absl::AsciiStrToLower(name.substr(0, path)), name.substr(path));
}

}  // namespace selfology::feed
