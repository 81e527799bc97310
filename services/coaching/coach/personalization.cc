#include "services/coaching/coach/personalization.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/language/language.h"
#include "common/prompt/quoted.h"

namespace selfology::coach {
namespace {

constexpr double kSure = 0.5;
constexpr double kHigh = 0.6;
constexpr double kLow = 0.4;
constexpr size_t kMostInterests = 3;
constexpr int kReplyTokens = 500;

// What each pole of a trait asks of the coach, and why.
struct Manner {
  std::string_view trait;
  std::string_view high;
  std::string_view low;
};
constexpr Manner kOpenness = {
    "openness", "offer unusual angles and, where they fit, an image: new ideas draw them in",
    "stay with practical actions and concrete steps: they trust what has been tried"};
constexpr Manner kConscientiousness = {
    "conscientiousness",
    "speak in structured plans with clear steps and days: order helps them to act",
    "leave room for spontaneity and ask for one small step only: plans weigh on them"};
constexpr Manner kExtraversion = {
    "extraversion", "be lively and bring other people in: they think by talking",
    "be calm and give them time, few words, no exclamation marks: they think before they speak"};
constexpr Manner kAgreeableness = {
    "agreeableness",
    "be warm, and ask what they themselves need: they tend to think of others first",
    "be direct and plain, with reasons instead of kind words: they value frankness"};
constexpr Manner kNeuroticism = {
    "neuroticism",
    "be reassuring, take one thing at a time, do not press: worry comes to them easily",
    "go straight to the matter: they stay calm under pressure"};

void AddManner(const Manner& manner, bool known, const trait::v1::TraitEstimate& estimate,
               std::vector<std::string>& lines) {
  if (!known || estimate.confidence() < kSure) return;
  if (estimate.value() > kHigh) {
    lines.push_back(absl::StrCat("- high ", manner.trait, ": ", manner.high));
  } else if (estimate.value() < kLow) {
    lines.push_back(absl::StrCat("- low ", manner.trait, ": ", manner.low));
  }
}

std::string Style(const profile::v1::BigFive& traits) {
  std::vector<std::string> lines;
  AddManner(kOpenness, traits.has_openness(), traits.openness(), lines);
  AddManner(kConscientiousness, traits.has_conscientiousness(), traits.conscientiousness(), lines);
  AddManner(kExtraversion, traits.has_extraversion(), traits.extraversion(), lines);
  AddManner(kAgreeableness, traits.has_agreeableness(), traits.agreeableness(), lines);
  AddManner(kNeuroticism, traits.has_neuroticism(), traits.neuroticism(), lines);
  return absl::StrJoin(lines, "\n");
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
      "You are an attentive personal coach; you are a program and say so when asked. Take up what"
      " the person has just written: quote a clause of it or name what it is about, then ask one"
      " question that fits only this message. Assert no feeling that they have not named. Do not"
      " preach, do not praise for nothing, no metaphor without a cause, never the same sentence"
      " twice. If they ask for something (a plan, a draft, a decision, what you remember), do it."
      " You never diagnose, never judge, promise no secrecy. If the person may be in danger, say"
      " where help is to be found.\n",
      "Answer in ", language::EnglishNameOf(language::LanguageOf(context.language)),
      ", in one to four sentences of plain text.\n", prompt::kQuotedTextIsData,
      WriteKnown(context.known));
  if (const std::string style = Style(context.profile.big_five()); !style.empty()) {
    absl::StrAppend(&prompt, "\nHow to speak with them, and why; never to be told:\n", style);
  }
  if (const std::string knowledge = Knowledge(context.profile); !knowledge.empty()) {
    absl::StrAppend(&prompt,
                    "\nWhat you know of the person (0 to 1), never to be quoted as"
                    " numbers:\n",
                    knowledge);
  }
  if (!context.notes.empty()) {
    absl::StrAppend(&prompt, "\nWhat they told you earlier:\n",
                    prompt::Quote("notes", absl::StrJoin(context.notes, "\n")));
  }
  return prompt;
}

ai::v1::CompletionInput ReplyInput(const Context& context) {
  ai::v1::CompletionInput input;
  input.set_task(ai::v1::TASK_COACH_REPLY);
  input.set_system_prompt(SystemPrompt(context));
  input.set_language(context.language);
  input.set_max_tokens(kReplyTokens);
  for (const Said& said : context.dialogue) {
    ai::v1::ChatMessage& turn = *input.add_messages();
    turn.set_role(said.by_person ? ai::v1::ROLE_USER : ai::v1::ROLE_ASSISTANT);
    turn.set_content(said.text);
  }
  return input;
}

}  // namespace selfology::coach
