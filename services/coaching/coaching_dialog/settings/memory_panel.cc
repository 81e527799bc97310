#include "services/coaching/coaching_dialog/settings/memory_panel.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/substitute.h"
#include "absl/time/civil_time.h"
#include "common/text/html.h"

namespace selfology::coaching_dialog {
namespace {

using coach::v1::MemoryItem;
using coach::v1::MemoryKind;
using text::EscapeHtml;

constexpr int kItemsOnPage = 5;

struct Group {
  MemoryKind kind;
  Wording heading;
};

// In the order in which they are shown.
constexpr Group kGroups[] = {
    {coach::v1::MEMORY_KIND_PERSON, Wording::kMemoryPersons},
    {coach::v1::MEMORY_KIND_DATE, Wording::kMemoryDates},
    {coach::v1::MEMORY_KIND_PROMISE, Wording::kMemoryPromises},
    {coach::v1::MEMORY_KIND_GOAL, Wording::kMemoryGoals},
    {coach::v1::MEMORY_KIND_FACT, Wording::kMemoryFacts},
};

size_t GroupOf(MemoryKind kind) {
  const auto* const found = std::find_if(std::begin(kGroups), std::end(kGroups),
                                         [&](const Group& group) { return group.kind == kind; });
  return static_cast<size_t>((found == std::end(kGroups) ? std::end(kGroups) - 1 : found) -
                             std::begin(kGroups));
}

std::vector<MemoryItem> InGroups(const std::vector<MemoryItem>& items) {
  std::vector<MemoryItem> ordered;
  for (size_t group = 0; group < std::size(kGroups); ++group) {
    std::copy_if(items.begin(), items.end(), std::back_inserter(ordered),
                 [&](const MemoryItem& item) { return GroupOf(item.kind()) == group; });
  }
  return ordered;
}

bool CanBeDone(const MemoryItem& item) {
  return item.kind() == coach::v1::MEMORY_KIND_PROMISE ||
         item.kind() == coach::v1::MEMORY_KIND_GOAL;
}

// "4.12" for "2026-12-04"; what is no day stays as it is.
std::string ShortDate(const std::string& date) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(date, &day)) return EscapeHtml(date);
  return absl::StrFormat("%d.%02d", day.day(), day.month());
}

std::string ItemLine(int number, const MemoryItem& item) {
  std::string line = absl::StrCat(number, ". ", item.done() ? "✅ " : "", EscapeHtml(item.text()));
  if (!item.due_date().empty()) absl::StrAppend(&line, " · ", ShortDate(item.due_date()));
  return line;
}

std::string Data(std::string_view what, int64_t id, int page) {
  return absl::StrCat(panel::kMemory, ":", what, ":", id, ":", page);
}

void AppendPlan(Language language, const coach::v1::Plan& plan, int page, std::string& html,
                v1::DialogMessage& message) {
  absl::StrAppend(
      &html, "\n\n",
      absl::Substitute(Phrase(language, Wording::kMemoryPlan), EscapeHtml(plan.goal())));
  v1::ButtonRow row;
  for (const coach::v1::PlanStep& step : plan.steps()) {
    absl::StrAppend(&html, "\n", step.done() ? "☑️ " : "◻️ ", step.number(), ". ",
                    EscapeHtml(step.text()));
    if (!step.due_date().empty()) absl::StrAppend(&html, " · ", ShortDate(step.due_date()));
    if (step.done()) continue;
    AddButton(row, absl::Substitute(Phrase(language, Wording::kButtonStepDone), step.number()),
              Data("step", step.number(), page));
  }
  if (row.buttons_size() > 0) AddRow(message) = row;
  AddButton(AddRow(message), Phrase(language, Wording::kButtonForgetPlan),
            Data("plan", plan.plan_id(), page));
}

}  // namespace

v1::DialogMessage MemoryPanel(Language language, std::string key, const Memory& memory, int page) {
  const bool has_plan = memory.plan.plan_id() != 0;
  if (memory.items.empty() && !has_plan) {
    return Panel(panel::kMemory, std::move(key),
                 std::string(Phrase(language, Wording::kMemoryEmpty)));
  }
  const std::vector<MemoryItem> items = InGroups(memory.items);
  const int count = static_cast<int>(items.size());
  const int pages = std::max(1, (count + kItemsOnPage - 1) / kItemsOnPage);
  page = std::clamp(page, 0, pages - 1);
  const int first = page * kItemsOnPage;
  const int end = std::min(count, first + kItemsOnPage);

  std::string html(Phrase(language, Wording::kMemoryTitle));
  v1::DialogMessage message = Panel(panel::kMemory, std::move(key), "");
  v1::ButtonRow done;
  v1::ButtonRow forget;
  for (int i = first; i < end; ++i) {
    const MemoryItem& item = items[static_cast<size_t>(i)];
    const size_t group = GroupOf(item.kind());
    if (i == first || group != GroupOf(items[static_cast<size_t>(i - 1)].kind())) {
      absl::StrAppend(&html, "\n\n", Phrase(language, kGroups[group].heading));
    }
    absl::StrAppend(&html, "\n", ItemLine(i + 1, item));
    AddButton(forget, absl::StrCat("🗑 ", i + 1), Data("forget", item.memory_id(), page));
    if (CanBeDone(item) && !item.done()) {
      AddButton(done, absl::StrCat("✅ ", i + 1), Data("done", item.memory_id(), page));
    }
  }
  if (done.buttons_size() > 0) AddRow(message) = done;
  if (forget.buttons_size() > 0) AddRow(message) = forget;
  if (pages > 1) {
    v1::ButtonRow& turning = AddRow(message);
    const int before = (page + pages - 1) % pages;
    const int after = (page + 1) % pages;
    AddButton(turning, absl::StrCat("‹ ", before + 1), absl::StrCat("memory:page:", before));
    AddButton(turning, absl::StrCat(page + 1, " / ", pages), absl::StrCat("memory:page:", page));
    AddButton(turning, absl::StrCat(after + 1, " ›"), absl::StrCat("memory:page:", after));
  }
  if (has_plan) AppendPlan(language, memory.plan, page, html, message);
  v1::ButtonRow& last = AddRow(message);
  AddButton(last, Phrase(language, Wording::kButtonForgetAll), "memory:all");
  AddButton(last, Phrase(language, Wording::kButtonDone), "memory:close");
  message.set_message_text(std::move(html));
  return message;
}

v1::DialogMessage ForgetAllPanel(Language language, std::string key) {
  v1::DialogMessage message = Panel(panel::kMemory, std::move(key),
                                    std::string(Phrase(language, Wording::kForgetAllWarning)));
  v1::ButtonRow& row = AddRow(message);
  AddButton(row, Phrase(language, Wording::kButtonForgetAllYes), "memory:all:yes");
  AddButton(row, Phrase(language, Wording::kButtonBack), "memory:page:0");
  return message;
}

}  // namespace selfology::coaching_dialog
