// Few words that name something, said back with what they answer: alone they would say nothing.
//
//   const Name name = NameIn(Language::kEnglish, sentence);  // "Cleaning the oven, mostly"
//   AsAnswer(Language::kEnglish, *AskedIn(...), name)        // "Cleaning the oven": fits the question
//   WithTopic(Language::kEnglish, name, "You water it at five")
//   // "Your garden. You water it at five"
//
// nullopt where the words do not fit what is asked for. Nothing is added but the question's own
// words. Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "common/language/language.h"
#include "services/coaching/lib/reflection/asked.h"
#include "services/coaching/lib/reflection/second_person.h"
#include "services/coaching/lib/reflection/tokens.h"

namespace selfology::reflection {

struct Name {
  std::vector<Token> tokens = {};
  bool as_written = false;  // Can only be quoted: familiar words, or people at large.
  bool whole = false;       // Of its sentence, but for asides and fillers.

  bool empty() const { return tokens.empty(); }
};

// The words of a sentence that name something; empty if it says more than that, takes something
// back, or blames.
Name NameIn(language::Language language, const Sentence& sentence);

// "Bath. Book. Bed.": the names of a list, joined by commas; empty if one of the sentences is none.
Name NameOfList(language::Language language, absl::Span<const Sentence> sentences);

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

// As it may stand within a sentence: without its capital; nullopt where that may be a name's.
std::optional<std::string> Inside(language::Language language, const Asked& asked,
                                  std::string_view text);

}  // namespace selfology::reflection
