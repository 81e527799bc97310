#include "services/coaching/lib/lexicon/words.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/text/utf8.h"

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

  const size_t size = utf8.size();
  while (!utf8.empty()) {
    const size_t at = size - utf8.size();
    if (const char* smiley = TakeSmiley(utf8)) {
      end_word();
      words.push_back({.text = smiley, .begin = at, .end = size - utf8.size()});
      continue;
    }
    const char32_t c = Normal(text::TakeCharacter(utf8));
    switch (KindOf(c)) {
      case Kind::kLetter:
        if (word.text.empty()) word.begin = at;
        word.end = size - utf8.size();
        word.text += std::exchange(joiner, "");
        text::AppendCharacter(c, word.text);
        if (word.script == Script::kOther) word.script = ScriptOf(c);
        break;
      case Kind::kJoiner:
        if (word.text.empty() || !joiner.empty()) {
          end_word();
        } else {
          text::AppendCharacter(c, joiner);
        }
        break;
      case Kind::kIgnored:
        break;
      case Kind::kEmoji:
        end_word();
        text::AppendCharacter(c, word.text);
        word.begin = at;
        word.end = size - utf8.size();
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
