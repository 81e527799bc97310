// The coach's reply without a language model: it understands what the person wants, takes up their
// own words, remembers, plans, and asks.
//
//   ASSIGN_OR_RETURN(const LocalCoach coach, LocalCoach::Load());
//   std::string reply = coach.Reply(input);
//
// The dialogue is that of the input; what is known besides is read out of the system prompt
// (reply/known.h). Understanding: understanding/listener.h; wording: reply/writing.h; the tables of
// both: tables/. A person in danger is told where help is (services/coaching/lib/safety), whoever
// asked before. The same input gives the same reply. English and Russian. Threads: immutable.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "selfology/ai/v1/ai.pb.h"
#include "services/coaching/coach/understanding/listener.h"

namespace selfology::coach {

class LocalCoach {
 public:
  // Errors: INTERNAL for malformed tables.
  static absl::StatusOr<LocalCoach> Load();

  // To the last message of `input`.
  std::string Reply(const ai::v1::CompletionInput& input) const;

  // Puts the last message of `input`, an insight, to the person.
  std::string TellInsight(const ai::v1::CompletionInput& input) const;

  const Listener& listener() const { return listener_; }

 private:
  Listener listener_;
};

std::vector<Said> DialogueOf(const ai::v1::CompletionInput& input);

}  // namespace selfology::coach
