// Few words that name something, said back with what they answer: alone they would say nothing.
//
//   AsAnswer(Language::kEnglish, *AskedIn(Language::kEnglish, "What calms you?"), name)
//   // .text = "Cleaning the oven", .told = "what calms you"
//   WithTopic(Language::kEnglish, name, "You water it at five")
//   // "Your garden. You water it at five"
//
// nullopt where the words do not fit what is asked for. Nothing is added but the question's own
// words. Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/language/language.h"
#include "services/coaching/lib/reflection/asked.h"
#include "services/coaching/lib/reflection/naming.h"
#include "services/coaching/lib/reflection/second_person.h"

namespace selfology::reflection {

// Whether the name can stand for what is asked for: "when it is quiet" for a time, not for a person.
bool Answers(language::Language language, const Asked& asked, Clause name);

struct Answering {
  std::string text;  // In the second person, or as it was written.
  std::string told;  // "what calms you"
  bool quoted = false;
  bool open = false;  // Ends in a clause that wants a comma behind it.
};

std::optional<Answering> AsAnswer(language::Language language, const Asked& asked, Name name);

std::optional<std::string> WithTopic(language::Language language, const Name& name,
                                     std::string_view clause);

// Whether the words surely have the case that the question asks with: «с водой», of «с чем».
bool HasCaseOf(language::Language language, const Asked& asked, std::string_view text);

// As it may stand within a sentence: without its capital; nullopt where that may be a name's.
std::optional<std::string> Inside(language::Language language, const Asked& asked,
                                  std::string_view text);

}  // namespace selfology::reflection
