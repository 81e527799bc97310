// Messages made of the catalogue's phrases and of what others wrote: questions, insights, numbers.
// All texts are Telegram's HTML, with the others' words escaped.
//
//   texts::Question(Language::kRussian,
//                   {.number = 3, .of = 10, .domain = "IDENTITY", .text = text})
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/profile/v1/profile.pb.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/coaching/coaching_dialog/catalogue.h"
#include "services/coaching/coaching_dialog/messages.h"

namespace selfology::coaching_dialog::texts {

struct AskedQuestion {
  int number = 0;  // From 1; 0: not known.
  int of = 0;
  std::string_view domain = "";  // "IDENTITY"
  std::string_view text = "";
  bool heavy = false;
};
std::string Question(Language language, const AskedQuestion& question);

// Data of the buttons under a question: "skip", "why", "example". Ids too long for Telegram are cut.
std::string QuestionButton(std::string_view action, std::string_view question_id);
// Whether the argument of such a button names this question.
bool IsButtonOf(std::string_view argument, std::string_view question_id);

// The key of a question's message when it is asked.
std::string QuestionKey(int64_t session_id, std::string_view question_id);

// A question with its buttons, and the mark by which its answer comes back. `key`: QuestionKey, or
// one of its own when it is shown again.
v1::DialogMessage QuestionMessage(Language language, const std::string& key,
                                  const std::string& question_id, const AskedQuestion& question);

std::string Feedback(std::string_view insight);
std::string Insight(std::string_view words);

// Whether a trait may be shown, and something be chosen by it.
bool IsSureEnough(const trait::v1::TraitEstimate& estimate);
// `profile`: null while there is none.
std::string Completion(Language language, const events::v1::SessionCompleted& event,
                       const profile::v1::Profile* profile);
std::string Profile(Language language, const profile::v1::Profile& profile);
std::string TimedOut(Language language, int answers);

std::string CannotRead(Language language, v1::ContentKind content);
// The words under it were read.
std::string OnlyWordsRead(Language language, v1::ContentKind content);
std::string Help(Language language);

// What a failed call means for the person. `characters`: the length of what they wrote.
std::string Failure(Language language, const absl::Status& failure, int characters = 0);

struct Command {
  std::string_view name;  // Without "/".
  std::string_view effect;
  std::vector<std::string_view> menus = {};    // See MenuOf (goal.h); empty: all.
  std::vector<std::string_view> aliases = {};  // See DialogCommand.aliases.
};
// The dialog's commands, in the order of the menu.
std::vector<Command> CommandMenu(Language language);

}  // namespace selfology::coaching_dialog::texts
