#include "common/text/utf8.h"

#include <cstdint>

namespace selfology::text {

char32_t TakeCharacter(std::string_view& utf8) {
  const auto byte = [&](size_t i) -> uint32_t { return static_cast<unsigned char>(utf8[i]); };
  const uint32_t lead = byte(0);
  const size_t length = lead < 0x80       ? 1
                        : lead >> 5 == 6  ? 2
                        : lead >> 4 == 14 ? 3
                        : lead >> 3 == 30 ? 4
                                          : 0;
  if (length == 0 || length > utf8.size()) {
    utf8.remove_prefix(1);
    return 0;
  }
  char32_t character = length == 1 ? lead : lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if (byte(i) >> 6 != 2) {
      utf8.remove_prefix(i);
      return 0;
    }
    character = character << 6 | (byte(i) & 0x3F);
  }
  utf8.remove_prefix(length);
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool valid = character >= kSmallest[length] && character <= 0x10FFFF &&
                     (character < 0xD800 || character > 0xDFFF);
  return valid ? character : 0;
}

void AppendCharacter(char32_t character, std::string& utf8) {
  const auto tail = [&](int shift) {
    utf8 += static_cast<char>(0x80 | (character >> shift & 0x3F));
  };
  if (character < 0x80) {
    utf8 += static_cast<char>(character);
  } else if (character < 0x800) {
    utf8 += static_cast<char>(0xC0 | character >> 6);
    tail(0);
  } else if (character < 0x10000) {
    utf8 += static_cast<char>(0xE0 | character >> 12);
    tail(6);
    tail(0);
  } else {
    utf8 += static_cast<char>(0xF0 | character >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string_view Prefix(std::string_view utf8, int characters) {
  std::string_view rest = utf8;
  for (; characters > 0 && !rest.empty(); --characters) TakeCharacter(rest);
  return utf8.substr(0, utf8.size() - rest.size());
}

}  // namespace selfology::text
