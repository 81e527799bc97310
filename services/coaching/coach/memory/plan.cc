#include "services/coaching/coach/memory/plan.h"

#include <algorithm>
#include <array>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/str_replace.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "services/coaching/coach/understanding/dates.h"
#include "services/coaching/lib/safety/stem.h"
#include "services/coaching/lib/safety/tokens.h"

namespace selfology::coach {
namespace {

constexpr int kMostCharacters = 200;
constexpr int kWeek = 7;

const PlanKind& KindOf(const Speech& speech, std::string_view goal) {
  std::set<std::string> stems;
  for (const Token& word : safety::SplitTokens(goal)) stems.insert(safety::Stem(word.text));
  const PlanKind* best = nullptr;
  int best_count = -1;
  for (const PlanKind& kind : speech.plan_kind()) {
    const int count = static_cast<int>(absl::c_count_if(
        kind.stem(), [&](const std::string& word) { return stems.contains(safety::Stem(word)); }));
    // The kind for all other goals comes last and has no stems.
    if (count > best_count && (count > 0 || kind.stem().empty())) {
      best = &kind;
      best_count = count;
    }
  }
  return best == nullptr ? *speech.plan_kind().rbegin() : *best;
}

}  // namespace

v1::Plan MakePlan(const LoadedSpeech& speech, std::string_view goal, absl::CivilDay today,
                  std::optional<absl::CivilDay> until) {
  v1::Plan plan;
  plan.set_goal(std::string(text::Prefix(goal, kMostCharacters)));
  const PlanKind& kind = KindOf(speech.speech(), goal);
  const int64_t days = until.has_value() && *until > today ? *until - today : kWeek;
  const int steps = kind.step_size();
  for (int i = 0; i < steps; ++i) {
    v1::PlanStep& step = *plan.add_steps();
    step.set_number(i + 1);
    const int64_t scaled = (kind.step(i).day() * days + kWeek / 2) / kWeek;
    const absl::CivilDay day = today + std::clamp<int64_t>(scaled, i == 0 ? 0 : 1, days);
    step.set_due_date(DayText(day));
    const std::string filled = absl::StrReplaceAll(kind.step(i).text(), {{"{goal}", plan.goal()}});
    // A goal of many words would burst the step.
    step.set_text(text::Characters(filled) <= kMostCharacters
                      ? filled
                      : std::string(text::Prefix(filled, kMostCharacters)));
  }
  return plan;
}

const v1::PlanStep* NextStep(const v1::Plan& plan) {
  const auto open =
      absl::c_find_if(plan.steps(), [](const v1::PlanStep& step) { return !step.done(); });
  return open == plan.steps().end() ? nullptr : &*open;
}

int NamedStep(std::string_view message) {
  static constexpr std::array<std::array<std::string_view, 6>, 3> kNumbers = {{
      {"1", "one", "first", "первый", "один", "первого"},
      {"2", "two", "second", "второй", "два", "второго"},
      {"3", "three", "third", "третий", "три", "третьего"},
  }};
  for (const Token& word : safety::SplitTokens(message)) {
    for (size_t i = 0; i < kNumbers.size(); ++i) {
      if (absl::c_linear_search(kNumbers[i], word.text)) return static_cast<int>(i) + 1;
    }
  }
  return 0;
}

}  // namespace selfology::coach
