#include "services/coaching/coach/reply/phrasing.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/coaching/coach/memory/plan.h"
#include "services/coaching/coach/understanding/dates.h"

namespace selfology::coach {
namespace {

using language::Language;

constexpr size_t kMostOfAKind = 8;
constexpr size_t kFewestOfAStatement = 12;  // Bytes: "Yes. What then?" leaves nothing to say.

// The sentences of a reply before the one that asks.
std::string_view BeforeQuestion(std::string_view reply) {
  size_t begin = 0;
  for (size_t i = 0; i < reply.size(); ++i) {
    if (reply[i] == '?') return absl::StripTrailingAsciiWhitespace(reply.substr(0, begin));
    const bool ends = reply[i] == '.' || reply[i] == '!';
    if (ends && (i + 1 == reply.size() || reply[i + 1] == ' ')) begin = i + 1;
  }
  return reply;
}

std::string DayOf(const LoadedSpeech& speech, std::string_view due_date, const Known& known) {
  const std::optional<absl::CivilDay> day = ParseDay(due_date);
  if (!day.has_value()) return "";
  return SpokenDay(*day, known.today.value_or(*day - 30), speech.language());
}

}  // namespace

size_t Phrasing::LastMade(std::string_view reply) const {
  return absl::c_find_if(said_, [&](const std::string& said) { return WasMadeOf(said, reply); }) -
         said_.begin();
}

std::optional<std::string> Phrasing::Choose(const ReplyTexts& texts, const Slots& slots) const {
  const size_t count = texts.size();
  for (size_t i = 0; i < count; ++i) {
    const std::string& text = texts[static_cast<int>((seed_ + i) % count)];
    if (LastMade(text) < said_.size()) continue;
    if (std::optional<std::string> filled = Fill(text, slots, informal_)) return filled;
  }
  return std::nullopt;
}

std::optional<std::string> Phrasing::ChooseStatement(const ReplyTexts& texts,
                                                     const Slots& slots) const {
  const size_t count = texts.size();
  for (size_t i = 0; i < count; ++i) {
    const std::string_view text = texts[static_cast<int>((seed_ + i) % count)];
    const std::string_view statement = BeforeQuestion(text);
    const bool whole = statement.size() == text.size();
    if (!whole && statement.size() < kFewestOfAStatement) continue;
    if (statement.empty() || LastMade(statement) < said_.size()) continue;
    if (std::optional<std::string> filled = Fill(statement, slots, informal_)) return filled;
  }
  return std::nullopt;
}

std::string Phrasing::Again(std::string_view name, const Slots& slots) const {
  if (std::optional<std::string> fresh = Choose(name, slots)) return *std::move(fresh);
  std::string best;
  size_t longest_ago = 0;
  for (const std::string& text : speech_.replies(name)) {
    const std::optional<std::string> filled = Fill(text, slots, informal_);
    if (!filled.has_value()) continue;
    const size_t ago = LastMade(text) + (WasSaid(*filled) ? 0 : 1000);
    if (best.empty() || ago > longest_ago) {
      best = *filled;
      longest_ago = ago;
    }
  }
  return best;
}

bool Phrasing::WasSaid(std::string_view words) const {
  return absl::c_any_of(said_,
                        [&](const std::string& said) { return absl::StrContains(said, words); });
}

NamedPerson ReadPerson(std::string_view text) {
  for (const std::string_view between : {std::string_view(" — "), std::string_view(", ")}) {
    const size_t at = text.find(between);
    if (at != std::string_view::npos) {
      return {std::string(text.substr(0, at)), std::string(text.substr(at + between.size()))};
    }
  }
  return {std::string(text), ""};
}

std::string SpokenEvent(const LoadedSpeech& speech, const v1::MemoryItem& item, bool) {
  if (speech.language() == Language::kRussian) return item.text();
  const std::string& text = item.text();
  if (absl::StartsWith(text, "the ") || absl::StartsWith(text, "my ") || text.empty() ||
      absl::StrContains(text, "'s ") || (text.front() >= 'A' && text.front() <= 'Z')) {
    return text;
  }
  return absl::StrCat("your ", text);
}

void AddStep(const LoadedSpeech& speech, const v1::Plan& plan, const v1::PlanStep& step,
             const Known& known, Slots& slots) {
  slots["step"] = step.text();
  slots["number"] = absl::StrCat(step.number());
  slots["day"] = slots["Day"] = DayOf(speech, step.due_date(), known);
  slots["goal"] = plan.goal();
  slots["goal\""] = Quoted(plan.goal(), speech.language());
}

std::string TellSteps(const LoadedSpeech& speech, const v1::Plan& plan, const Known& known) {
  std::vector<std::string> lines;
  for (const v1::PlanStep& step : plan.steps()) {
    const Slots slots{{"day", DayOf(speech, step.due_date(), known)}, {"text", step.text()}};
    // Begins with a capital letter, as a sentence does.
    std::string line = Fill("{day}: {text}", slots, false).value_or(step.text());
    if (step.done()) {
      absl::StrAppend(&line, " ✓ ", speech.replies("step_mark_done")[0]);
    }
    lines.push_back(absl::StrCat(step.number(), ". ", line));
  }
  return absl::StrJoin(lines, "\n");
}

std::string TellMemory(const Phrasing& phrasing, const Known& known) {
  const LoadedSpeech& speech = phrasing.speech();
  std::vector<std::string> lines;
  const auto add = [&](v1::MemoryKind kind, std::string_view label, bool quoted) {
    std::vector<std::string> texts;
    for (auto item = known.memory.rbegin(); item != known.memory.rend(); ++item) {
      if (item->kind() != kind || item->done() || texts.size() == kMostOfAKind) continue;
      std::string text = quoted ? Quoted(item->text(), speech.language()) : item->text();
      if (kind == v1::MEMORY_KIND_PERSON) {
        const NamedPerson person = ReadPerson(item->text());
        text = person.relation.empty() ? person.name
                                       : absl::StrCat(person.name, " (", person.relation, ")");
      }
      if (const std::string day = DayOf(speech, item->due_date(), known); !day.empty()) {
        const bool past = known.today.has_value() && *ParseDay(item->due_date()) < *known.today;
        if (kind == v1::MEMORY_KIND_DATE && past) continue;
        // A promise names its day itself.
        if (!quoted) absl::StrAppend(&text, ", ", day);
      }
      texts.push_back(std::move(text));
    }
    if (texts.empty()) return;
    lines.push_back(absl::StrCat(speech.replies(label)[0], absl::StrJoin(texts, "; "), "."));
  };
  add(v1::MEMORY_KIND_PERSON, "label_people", false);
  add(v1::MEMORY_KIND_DATE, "label_dates", false);
  add(v1::MEMORY_KIND_PROMISE, "label_promises", true);
  add(v1::MEMORY_KIND_GOAL, "label_goals", false);
  add(v1::MEMORY_KIND_FACT, "label_facts", true);
  if (known.plan.has_value()) {
    const int done = static_cast<int>(
        absl::c_count_if(known.plan->steps(), [](const auto& step) { return step.done(); }));
    lines.push_back(absl::StrCat(speech.replies("label_plan")[0],
                                 Quoted(known.plan->goal(), speech.language()), ", ", done, "/",
                                 known.plan->steps_size(), "."));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace selfology::coach
