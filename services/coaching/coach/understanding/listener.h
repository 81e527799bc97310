// What a person means with their last message, in its dialogue.
//
//   ASSIGN_OR_RETURN(const Listener listener, Listener::Load());
//   Turn turn = listener.Listen(dialogue, "ru", known);
//   turn.intent, turn.language, turn.informal, turn.goal ...
//
// The language is the one that the person writes or asked for; the form of address (Russian ты, вы)
// the one that they want or use. Short answers ("yes", "done", "my CV") are understood by what the
// coach said last. Threads: immutable.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/language/language.h"
#include "services/coaching/coach/reply/known.h"
#include "services/coaching/coach/reply/speech.h"
#include "services/coaching/coach/understanding/pattern.h"

namespace selfology::coach {

// One message of a dialogue.
struct Said {
  bool by_person = false;
  std::string text;
};

// A way in which a message can be understood.
struct Understanding {
  const Frame* frame;
  Match match;
};

struct Turn {
  language::Language language = language::Language::kEnglish;
  bool informal = false;
  std::shared_ptr<const Utterance> message;
  Intent intent = TELL;
  std::vector<Understanding> understandings;  // Best first.
  // MAKE_PLAN: what for; empty: not known yet, to be asked.
  std::string goal;
  // DRAFT: what is to be written, when the message answers what the coach asked about it.
  bool draft_content = false;
  // DRAFT: what was drafted before, said otherwise: the name of the replies that it is worded with;
  // empty: a new one.
  std::string_view revision;
  // YES and NO: the coach had offered a plan.
  bool after_offer = false;
  // STEP_DONE, STEP_NOT_DONE: the promise that the coach had asked after; empty: the plan's step.
  std::string promise;
};

class Listener {
 public:
  // Errors: INTERNAL for malformed tables.
  static absl::StatusOr<Listener> Load();

  const LoadedSpeech& speech(language::Language language) const {
    return language == language::Language::kRussian ? russian_ : english_;
  }

  // The last message is the person's. `language` (BCP 47) counts where their words say nothing.
  Turn Listen(absl::Span<const Said> dialogue, std::string_view language, const Known& known) const;

  // Also by itself: the language of the last message.
  language::Language LanguageOf(absl::Span<const Said> dialogue, std::string_view fallback) const;
  std::vector<Understanding> Understand(const LoadedSpeech& speech, const Utterance& message) const;

 private:
  bool IsInformal(absl::Span<const Said> dialogue, std::optional<bool> wanted) const;
  void ReadInDialogue(absl::Span<const Said> dialogue, const Known& known, Turn& turn) const;
  std::string GoalOf(const Turn& turn, const Known& known) const;

  LoadedSpeech english_;
  LoadedSpeech russian_;
};

// Whether a text asks or tells something that one of the replies of this name says.
bool SaysOneOf(const LoadedSpeech& speech, std::string_view name, std::string_view text);

// The name of the replies that say a draft as these words want it, "shorter" or "softer"; empty: they
// want nothing of the kind.
std::string_view RevisionIn(const Utterance& message, WordRange words);

// The language whose letters a text has; nullopt when it has too few to tell.
std::optional<language::Language> LanguageByLetters(std::string_view text);

}  // namespace selfology::coach
