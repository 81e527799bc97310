#include "services/coaching/lib/safety/characters.h"

#include <cstddef>

#include "common/text/utf8.h"

namespace selfology::safety {
namespace {

bool In(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

// Letters with accents that have a plain one: À to ž.
constexpr std::u32string_view kAccented =
    U"àáâãäåāăąèéêëēĕėęěìíîïĩīĭįıòóôõöøōŏőùúûüũūŭůűųçćĉċčñńņňýÿŷžźżśŝşšğĝġģþðďđťţłľĺřŕĥħĵķ";
constexpr std::u32string_view kUnaccented =
    U"aaaaaaaaaeeeeeeeeeiiiiiiiiiooooooooouuuuuuuuuucccccnnnnyyyzzzssssggggtdddttlllrrhhjk";
// Lower case of Latin Extended-A alternates: even is upper, odd lower, with a shift in the middle.
char32_t LowerExtended(char32_t c) {
  if (In(c, 0x0139, 0x0148) || In(c, 0x0179, 0x017E)) return c % 2 == 1 ? c + 1 : c;
  if (c == 0x0178) return 0x00FF;
  return c % 2 == 0 && c != 0x0138 ? c + 1 : c;
}

struct Lookalike {
  char32_t latin;
  char32_t cyrillic;
};
constexpr Lookalike kLookalikes[] = {
    {'a', U'а'},   {'b', U'в'}, {'c', U'с'}, {'e', U'е'}, {'h', U'н'},   {'k', U'к'},
    {'m', U'м'},   {'o', U'о'}, {'p', U'р'}, {'t', U'т'}, {'x', U'х'},   {'y', U'у'},
    {'i', 0x0456}, {'u', U'и'}, {'r', U'г'}, {'n', U'п'}, {'s', 0x0455}, {'j', 0x0458},
    {'3', U'з'},   {'0', U'о'}, {'4', U'ч'}, {'6', U'б'}};

char32_t PlainOrnament(char32_t c) {
  if (In(c, 0xFF21, 0xFF3A)) return c - 0xFF21 + 'a';
  if (In(c, 0xFF41, 0xFF5A)) return c - 0xFF41 + 'a';
  if (In(c, 0xFF10, 0xFF19)) return c - 0xFF10 + '0';
  if (In(c, 0x1D400, 0x1D6A3)) return (c - 0x1D400) % 26 + 'a';
  if (In(c, 0x1D7CE, 0x1D7FF)) return (c - 0x1D7CE) % 10 + '0';
  if (In(c, 0x24B6, 0x24E9)) return (c - 0x24B6) % 26 + 'a';
  if (In(c, 0x1F130, 0x1F149)) return c - 0x1F130 + 'a';
  if (In(c, 0x1F150, 0x1F169)) return c - 0x1F150 + 'a';
  if (In(c, 0x1F170, 0x1F189)) return c - 0x1F170 + 'a';
  return c;
}

}  // namespace

char32_t Plain(char32_t c) {
  if (In(c, 'A', 'Z')) return c + 32;
  if (c < 0x80) return c;
  if (c == 0x0401 || c == 0x0451) return 0x0435;
  if (In(c, 0x0410, 0x042F)) return c + 32;
  if (In(c, 0x0430, 0x044F)) return c;
  if (In(c, 0x0400, 0x040F)) c += 80;
  if (c == 0x0450) return 0x0435;
  if (In(c, 0x0460, 0x04FF) && c != 0x0482) {  // Ukrainian ґ, Kazakh ә and others, in pairs.
    if (In(c, 0x04C1, 0x04CE)) return c % 2 == 1 ? c + 1 : c;
    if (In(c, 0x0483, 0x0489) || c == 0x04C0 || c == 0x04CF) return c;
    return c % 2 == 0 ? c + 1 : c;
  }
  if (In(c, 0x00C0, 0x00DE) && c != 0x00D7) c += 32;
  if (In(c, 0x0100, 0x017F)) c = LowerExtended(c);
  if (In(c, 0x00E0, 0x017F)) {
    const size_t at = kAccented.find(c);
    if (at != std::u32string_view::npos) return kUnaccented[at];
    return c;
  }
  if (c == 0x2018 || c == 0x2019 || c == 0x02BC || c == 0x00B4 || c == 0x2032) return '\'';
  if (c == 0x2010 || c == 0x2011 || c == 0x00AD) return c == 0x00AD ? 0x200B : '-';
  return PlainOrnament(c);
}

CharacterKind KindOf(char32_t c) {
  if (In(c, 'a', 'z') || c == '$' || c == '@') return CharacterKind::kLetter;
  if (In(c, '0', '9')) return CharacterKind::kDigit;
  if (c == '\'' || c == '-' || c == '_') return CharacterKind::kJoiner;
  if (c == '*' || c == '#') return CharacterKind::kMask;
  if (c == '.' || c == '!' || c == '?' || c == '\n' || c == 0x2026) {
    return CharacterKind::kSentenceEnd;
  }
  if (c == ',' || c == ';' || c == ':' || c == '(' || c == ')' || In(c, 0x2013, 0x2015)) {
    return CharacterKind::kClauseEnd;
  }
  if (c < 0x00C0) return CharacterKind::kSpace;
  if (In(c, 0x0300, 0x036F) || In(c, 0x0483, 0x0489) || In(c, 0x200B, 0x200F) ||
      In(c, 0x202A, 0x202E) || In(c, 0x2060, 0x206F) || In(c, 0xFE00, 0xFE0F) || c == 0xFEFF ||
      c == 0x180E || c == 0x034F || In(c, 0x1F3FB, 0x1F3FF) || In(c, 0xE0000, 0xE007F)) {
    return CharacterKind::kIgnored;
  }
  if (In(c, 0x2600, 0x27BF) || In(c, 0x1F300, 0x1FAFF)) return CharacterKind::kEmoji;
  if (In(c, 0x2000, 0x2BFF) || In(c, 0x3000, 0x303F)) return CharacterKind::kSpace;
  return CharacterKind::kLetter;
}

bool IsLatin(char32_t c) { return In(c, 'a', 'z') || In(c, 0x00DF, 0x024F); }
bool IsCyrillic(char32_t c) { return In(c, 0x0400, 0x052F); }

char32_t ToCyrillic(char32_t latin) {
  for (const Lookalike& pair : kLookalikes) {
    if (pair.latin == latin) return pair.cyrillic;
  }
  return 0;
}

char32_t ToLatin(char32_t cyrillic) {
  for (const Lookalike& pair : kLookalikes) {
    if (pair.cyrillic == cyrillic) return pair.latin;
  }
  return 0;
}

char32_t LetterOf(char32_t sign) {
  switch (sign) {
    case '0':
      return 'o';
    case '1':
      return 'i';
    case '3':
      return 'e';
    case '4':
    case '@':
      return 'a';
    case '5':
    case '$':
      return 's';
    case '7':
      return 't';
    case '8':
      return 'b';
    default:
      return 0;
  }
}

std::u32string Utf32(std::string_view utf8) {
  std::u32string text;
  text.reserve(utf8.size());
  while (!utf8.empty()) text += text::TakeCharacter(utf8);
  return text;
}

std::string Utf8(std::u32string_view text) {
  std::string utf8;
  for (const char32_t c : text) text::AppendCharacter(c, utf8);
  return utf8;
}

}  // namespace selfology::safety
