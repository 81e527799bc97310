// Reads sentences about a task by their verb: what is to happen to it, or that it is done.
//
//   ReadVerb(Split("move the dentist to friday"))   // kMaybeMove, about "dentist", when "friday"
//   ReadDone(Split("купил молоко вчера"))           // kMaybeDone, about "молоко", when "вчера"
//
// kTask for what is no such sentence. English and Russian. Threads: pure functions.
#pragma once

#include "services/growth/growth_dialog/wish_words.h"
#include "services/growth/growth_dialog/wishes.h"

namespace selfology::growth_dialog {

// What begins with a verb that says what is to happen to a task. There is at least one word.
Wish ReadVerb(const Tokens& words);

// "milk is done", "молоко купил", "done with the report", "я позвонил маме вчера".
Wish ReadDone(const Tokens& words);

}  // namespace selfology::growth_dialog
