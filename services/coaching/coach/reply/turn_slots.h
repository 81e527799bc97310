// What of a turn fills the slots of replies (tables/english_frames.textproto lists them).
//
//   const TurnSlots turn_slots(listener, turn, dialogue, known);
//   Slots slots = turn_slots.all();         // c, c", prev", who, whom
//   turn_slots.AddMatch(match, slots);      // x, x", m, m", and the clause of the match
//
// Threads: immutable; what it was made of must outlive it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "services/coaching/coach/reply/known.h"
#include "services/coaching/coach/reply/speech.h"
#include "services/coaching/coach/understanding/listener.h"

namespace selfology::coach {

class TurnSlots {
 public:
  TurnSlots(const Listener& listener, const Turn& turn, absl::Span<const Said> dialogue,
            const Known& known);

  const Slots& all() const { return slots_; }
  // The clause that says most.
  WordRange clause() const { return clause_; }

  void AddMatch(const Match& match, Slots& slots) const;
  void AddCaptures(const Match& match, Slots& slots) const;

 private:
  bool MayQuote(WordRange words) const;
  void AddClause(WordRange clause, Slots& slots) const;
  std::optional<std::string> PreviousClause() const;
  void AddPronouns();
  std::string Who() const;
  std::string NameOf(std::string_view relation) const;

  const Listener& listener_;
  const Turn& turn_;
  const absl::Span<const Said> dialogue_;
  const Known& known_;
  const LoadedSpeech& speech_;
  const Utterance& message_;
  const bool quotes_;
  WordRange clause_;
  Slots slots_;
};

}  // namespace selfology::coach
