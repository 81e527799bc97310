// Characters as the detector compares them: lower case, "ё" as "е", without accents, look-alikes and
// ornamental letters as the plain ones.
//
//   Plain(U'Ё')      // U'е'
//   Plain(U'𝐤')      // U'k'
//   ToCyrillic(U'o')  // U'о', which looks the same
//
// Threads: pure functions. Sources: Unicode blocks Halfwidth and Fullwidth Forms, Mathematical
// Alphanumeric Symbols, Enclosed Alphanumerics; confusables.txt of UTS #39 for Latin and Cyrillic.
#pragma once

#include <string>
#include <string_view>

namespace selfology::safety {

enum class CharacterKind {
  kLetter,
  kDigit,
  kMask,     // "*" and the like, which hide a letter.
  kJoiner,   // Part of a word when it stands between two letters.
  kIgnored,  // Not seen: zero width, accents by themselves, skin tones.
  kEmoji,
  kSpace,
  kClauseEnd,
  kSentenceEnd,
};

CharacterKind KindOf(char32_t plain);
char32_t Plain(char32_t c);

bool IsLatin(char32_t plain);
bool IsCyrillic(char32_t plain);

// The letter of the other alphabet that looks the same; 0 if there is none.
char32_t ToCyrillic(char32_t latin);
char32_t ToLatin(char32_t cyrillic);
// The letter that a digit or sign stands for in "su1c1de"; 0 if it stands for none.
char32_t LetterOf(char32_t sign);

std::u32string Utf32(std::string_view utf8);
std::string Utf8(std::u32string_view text);

}  // namespace selfology::safety
