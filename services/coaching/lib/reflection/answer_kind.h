// What kind of answer a text is, before any of it is said back.
//
// Threads: pure functions.
#pragma once

#include <string_view>
#include <vector>

#include "common/language/language.h"
#include "services/coaching/lib/reflection/tokens.h"

namespace selfology::reflection {

enum class AnswerKind {
  kNone,     // "help", "another question", letters at random, a question back, rudeness, danger.
  kHeavy,    // Death, illness, violence.
  kGuarded,  // Hard to say.
  kUnsaid,   // In another language, ironic, profane, an apology, or danger is in doubt.
  kPlain,
};

AnswerKind KindOf(language::Language language, std::string_view question, std::string_view text,
                  const std::vector<Sentence>& sentences);

// Whether the question asks for what is not so: "What would you do if …"
bool IsHypothetical(language::Language language, std::string_view question);

// Whether the question is after what hurts: "Which goodbye was important to you?"
bool IsTender(language::Language language, std::string_view question);

// Whether it asks for what weighs or is not to be shown: what few words name is then only thanked
// for.
bool AsksWhatIsSore(language::Language language, std::string_view question);
// Whether an answer has words of loneliness, shame or loss.
bool IsSore(language::Language language, std::string_view text);

// Whether somebody is called "ты" in it: then nobody knows whether the person wants "вы".
bool IsInformal(language::Language language, std::string_view text);

// Letters that are no words: "asdfgh", "ыыыы".
bool IsGibberish(const Token& word);

}  // namespace selfology::reflection
