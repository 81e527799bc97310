// The words of what people write, for those who read it (wishes.h).
//
// Threads: pure functions.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace selfology::growth_dialog {

using Tokens = std::vector<std::string>;

// Lower case, "ё" as "е", words apart; what is between them goes.
Tokens Split(std::string_view text);

bool IsAny(const std::string& word, std::initializer_list<std::string_view> words);

// Whether the word at `at` is one of those; false behind the end.
bool IsAt(const Tokens& words, size_t at, std::initializer_list<std::string_view> any);

// A day or a part of one that is yet to come: "today", "monday", "вечером".
bool NamesDay(const std::string& word);

// Whether words that say when begin at `at`; they go on to the end.
bool BeginsTime(const Tokens& words, size_t at);

// "посмотреть": what is to be done, so that "сериал" beside it is no verb.
bool IsInfinitive(const std::string& word);

// Those words from `begin` to `end` that tell one task from another.
std::string JoinTelling(const Tokens& words, size_t begin, size_t end);

// Forms of one word: "маме" and "мама", "report" and "reports".
bool IsSameWord(const std::string& left, const std::string& right);

}  // namespace selfology::growth_dialog
