// The coach's reply without a language model: it listens by word lists, and answers out of phrases.
//
//   ASSIGN_OR_RETURN(const LocalCoach coach, LocalCoach::Load(lexicon));
//   // Acknowledges, reflects, perhaps suggests, asks one open question.
//   std::string reply = coach.Reply(input);
//
// From the last message it takes emotion, tone and themes; from the system prompt the style
// (metaphors or concrete steps, plans or room, lively or calm: spec 001, "Personalization Logic");
// from the dialogue what was said before, so that it does not say the same again, and what a short
// answer refers to. A person in danger is told where help is. The same input gives the same reply.
// English and Russian. Threads: immutable; the lexicon is shared.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "selfology/ai/v1/ai.pb.h"
#include "services/coaching/coach/coach_phrases.pb.h"
#include "services/coaching/lib/lexicon/lexicon.h"

namespace selfology::coach {

// How the system prompt wants the coach to speak.
struct CoachStyle {
  bool metaphors = false;   // Else concrete steps.
  bool structured = false;  // Else room for spontaneity.
  bool energetic = false;   // Else calm.
};
CoachStyle StyleOf(std::string_view system_prompt);

class LocalCoach {
 public:
  static absl::StatusOr<LocalCoach> Load(std::shared_ptr<const lexicon::Lexicon> lexicon);

  // To the last message of `input`.
  std::string Reply(const ai::v1::CompletionInput& input) const;

  // Puts the last message of `input`, an insight, to the person.
  std::string TellInsight(const ai::v1::CompletionInput& input) const;

  const CoachPhrases& phrases(lexicon::Language language) const {
    return language == lexicon::Language::kRussian ? russian_ : english_;
  }

 private:
  // The one asked for, else the person's own.
  lexicon::Language LanguageOf(const ai::v1::CompletionInput& input) const;

  std::shared_ptr<const lexicon::Lexicon> lexicon_;
  CoachPhrases english_;
  CoachPhrases russian_;
};

}  // namespace selfology::coach
