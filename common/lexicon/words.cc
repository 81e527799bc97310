#include "common/lexicon/words.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace selfology::lexicon {
namespace {

enum class Kind {
  kLetter,
  kJoiner,   // Part of a word between two letters only: "don't", "co-worker".
  kIgnored,  // Shapes the character before it.
  kEmoji,
  kSpace,
  kClauseEnd,
  kSentenceEnd,
};

bool In(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

Script ScriptOf(char32_t c) {
  if (In(c, 'a', 'z') || In(c, 0x00C0, 0x024F)) return Script::kLatin;
  if (In(c, 0x0400, 0x052F)) return Script::kCyrillic;
  return Script::kOther;
}

Kind KindOf(char32_t c) {
  if (In(c, 'a', 'z') || In(c, '0', '9')) return Kind::kLetter;
  if (c == '\'' || c == '-') return Kind::kJoiner;
  if (c == '.' || c == '!' || c == '?' || c == '\n' || c == 0x2026) return Kind::kSentenceEnd;
  if (c == ',' || c == ';' || c == ':' || c == '(' || c == ')' || In(c, 0x2013, 0x2015)) {
    return Kind::kClauseEnd;
  }
  if (c < 0x00C0) return Kind::kSpace;
  // Variation selectors, zero-width joiner, skin tones.
  if (In(c, 0xFE00, 0xFE0F) || c == 0x200D || In(c, 0x1F3FB, 0x1F3FF)) return Kind::kIgnored;
  if (In(c, 0x2600, 0x27BF) || In(c, 0x1F300, 0x1FAFF)) return Kind::kEmoji;
  if (In(c, 0x2000, 0x2BFF) || In(c, 0x3000, 0x303F)) return Kind::kSpace;
  return Kind::kLetter;
}

char32_t Normal(char32_t c) {
  if (In(c, 'A', 'Z')) return c + 32;
  if (c == 0x0401 || c == 0x0451) return 0x0435;  // Ё, ё
  if (In(c, 0x0410, 0x042F)) return c + 32;       // А to Я
  if (In(c, 0x0400, 0x040F)) return c + 80;
  if (In(c, 0x00C0, 0x00DE) && c != 0x00D7) return c + 32;  // À to Þ
  if (c == 0x2018 || c == 0x2019 || c == 0x02BC) return '\'';
  if (c == 0x2010 || c == 0x2011) return '-';
  return c;
}

// Smileys that are typed: eyes are optional with two mouths or more, as Russians write them.
const char* TakeSmiley(std::string_view& utf8) {
  size_t mouth = 0;
  const bool has_eyes = utf8[0] == ':' || utf8[0] == ';';
  if (has_eyes) mouth = utf8.size() > 1 && utf8[1] == '-' ? 2 : 1;
  if (mouth >= utf8.size()) return nullptr;
  const char shape = utf8[mouth];
  if (shape != ')' && shape != '(') return nullptr;
  const size_t end = std::min(utf8.find_first_not_of(shape, mouth), utf8.size());
  if (!has_eyes && end - mouth < 2) return nullptr;
  utf8.remove_prefix(end);
  return shape == ')' ? ":)" : ":(";
}

}  // namespace

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
  const bool valid =
      character >= kSmallest[length] && character <= 0x10FFFF && !In(character, 0xD800, 0xDFFF);
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

std::vector<Word> SplitWords(std::string_view utf8) {
  std::vector<Word> words;
  Word word;
  std::string joiner;  // Waits for the letter that makes it a part of the word.
  const auto end_word = [&] {
    joiner.clear();
    if (!word.text.empty()) words.push_back(std::exchange(word, Word()));
  };
  const auto end_clause = [&](bool sentence) {
    end_word();
    if (words.empty()) return;
    words.back().ends_clause = true;
    words.back().ends_sentence |= sentence;
  };

  while (!utf8.empty()) {
    if (const char* smiley = TakeSmiley(utf8)) {
      end_word();
      words.push_back({.text = smiley});
      continue;
    }
    const char32_t c = Normal(TakeCharacter(utf8));
    switch (KindOf(c)) {
      case Kind::kLetter:
        word.text += std::exchange(joiner, "");
        AppendCharacter(c, word.text);
        if (word.script == Script::kOther) word.script = ScriptOf(c);
        break;
      case Kind::kJoiner:
        if (word.text.empty() || !joiner.empty()) {
          end_word();
        } else {
          AppendCharacter(c, joiner);
        }
        break;
      case Kind::kIgnored:
        break;
      case Kind::kEmoji:
        end_word();
        AppendCharacter(c, word.text);
        end_word();
        break;
      case Kind::kSpace:
        end_word();
        break;
      case Kind::kClauseEnd:
        end_clause(/*sentence=*/false);
        break;
      case Kind::kSentenceEnd:
        end_clause(/*sentence=*/true);
        break;
    }
  }
  end_word();
  return words;
}

}  // namespace selfology::lexicon
