// What somebody asks the bot about, in whatever words, where an answer was expected.
//
//   IntentOfQuestion("is my data sold to anyone?")    // kWhoReads
//   IntentOfQuestion("do you like cats?")             // kUnclear
//   IntentOfQuestion("why can't I just be happy?")    // nullopt: an answer, asked of oneself
//
// Its words vote for what it may be about ([topic ...] in intent_english.txt, intent_russian.txt); of
// equals it is none. A question to the bot names it or what goes on ("you", "this", "question"), or
// votes twice. See intent.h for what is whole and exact. Threads: pure function.
#pragma once

#include <optional>
#include <string_view>

#include "services/coaching/coaching_dialog/intent.h"

namespace selfology::coaching_dialog {

// nullopt for what is no question, or none to the bot.
std::optional<Intent> IntentOfQuestion(std::string_view message);

}  // namespace selfology::coaching_dialog
