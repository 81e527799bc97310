// What is said one way by some and another way by others: words, and set phrases, in English and Russian.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/types/span.h"

namespace selfology::content {

struct WordPair {
  std::string_view formal;
  std::string_view plain;
  // Where both mean the same whatever stands around them; else only the formal one is replaced.
  bool both_ways = true;
};

// Anywhere in a sentence, in small letters.
absl::Span<const WordPair> WordPairs();
// At the beginning of a sentence.
absl::Span<const WordPair> BeginningPairs();
// "do not" and "don't".
absl::Span<const WordPair> Contractions();

// In place of `from`, where it stands as words of its own; large first letters stay large. How many.
int ReplaceWords(std::string& text, std::string_view from, std::string_view to);
// Only at the beginning.
bool ReplaceBeginning(std::string& sentence, std::string_view from, std::string_view to);

// Whether somebody greets or takes their leave with it, and says nothing else.
bool IsGreeting(std::string_view sentence);
bool IsFarewell(std::string_view sentence);

// The same with its first letter large, or small.
std::string WithLarge(std::string_view text);
std::string WithSmall(std::string_view text);

bool IsCyrillic(std::string_view text);  // More Cyrillic letters than Latin ones.

}  // namespace selfology::content
