// What somebody asks of the questions themselves, where an answer was expected: "why do you ask?",
// «не понял вопрос», "skip", "mine to keep".
//
//   IntentAtQuestion("Why do you want to know that?")           // kWhy
//   IntentAtQuestion("why I do this? because my father did")    // nullopt: an answer
//   IntentAtQuestion("will my boss be able to see this?")       // kWhoReads
//   IntentAtQuestion("do you like cats?")                       // kUnclear
//   IntentAtConsent("да, согласна")                             // kYes
//
// Only a message that says nothing else has an intent: every sentence of it, up to three short ones,
// must be such a request as a whole, but for polite words and excuses around it ("I'm tired"); the
// last one counts. Words may be misspelled a little. A message that only asks, and asks of the bot or
// of what goes on, is a question in whatever words: what it is about is told by its words (asked.h). In English and Russian at once, whichever the conversation's language is.
// Threads: pure functions.
#pragma once

#include <optional>
#include <string_view>

namespace selfology::coaching_dialog {

enum class Intent {
  kWhy,       // Is it asked.
  kRephrase,  // It was not understood.
  kExample,   // Of an answer.
  kSkip,
  kKeep,  // They keep it to themselves.
  kHelp,
  kHowLong,   // Does it take.
  kWhoReads,  // What is stored of it, and who sees it.
  kPause,
  kFinish,
  kResume,
  kYes,
  kNo,
  kTalk,       // Something of the coach: a plan, advice, what they said before.
  kTask,       // To be reminded, or something on their list: that is for another dialog.
  kComplaint,  // Nobody listened.
  kThanks,     // Nothing more than that, or "ok".
  kEnglish,    // To go on in it.
  kRussian,
  kErase,     // Everything about them.
  kUnclear,   // A question that is no answer; what about nobody knows.
  kInformal,  // «На ты».
  kFormal,    // «На вы».
  kNormal,    // Is it so with others, too?
};

// Of words while a question waits for its answer: none of kResume, kYes, kNo. Only here, kUnclear.
std::optional<Intent> IntentAtQuestion(std::string_view words);
// While consent is asked for: kYes and kNo only if they are unmistakable, kHowLong, kWhoReads, kHelp,
// kWhy, kEnglish, kRussian, kErase.
std::optional<Intent> IntentAtConsent(std::string_view words);
// While a session is paused: kResume, kPause, kFinish, kHowLong, kWhoReads, kHelp, kErase, kEnglish,
// kRussian, kInformal, kFormal.
std::optional<Intent> IntentInPause(std::string_view words);
// While they talk with the coach, who understands all else: kTask, kEnglish, kRussian; kErase only of
// everything ("forget what I said about Tom" is for the coach's memory).
std::optional<Intent> IntentInTalk(std::string_view words);

}  // namespace selfology::coaching_dialog
