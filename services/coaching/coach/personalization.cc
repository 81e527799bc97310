#include "services/coaching/coach/personalization.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/language/language.h"

namespace selfology::coach {
namespace {

constexpr double kPronounced = 0.6;
constexpr size_t kMostInterests = 3;
constexpr int kReplyTokens = 500;

std::string Style(const profile::v1::BigFive& traits) {
  return absl::StrCat("Speak with ",
                      traits.openness().value() > kPronounced
                          ? "creative metaphors and non-standard approaches"
                          : "practical actions and concrete steps",
                      ", in ",
                      traits.conscientiousness().value() > kPronounced
                          ? "structured plans with clear steps"
                          : "flexible guidance with room for spontaneity",
                      ". Your tone is ",
                      traits.extraversion().value() > kPronounced ? "energetic and inspiring"
                                                                  : "calm and thoughtful",
                      ".");
}

void AddTrait(const char* name, bool known, const trait::v1::TraitEstimate& estimate,
              std::vector<std::string>& lines) {
  if (!known) return;
  lines.push_back(absl::StrFormat("- %s %.2f (confidence %.2f)", name, estimate.value(),
                                  estimate.confidence()));
}

void AddNumber(const char* name, bool known, double value, std::vector<std::string>& lines) {
  if (known) lines.push_back(absl::StrFormat("- %s %.2f", name, value));
}

void AddWord(const char* name, const std::string& word, std::vector<std::string>& lines) {
  if (!word.empty()) lines.push_back(absl::StrCat("- ", name, ": ", word));
}

std::vector<std::string> Interests(const profile::v1::Profile& profile) {
  std::vector<std::pair<double, std::string>> ranked;
  for (const auto& [domain, affinity] : profile.domain_affinities()) {
    ranked.emplace_back(-affinity, absl::AsciiStrToLower(domain));
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(ranked.size(), kMostInterests); ++i) {
    names.push_back(ranked[i].second);
  }
  return names;
}

std::string Knowledge(const profile::v1::Profile& profile) {
  std::vector<std::string> lines;
  const auto& traits = profile.big_five();
  AddTrait("openness", traits.has_openness(), traits.openness(), lines);
  AddTrait("conscientiousness", traits.has_conscientiousness(), traits.conscientiousness(), lines);
  AddTrait("extraversion", traits.has_extraversion(), traits.extraversion(), lines);
  AddTrait("agreeableness", traits.has_agreeableness(), traits.agreeableness(), lines);
  AddTrait("neuroticism", traits.has_neuroticism(), traits.neuroticism(), lines);
  const auto& core = profile.core_dynamics();
  AddNumber("self-awareness", core.has_self_awareness(), core.self_awareness(), lines);
  AddNumber("emotional regulation", core.has_emotional_regulation(), core.emotional_regulation(),
            lines);
  AddNumber("motivation", core.has_motivation(), core.motivation(), lines);
  AddNumber("resilience", core.has_resilience(), core.resilience(), lines);
  AddWord("learns", profile.adaptive_traits().learning_style(), lines);
  AddWord("under stress", profile.adaptive_traits().stress_response(), lines);
  AddWord("decides", profile.adaptive_traits().decision_pattern(), lines);
  AddWord("thinks", profile.unique_signature().thinking_style(), lines);
  const std::vector<std::string> interests = Interests(profile);
  if (!interests.empty())
    lines.push_back(absl::StrCat("- drawn to ", absl::StrJoin(interests, ", ")));
  return absl::StrJoin(lines, "\n");
}

}  // namespace

std::string SystemPrompt(const Context& context) {
  std::string prompt = absl::StrCat(
      "You are a warm, attentive personal coach. You listen first, reflect what you heard, offer "
      "one"
      " thought or step, and end with one open question. You never diagnose and never judge. If the"
      " person may be in danger, say where help is to be found.\n",
      "Answer in ", language::EnglishNameOf(language::LanguageOf(context.language)),
      ", in at most six sentences of plain text.\n", Style(context.profile.big_five()));
  if (const std::string knowledge = Knowledge(context.profile); !knowledge.empty()) {
    absl::StrAppend(&prompt,
                    "\nWhat you know of the person (0 to 1), never to be quoted as"
                    " numbers:\n",
                    knowledge);
  }
  if (!context.notes.empty()) {
    absl::StrAppend(&prompt, "\nWhat they told you earlier:\n- ",
                    absl::StrJoin(context.notes, "\n- "));
  }
  return prompt;
}

ai::v1::CompletionInput ReplyInput(const Context& context) {
  ai::v1::CompletionInput input;
  input.set_task(ai::v1::TASK_COACH_REPLY);
  input.set_system_prompt(SystemPrompt(context));
  input.set_language(context.language);
  input.set_max_tokens(kReplyTokens);
  for (const v1::Message& message : context.messages) {
    ai::v1::ChatMessage& turn = *input.add_messages();
    turn.set_role(message.role() == v1::MESSAGE_ROLE_ASSISTANT ? ai::v1::ROLE_ASSISTANT
                                                               : ai::v1::ROLE_USER);
    turn.set_content(message.content());
  }
  return input;
}

std::string Apology(std::string_view language) {
  if (language::LanguageOf(language) == language::Language::kRussian) {
    return "Простите, сейчас я не могу ответить как следует. Ваше сообщение сохранено — напишите "
           "мне ещё раз через несколько минут.";
  }
  return "I'm sorry, I can't answer properly right now. Your message is kept; please write to me"
         " again in a few minutes.";
}

}  // namespace selfology::coach
