// The writing of one reply, see writing.h: writing.cc has what follows from the message, and
// writing_memory.cc what is remembered of the person. For one thread, once.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "services/coaching/coach/reply/drafting.h"
#include "services/coaching/coach/reply/known.h"
#include "services/coaching/coach/reply/phrasing.h"
#include "services/coaching/coach/reply/turn_slots.h"
#include "services/coaching/coach/understanding/listener.h"

namespace selfology::coach {

class Writer {
 public:
  Writer(const Listener& listener, const Turn& turn, absl::Span<const Said> dialogue,
         const Known& known);

  std::string Run() &&;

 private:
  const Match* MatchOf(Intent intent) const;
  // What they wrote, said to them, with a space behind it; empty where the grammar is not certain.
  std::string SaidToThem() const;
  std::string Say(std::string_view name) const { return phrasing_.Again(name, slots_); }
  // The same, asking only if it may and another is left.
  std::string Quietly(std::string_view name) const;
  std::string ByIntent();
  // What advice is wanted about: what the message says besides, or what was said before.
  void AddTopic();
  std::string Tell();
  // A promise, a day or a goal that the message names.
  std::optional<std::string> TakeUpWhatIsRemembered() const;
  bool AsksSomething() const;
  // Of these texts one that asks only if it may.
  std::optional<std::string> Choose(const ReplyTexts& texts, const Slots& slots) const;
  // To a message that only tells: what it gives cause to ask, or that it was read.
  std::string Note();
  // They asked to be heard only, not long ago.
  bool IsListening() const;
  // A loss was told not long ago: it is no time for ordinary questions.
  bool IsMourning() const;
  bool SpeaksOfTheLoss() const;
  // Comes back to a promise when somebody of it is spoken of.
  std::string WithReminder(std::string reply);
  bool WasReminded(const std::string& promise) const;
  bool SpeakOfTheSame(const std::string& promise) const;
  std::string Greet();
  std::string Leave();
  std::string AboutMe();
  std::string Remember();
  std::string Forget();
  std::string TellFound();
  std::string SaidDay(absl::CivilDay day) const;
  std::string AboutWhat(WordRange words) const;
  std::string TellWho();
  bool IsSpokenOf(const NamedPerson& person) const;
  // The plan, and what has a day.
  std::string TellAgenda();
  std::string Corrected();
  std::string TellNewPlan();
  std::string ShowPlan();
  std::string StepDone();
  std::string StepNotDone();
  std::string Decide();
  std::string Draft();
  // What was drafted before, in other words.
  DraftRequest Revised() const;
  // What they want to be reminded of, as the tasks take it.
  std::string Task();
  std::string Repair();

  const Listener& listener_;
  const Turn& turn_;
  const absl::Span<const Said> dialogue_;
  const Known& known_;
  const LoadedSpeech& speech_;
  const Utterance& message_;
  const Phrasing phrasing_;
  const TurnSlots turn_slots_;
  Slots slots_;
  const absl::CivilDay today_;
};

}  // namespace selfology::coach
