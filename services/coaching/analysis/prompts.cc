#include "services/coaching/analysis/prompts.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/enums/word.h"
#include "common/prompt/quoted.h"

namespace selfology::analysis {
namespace {

constexpr std::string_view kRole =
    "You are the analyst of a coaching service that helps people to know themselves. A person was "
    "asked one question "
    "and gave one answer, which you are shown. You never diagnose and never judge.";

constexpr std::string_view kInstantForm = R"(Reply with a JSON object of exactly this form:
{
  "sentiment": "positive", "neutral", "negative" or "mixed",
  "quality_score": how much the answer tells about the person, from 0 (nothing) to 1,
  "key_themes": what it is about, 1 to 5 themes of one or two words each,
  "brief_insight": one plain sentence to the person, at most 200 characters, that says a clause of theirs back to them:
      their own words, with "I" turned to "you" and every "not" kept. Nothing that the words do not say: no feeling,
      motive, trait, praise or advice. Sober, without an exclamation mark, when it is about death, illness or violence.
      "" when there is nothing to say back
}
Keys and sentiment are English; all other texts are in the language of your answer.)";

constexpr std::string_view kDeepForm =
    R"(Reply with a JSON object of this form. Leave out whatever the answer does not show: a guess is worse than nothing.
{
  "insights": up to 4 sentences to the person that say back what the answer says, in its own words, and claim no more,
  "patterns": [{"name": one to three words, "description": one sentence, "confidence": 0 to 1}], at most 3: themes,
      habits or beliefs that seem typical of the person,
  "evidence": [{"trait": "openness", "conscientiousness", "extraversion", "agreeableness" or "neuroticism", "direction": 1
      if it speaks for much of the trait, -1 for little, "quote": the person's own words for it, 3 to 200 characters,
      exactly as they stand in the answer}], at most 8: what the person says that they themselves usually do, like or
      are. A mood of today, other people, wishes, irony and quotations are no evidence,
  "core_dynamics": {"self_awareness": 0 to 1, and likewise "emotional_regulation", "motivation", "resilience"},
  "adaptive_traits": {"learning_style", "stress_response", "decision_pattern"}, in English words joined by hyphens, for
      example "visual-kinesthetic", "problem-solving", "intuitive-analytical",
  "domain_affinities": {interest in a domain of life, 0 to 1}, out of IDENTITY, EMOTIONS, RELATIONSHIPS, GROWTH, WORK,
      MONEY, HEALTH, CREATIVITY, VALUES, SPIRITUALITY, PAST, FUTURE,
  "unique_signature": {"thinking_style", "decision_pattern", "energy_rhythm"}, in English words joined by hyphens,
  "summary": the answer in one sentence, about the person
}
Confidence says how much the answer proves: a short answer proves little. Evidence whose quote is not in the answer is
thrown away. Use a name out of known_patterns when the
pattern is the same. Keys, traits and domains are English; all other texts are in the language of your answer.)";

constexpr int kInstantTokens = 300;
constexpr int kDeepTokens = 1500;
// Low: the same answer should be seen the same way.
constexpr double kTemperature = 0.3;

ai::v1::CompletionInput Prompt(const Answer& answer, std::string_view form, std::string material) {
  ai::v1::CompletionInput input;
  input.set_system_prompt(absl::StrCat(kRole, " ", prompt::kQuotedTextIsData, "\n\n", form));
  input.set_response_format(ai::v1::RESPONSE_FORMAT_JSON);
  input.set_temperature(kTemperature);
  input.set_language(std::string(lexicon::TagOf(answer.language)));
  ai::v1::ChatMessage& message = *input.add_messages();
  message.set_role(ai::v1::ROLE_USER);
  message.set_content(std::move(material));
  return input;
}

std::string QuestionAndAnswer(const Answer& answer) {
  return absl::StrCat(prompt::Quote("question", answer.question_text), "\n",
                      prompt::Quote("answer", answer.text));
}

}  // namespace

ai::v1::CompletionInput InstantPrompt(const Answer& answer) {
  ai::v1::CompletionInput input = Prompt(answer, kInstantForm, QuestionAndAnswer(answer));
  input.set_task(ai::v1::TASK_INSTANT_ANALYSIS);
  input.set_max_tokens(kInstantTokens);
  return input;
}

ai::v1::CompletionInput DeepPrompt(const Answer& answer,
                                   const std::vector<std::string>& known_patterns,
                                   ai::v1::Tier tier) {
  std::string material = QuestionAndAnswer(answer);
  if (!answer.domain.empty()) {
    absl::StrAppend(&material, "\n", prompt::Quote("domain", answer.domain));
  }
  if (const std::string depth = enums::LowerWord(answer.depth); !depth.empty()) {
    absl::StrAppend(&material, "\n", prompt::Quote("depth", depth));
  }
  if (!known_patterns.empty()) {
    absl::StrAppend(&material, "\n",
                    prompt::Quote("known_patterns", absl::StrJoin(known_patterns, "\n")));
  }
  ai::v1::CompletionInput input = Prompt(answer, kDeepForm, std::move(material));
  input.set_task(ai::v1::TASK_DEEP_ANALYSIS);
  input.set_tier(tier);
  input.set_max_tokens(kDeepTokens);
  return input;
}

}  // namespace selfology::analysis
