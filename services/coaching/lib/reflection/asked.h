// What a question asks for, as a part of a statement.
//
//   AskedIn(Language::kEnglish, "What calms you, when you are upset?")
//   // .what = kThing, .told = "what calms you", .link = "that is"
//   AskedIn(Language::kRussian, "С кем вам легко молчать?")
//   // .what = kPerson, .told = "с кем вам легко молчать", .link = "вот", .preposition = "с"
//
// nullopt where the question has another form, hurts, or calls the person "ты". Nothing but the
// question's own words are in it. Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/language/language.h"
#include "services/coaching/lib/reflection/tokens.h"

namespace selfology::reflection {

enum class AskedFor {
  kThing,        // Also what somebody does.
  kPerson,       // Or another living being.
  kPlace,        // "Where", "in which place"
  kTime,         // "When", "in which situations", «за каким занятием»
  kManner,       // "How", «как»
  kAmount,       // "How much", «сколько»
  kWords,        // An advice, a saying: is quoted.
  kDescription,  // A feeling, three words, a quality.
};

struct Asked {
  AskedFor what = AskedFor::kThing;
  std::string told = {};
  std::string link = {};         // "that is", "those are"; «вот»
  std::string preposition = {};  // That the question begins with.
  bool noun = false;             // "which habit", «какое занятие»: not "what".
  bool named = false;            // A name with a capital may answer: of a person, a place, a song.
  // What it asks for if not for a person: "who or what", "with whom or where".
  std::string told_otherwise = {};
};

std::optional<Asked> AskedIn(language::Language language, std::string_view question);

// Of one language each, of the words between the asides; AskedIn chooses.
std::optional<Asked> AskedInEnglish(std::vector<Token> tokens);
std::optional<Asked> AskedInRussian(std::vector<Token> tokens);

}  // namespace selfology::reflection
