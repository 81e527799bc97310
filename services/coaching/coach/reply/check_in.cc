#include "services/coaching/coach/reply/check_in.h"

#include <cstdint>
#include <optional>

#include "services/coaching/coach/memory/plan.h"
#include "services/coaching/coach/reply/phrasing.h"
#include "services/coaching/coach/understanding/dates.h"

namespace selfology::coach {
namespace {

// A day is asked after for so many days, and spoken of so many before.
constexpr int kDaysAfter = 7;
constexpr int kDaysBefore = 4;

}  // namespace

CheckIn WriteCheckIn(const LoadedSpeech& speech, const Known& known, bool informal) {
  const absl::CivilDay today = known.today.value_or(absl::CivilDay());
  const Phrasing phrasing(speech, known.said, static_cast<uint64_t>(today - absl::CivilDay()),
                          informal);
  Slots slots;
  if (known.plan.has_value()) {
    const v1::PlanStep* step = NextStep(*known.plan);
    const auto day = step == nullptr ? std::nullopt : ParseDay(step->due_date());
    if (day.has_value() && *day <= today) {
      AddStep(speech, *known.plan, *step, known, slots);
      return {phrasing.Again(*day < today ? "check_in_step" : "check_in_step_today", slots),
              step->number()};
    }
  }
  // Newest first: what was said last is nearest.
  for (auto item = known.memory.rbegin(); item != known.memory.rend(); ++item) {
    const std::optional<absl::CivilDay> day = ParseDay(item->due_date());
    if (item->kind() != v1::MEMORY_KIND_DATE || !day.has_value()) continue;
    const int64_t ahead = *day - today;
    if (ahead > kDaysBefore || ahead < -kDaysAfter) continue;
    slots["event"] = slots["Event"] = SpokenEvent(speech, *item, informal);
    slots["day"] = slots["Day"] = SpokenDay(*day, today, speech.language());
    return {phrasing.Again(ahead < 0 ? "check_in_event_over" : "check_in_event", slots)};
  }
  for (auto item = known.memory.rbegin(); item != known.memory.rend(); ++item) {
    if (item->done()) continue;
    slots["what\""] = Quoted(item->text(), speech.language());
    slots["goal\""] = slots["what\""];
    slots["goal"] = item->text();
    if (item->kind() == v1::MEMORY_KIND_PROMISE) return {phrasing.Again("check_in_promise", slots)};
    if (item->kind() == v1::MEMORY_KIND_GOAL) return {phrasing.Again("check_in_goal", slots)};
  }
  return {phrasing.Again("check_in", slots)};
}

}  // namespace selfology::coach
