#include "services/coaching/coach/local_coach.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/coaching/coach/help_first.h"
#include "services/coaching/coach/reply/known.h"
#include "services/coaching/coach/reply/phrasing.h"
#include "services/coaching/coach/reply/writing.h"
#include "services/coaching/lib/stable_hash/stable_hash.h"

namespace selfology::coach {

absl::StatusOr<LocalCoach> LocalCoach::Load() {
  LocalCoach coach;
  ASSIGN_OR_RETURN(coach.listener_, Listener::Load());
  return coach;
}

std::string LocalCoach::Reply(const ai::v1::CompletionInput& input) const {
  const std::vector<Said> dialogue = DialogueOf(input);
  const Known known = ReadKnown(input.system_prompt());
  const Turn turn = listener_.Listen(dialogue, input.language(), known);
  if (std::optional<std::string> help = HelpFirst(dialogue, turn.language)) return *std::move(help);
  return Write(listener_, turn, dialogue, known);
}

std::string LocalCoach::TellInsight(const ai::v1::CompletionInput& input) const {
  const std::string& insight = input.messages().rbegin()->content();
  const language::Language language =
      language::Spoken(input.language())
          .value_or(LanguageByLetters(insight).value_or(language::Language::kEnglish));
  const Known known = ReadKnown(input.system_prompt());
  const Phrasing phrasing(listener_.speech(language), {}, StableHash(insight) % 7919,
                          known.informal.value_or(false));
  return absl::StrCat(phrasing.Again("insight_intro", {}), " ", insight, " ",
                      phrasing.Again("insight_question", {}));
}

std::vector<Said> DialogueOf(const ai::v1::CompletionInput& input) {
  std::vector<Said> dialogue;
  for (const ai::v1::ChatMessage& message : input.messages()) {
    dialogue.push_back(
        {.by_person = message.role() != ai::v1::ROLE_ASSISTANT, .text = message.content()});
  }
  return dialogue;
}

}  // namespace selfology::coach
