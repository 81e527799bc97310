// What can be said back to a person who answered a question: their own clause, or nothing that they
// did not say.
//
//   Reflect({.text = "Accounts, mostly. I check every invoice three times before lunch.",
//            .language = Language::kEnglish})
//   // kTurned: "You check every invoice three times before lunch."
//
// Few words that name what was asked for are said back with it (kNamed: "Plants – that is what you like
// to spend money on."); what is said of the writer in the second person, where the grammar is certain
// (kTurned); what is complete but not certain is quoted (kQuoted). What weighs heavily (death,
// illness, violence) or was hard to say gets sober words that quote nothing
// (kSober); an answer without a clause that is surely fit (exclusions.h) a plain thank-you
// (kThanks); no answer at all, rudeness and danger (services/coaching/lib/safety) nothing (kSilent:
// somebody else speaks, or nobody). No feeling is asserted that the words do not name, and none is
// praised. Where the question or the answer says "ты", nothing that is said calls the person "вы".
//
// Texts have at most 300 characters. Which of several ways to say it is taken depends on `number`
// alone, so that consecutive answers never get the same one. Takes some 100 µs. Threads: pure
// functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/language/language.h"

namespace selfology::reflection {

using language::Language;

struct Answered {
  std::string_view question = {};  // May be empty.
  std::string_view text = {};
  Language language = Language::kEnglish;  // To speak in; a text in another one is thanked for.
  uint64_t number = 0;                     // Of the answer among the person's; or a hash.
};

enum class Kind { kSilent, kThanks, kSober, kQuoted, kTurned, kNamed };

struct Reflection {
  Kind kind = Kind::kSilent;
  std::string text = {};  // Empty if silent.
};

Reflection Reflect(const Answered& answer);

// What the text says of its writer, in its own words and each at most so many characters,
// weightiest first: for quotations. Empty where Reflect quotes nothing.
std::vector<std::string> Quotable(std::string_view text, Language language, int characters);

// "You wrote … and …": two quotations of different answers.
std::string InsightOf(std::string_view one, std::string_view other, Language language,
                      uint64_t number);
// One quotation, said to somebody else.
std::string SummaryOf(std::string_view quotation, Language language);

}  // namespace selfology::reflection
