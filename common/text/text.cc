#include "common/text/text.h"

#include <algorithm>
#include <array>

namespace selfology::text {
namespace {

constexpr std::array<std::string_view, 25> kWhiteSpace = {
    "\t",     "\n",     "\v",     "\f",     "\r",     " ",      "\u0085", "\u00A0", "\u1680",
    "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
    "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

}  // namespace

int Characters(std::string_view utf8) {
  return static_cast<int>(utf8.size() - std::count_if(utf8.begin(), utf8.end(), IsContinuation));
}

std::string_view Trim(std::string_view utf8) {
  const auto at = [&](auto fits) {
    return std::find_if(kWhiteSpace.begin(), kWhiteSpace.end(), fits);
  };
  while (true) {
    const auto first = at([&](std::string_view space) { return utf8.starts_with(space); });
    if (first == kWhiteSpace.end()) break;
    utf8.remove_prefix(first->size());
  }
  while (true) {
    const auto last = at([&](std::string_view space) { return utf8.ends_with(space); });
    if (last == kWhiteSpace.end()) break;
    utf8.remove_suffix(last->size());
  }
  return utf8;
}

bool IsStorable(std::string_view utf8) { return utf8.find('\0') == std::string_view::npos; }

}  // namespace selfology::text
