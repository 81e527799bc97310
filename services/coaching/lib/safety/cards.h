// What a person in danger reads, and the buttons below it.
//
//   const Card card = CardFor(Danger::kIndirect, Language::kEnglish, "GB");
//   // "... Are you thinking about ending your life?"  [Yes] [No] [Not sure]
//
// A button's argument is the name of the card that answers it (CardNamed), but for "safe", which
// also ends the crisis mode, and "ending_yes", which is answered by the card of Danger::kDirect.
// Texts are plain, without markup; help lines of the country are in them. Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/language/language.h"
#include "services/coaching/lib/safety/follow_up.h"
#include "services/coaching/lib/safety/safety.h"
#include "services/coaching/lib/safety/safety.pb.h"

namespace selfology::safety {

struct Card {
  struct Button {
    std::string label;
    std::string argument;
  };
  std::string text;
  std::vector<Button> buttons;
};

// `danger` is not kNone. The country is as in LinesFor; empty when it is not known.
Card CardFor(Danger danger, language::Language language, std::string_view country);
Card CardFor(FollowUp follow_up, language::Language language, std::string_view country);

// The text alone, for where there are no buttons: with the help lines that a card may have behind one.
std::string HelpFor(Danger danger, language::Language language, std::string_view country);

// The card that a button's argument leads to; nullopt for an argument that no button has.
std::optional<Card> CardNamed(std::string_view argument, language::Language language,
                              std::string_view country);

// As they are in the tables. Errors: INVALID_ARGUMENT for a malformed table.
absl::StatusOr<CardTexts> ParseCards(language::Language language);

}  // namespace selfology::safety
