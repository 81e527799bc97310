#include "services/coaching/coach/reply/known.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/enums/word.h"
#include "common/prompt/quoted.h"
#include "services/coaching/coach/understanding/dates.h"

namespace selfology::coach {
namespace {

constexpr std::string_view kToday = "Today is ";
constexpr std::string_view kInformal = "In Russian, say \"ты\" to them.";
constexpr std::string_view kFormal = "In Russian, say \"вы\" to them.";
constexpr char kBar[] = " | ";

// One field of a line: without what would end it.
std::string Field(std::string_view text) {
  std::string field(text);
  std::replace(field.begin(), field.end(), '\n', ' ');
  std::replace(field.begin(), field.end(), '|', '/');
  return field;
}

using Lines = std::vector<std::string>;

void Add(std::string_view heading, std::string_view tag, const Lines& lines, std::string& prompt) {
  if (lines.empty()) return;
  absl::StrAppend(&prompt, "\n", heading, "\n", prompt::Quote(tag, absl::StrJoin(lines, "\n")),
                  "\n");
}

std::vector<std::vector<std::string>> LinesOf(std::string_view tag, std::string_view prompt) {
  std::vector<std::vector<std::string>> lines;
  const std::optional<std::string> quoted = prompt::Unquote(tag, prompt);
  if (!quoted.has_value()) return lines;
  for (const std::string_view line : absl::StrSplit(*quoted, '\n', absl::SkipWhitespace())) {
    lines.push_back(absl::StrSplit(line, kBar));
  }
  return lines;
}

Lines PlainLinesOf(std::string_view tag, std::string_view prompt) {
  Lines texts;
  for (const auto& line : LinesOf(tag, prompt)) texts.push_back(absl::StrJoin(line, kBar));
  return texts;
}

}  // namespace

std::string WriteKnown(const Known& known) {
  std::string prompt;
  if (known.today.has_value()) {
    absl::StrAppend(&prompt, "\n", kToday, DayText(*known.today), ".");
  }
  if (known.informal.has_value()) {
    absl::StrAppend(&prompt, "\n", *known.informal ? kInformal : kFormal);
  }
  Lines memory;
  for (const v1::MemoryItem& item : known.memory) {
    std::string line = absl::StrCat(enums::LowerWord(item.kind()), kBar, Field(item.text()));
    if (!item.due_date().empty()) absl::StrAppend(&line, kBar, item.due_date());
    if (item.done()) absl::StrAppend(&line, kBar, "done");
    memory.push_back(std::move(line));
  }
  Add("What you remember of them (kind, words, day). Call people by their names, come back to what "
      "was promised, never invent more:",
      "memory", memory, prompt);
  if (known.plan.has_value()) {
    Lines plan = {absl::StrCat("goal", kBar, Field(known.plan->goal()))};
    for (const v1::PlanStep& step : known.plan->steps()) {
      plan.push_back(absl::StrCat(step.number(), kBar, step.due_date(), kBar,
                                  step.done() ? "done" : "open", kBar, Field(step.text())));
    }
    Add("Their plan:", "plan", plan, prompt);
  }
  Lines changes;
  if (known.plan_made) changes.push_back("plan_made");
  if (known.step_done > 0) changes.push_back(absl::StrCat("step_done", kBar, known.step_done));
  if (!known.promise_kept.empty()) {
    changes.push_back(absl::StrCat("promise_kept", kBar, Field(known.promise_kept)));
  }
  for (const std::string& text : known.remembered) {
    changes.push_back(absl::StrCat("remembered", kBar, Field(text)));
  }
  for (const std::string& text : known.forgotten) {
    changes.push_back(absl::StrCat("forgotten", kBar, Field(text)));
  }
  Add("What their last message has just changed; say so (a new plan: with all its steps and days):",
      "changes", changes, prompt);
  Lines found;
  for (const Found& one : known.found) {
    std::string line = Field(one.text);
    if (one.day.has_value()) absl::StrAppend(&line, kBar, DayText(*one.day));
    found.push_back(std::move(line));
  }
  Add("What they said earlier that may be meant, and on which day:", "found", found, prompt);
  if (!known.loss.empty()) {
    Add("They mourn; be sober and patient, advise nothing that they do not ask for:", "loss",
        {Field(known.loss)}, prompt);
  }
  Lines said;
  for (const std::string& text : known.said) said.push_back(Field(text));
  Add("What you said earlier; do not say it again:", "said", said, prompt);
  return prompt;
}

Known ReadKnown(std::string_view prompt) {
  Known known;
  if (const size_t at = prompt.find(kToday); at != std::string_view::npos) {
    known.today = ParseDay(prompt.substr(at + kToday.size(), 10));
  }
  if (absl::StrContains(prompt, kInformal)) {
    known.informal = true;
  } else if (absl::StrContains(prompt, kFormal)) {
    known.informal = false;
  }
  for (const auto& line : LinesOf("memory", prompt)) {
    if (line.size() < 2) continue;
    v1::MemoryItem item;
    item.set_kind(enums::FromWord<v1::MemoryKind>(absl::AsciiStrToUpper(line[0])));
    item.set_text(line[1]);
    for (size_t i = 2; i < line.size(); ++i) {
      if (line[i] == "done") {
        item.set_done(true);
      } else if (ParseDay(line[i]).has_value()) {
        item.set_due_date(line[i]);
      }
    }
    known.memory.push_back(std::move(item));
  }
  for (const auto& line : LinesOf("plan", prompt)) {
    if (line.size() == 2 && line[0] == "goal") {
      known.plan.emplace().set_goal(line[1]);
      continue;
    }
    int number = 0;
    if (line.size() != 4 || !known.plan.has_value() || !absl::SimpleAtoi(line[0], &number))
      continue;
    v1::PlanStep& step = *known.plan->add_steps();
    step.set_number(number);
    step.set_due_date(line[1]);
    step.set_done(line[2] == "done");
    step.set_text(line[3]);
  }
  for (const auto& line : LinesOf("changes", prompt)) {
    const std::string& what = line[0];
    const std::string text = line.size() > 1 ? line[1] : "";
    if (what == "plan_made") known.plan_made = known.plan.has_value();
    if (what == "step_done") (void)absl::SimpleAtoi(text, &known.step_done);
    if (what == "promise_kept") known.promise_kept = text;
    if (what == "remembered") known.remembered.push_back(text);
    if (what == "forgotten") known.forgotten.push_back(text);
  }
  for (std::vector<std::string> line : LinesOf("found", prompt)) {
    Found& found = known.found.emplace_back();
    if (line.size() > 1) found.day = ParseDay(line.back());
    if (found.day.has_value()) line.pop_back();
    found.text = absl::StrJoin(line, kBar);
  }
  known.loss = absl::StrJoin(PlainLinesOf("loss", prompt), " ");
  known.said = PlainLinesOf("said", prompt);
  return known;
}

}  // namespace selfology::coach
