// Reads sentences that ask for a reminder so long before something that has its own time.
//
//   ReadReminder(Split("remind me 30 minutes before the dentist"))  // kRemind, "dentist", 30
//   ReadReminder(Split("напомни про врача за полчаса"))             // kRemind, "врача", 30
//
// kTask for what is no such sentence, also where the thing or its time is said in full: "remind me an
// hour before the dentist tomorrow at 9" is a new task. English and Russian. Threads: pure functions.
#pragma once

#include "services/growth/growth_dialog/wish_words.h"
#include "services/growth/growth_dialog/wishes.h"

namespace selfology::growth_dialog {

Wish ReadReminder(const Tokens& words);

}  // namespace selfology::growth_dialog
