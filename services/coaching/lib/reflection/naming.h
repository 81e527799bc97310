// Few words that name something, said back with what they answer: alone they would say nothing.
//
//   AsAnswer(Language::kEnglish, "What calms you when you are upset?", Tokens("Cleaning the oven"))
//   // "Cleaning the oven – that is what calms you"
//   WithTopic(Language::kEnglish, Tokens("My garden"), "You water it at five")
//   // "Your garden. You water it at five"
//
// nullopt where the question is of another form, or the words are more than a name. Nothing is added
// but the question's own words. Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "common/language/language.h"
#include "services/coaching/lib/reflection/second_person.h"
#include "services/coaching/lib/reflection/tokens.h"

namespace selfology::reflection {

// The words of a sentence that name something, without what only fills; empty if it says more than
// that, takes something back, or blames.
Clause NameIn(language::Language language, const Sentence& sentence);

std::optional<std::string> AsAnswer(language::Language language, std::string_view question,
                                    Clause name);

std::optional<std::string> WithTopic(language::Language language, Clause name,
                                     std::string_view clause);

// "that is what calms you", «вот что вас успокаивает», of a question.
std::optional<std::string> AnsweredPart(language::Language language, std::string_view question);

}  // namespace selfology::reflection
