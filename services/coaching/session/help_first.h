// Whether somebody in danger gets help instead of having their answer counted: who answers by RPC
// has no guard before them, as people in Telegram have (coaching/safety_dialog).
//
//   HelpFirst("I took all my pills", Danger::kNone, "en")->help   // where there is help
//   HelpFirst("I like painting", Danger::kPlan, "en")->help       // the same danger still
//   HelpFirst("I am safe now", Danger::kPlan, "en")->open         // Danger::kNone: it is heard
//   HelpFirst("I like painting", Danger::kNone, "en")             // nullopt: an answer
//
// Who speaks of ending their life gets no questions until they say clearly that they are safe, or
// were misunderstood. After every other danger the next answer counts again, unless it speaks of
// danger or of the help. While no danger is open, this finds no more than the guard does: what that
// let pass passes here. Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/coaching/lib/safety/safety.h"

namespace selfology::session {

struct Heard {
  std::string help;                                // For the person: plain text with help lines.
  safety::Danger open = safety::Danger::kNone;     // From now on; kNone: it is over.
  safety::Danger noticed = safety::Danger::kNone;  // In these words; kNone: a follow-up.
  safety::Level level = safety::Level::kNone;      // Of `noticed`.
  bool is_news = false;                            // No danger was open, or only a lesser one.
};

// `open`: what the last words left open. `question`: the one that is answered; who is asked what they
// are afraid of may name the worst. `language` (BCP 47) is the person's; who writes in Cyrillic
// is answered in Russian.
std::optional<Heard> HelpFirst(std::string_view answer, safety::Danger open,
                               std::string_view language, std::string_view question = "");

// The danger that safety::NameOf names so; kNone for every other name.
safety::Danger DangerNamed(std::string_view name);

}  // namespace selfology::session
