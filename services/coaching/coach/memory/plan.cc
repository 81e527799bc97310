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
constexpr size_t kMostOwnSteps = 9;  // Of one digit.

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

std::vector<std::string> ListedSteps(std::string_view message) {
  std::vector<std::string> steps;
  size_t begin = std::string_view::npos;
  const auto end_step = [&](size_t end) {
    if (begin == std::string_view::npos) return;
    std::string_view step = text::Trim(message.substr(begin, end - begin));
    while (!step.empty() && std::string_view(",;.").find(step.back()) != std::string_view::npos) {
      step.remove_suffix(1);
    }
    if (!step.empty()) steps.emplace_back(text::Prefix(step, kMostCharacters));
  };
  for (size_t i = 0; i < message.size(); ++i) {
    const bool begins_line = i == 0 || message[i - 1] == '\n';
    const bool begins_word = begins_line || message[i - 1] == ' ';
    size_t marker = 0;
    // Numbers in their order only: "1.5 km" is no step.
    if (begins_word &&
        message[i] == static_cast<char>('1' + steps.size() + (begin != message.npos)) &&
        i + 2 < message.size() && (message[i + 1] == '.' || message[i + 1] == ')') &&
        message[i + 2] == ' ') {
      marker = 2;
    } else if (begins_line && message.substr(i).starts_with("- ")) {
      marker = 1;
    }
    if (marker == 0) continue;
    end_step(i);
    begin = i + marker;
    if (steps.size() + 1 >= kMostOwnSteps) break;
  }
  end_step(message.size());
  return steps.size() >= 2 ? steps : std::vector<std::string>();
}

v1::Plan OwnPlan(const std::vector<std::string>& steps, std::string_view goal,
                 absl::CivilDay today) {
  v1::Plan plan;
  plan.set_goal(std::string(text::Prefix(goal, kMostCharacters)));
  absl::CivilDay day = today + 1;
  for (const std::string& text : steps) {
    v1::PlanStep& step = *plan.add_steps();
    step.set_number(plan.steps_size());
    const Utterance utterance(text);
    const std::vector<DateMention> dates = FindDates(utterance, today);
    const bool dated = !dates.empty() && dates.front().day >= today;
    if (dated) day = dates.front().day;
    const int words = static_cast<int>(utterance.words.size());
    // The day is said beside the step.
    const bool begins_with_day =
        dated && dates.front().words.begin == 0 && dates.front().words.end < words;
    step.set_text(begins_with_day ? std::string(utterance.Between(dates.front().words.end, words))
                                  : text);
    step.set_due_date(DayText(day));
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
