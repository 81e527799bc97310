#include "services/growth/task/understanding/meaning.h"

#include <algorithm>

#include "services/growth/task/tasks/task_rules.h"
#include "services/growth/task/understanding/resolving.h"

namespace selfology::task {
namespace {

// Adds what another rule says: "every monday and every thursday", "weekly on fridays", "every day in
// the mornings". False: the two do not go together.
bool Join(const RepeatSpec& more, RepeatSpec& repeat) {
  // "daily at 8:30 except sundays".
  if (!more.except.empty()) {
    if (repeat.unit == Unit::kDay && repeat.interval == 1) {
      repeat.unit = Unit::kWeek;
      repeat.weekdays = {0, 1, 2, 3, 4, 5, 6};
    }
    if (repeat.unit != Unit::kWeek) return false;
    std::erase_if(repeat.weekdays, [&](int day) {
      return std::find(more.except.begin(), more.except.end(), day) != more.except.end();
    });
    return !repeat.weekdays.empty();
  }
  // "twice a week on mondays and fridays": the days that are said are the days.
  if (more.unit == repeat.unit && more.spread != repeat.spread) {
    const bool says_days = !more.weekdays.empty() || !more.month_days.empty();
    if (repeat.spread && says_days) repeat = more;
    return repeat.spread ? says_days : true;
  }
  if (more.unit != repeat.unit || more.nth != repeat.nth) {
    const bool is_plain = repeat.weekdays.empty() && repeat.month_days.empty();
    if (more.unit != repeat.unit || !is_plain) return false;
  }
  const auto join = [](const std::vector<int>& from, std::vector<int>& to) {
    to.insert(to.end(), from.begin(), from.end());
    std::sort(to.begin(), to.end());
    to.erase(std::unique(to.begin(), to.end()), to.end());
  };
  join(more.weekdays, repeat.weekdays);
  join(more.month_days, repeat.month_days);
  if (more.nth != 0) repeat.nth = more.nth;
  if (more.month != 0) repeat.month = more.month;
  if (repeat.interval == 1) repeat.interval = more.interval;
  return true;
}

void TakeRepeats(const std::vector<Finding>& all, Meaning& meaning) {
  const bool is_said = std::any_of(all.begin(), all.end(), [](const Finding& found) {
    return found.repeat.has_value() && !found.repeat->adjective;
  });
  for (const Finding& found : all) {
    if (!found.repeat.has_value() || (is_said && found.repeat->adjective)) continue;
    if (!meaning.repeat.has_value()) {
      if (!found.repeat->except.empty()) continue;
      meaning.repeat = found.repeat;
      if (found.repeat->unsure) meaning.doubt += found.repeat->spread ? 0.3 : 0.15;
    } else if (!Join(*found.repeat, *meaning.repeat)) {
      continue;
    }
    if (found.part != Part::kNone) meaning.part = found.part;
    meaning.taken.push_back(&found);
  }
}

void TakeDates(const std::vector<Finding>& all, Meaning& meaning) {
  // A deadline is what counts, wherever it stands; else the first date.
  const Finding* main = nullptr;
  const auto is_deadline = [](const Finding& found) {
    return found.role == Role::kDeadline || found.role == Role::kUntil;
  };
  for (const Finding& found : all) {
    if (found.date.kind == DateSpec::kNone) continue;
    if (meaning.repeat.has_value() &&
        (found.role == Role::kUntil || (found.role == Role::kDeadline && main != nullptr))) {
      if (!meaning.until.has_value()) {
        meaning.until = found.date;
        meaning.taken.push_back(&found);
      }
      continue;
    }
    if (main == nullptr ||
        (is_deadline(found) && !is_deadline(*main) && main->role != Role::kFrom)) {
      main = &found;
    }
  }
  if (main == nullptr) return;
  meaning.date = main->date;
  meaning.date_from = main;
  meaning.role = main->role;
  if (main->part != Part::kNone) meaning.part = main->part;
  if (main->vague) meaning.doubt += 0.1;
  meaning.taken.push_back(main);
  for (const Finding& found : all) {
    if (&found == main || found.date.kind == DateSpec::kNone || &found == meaning.date_from ||
        std::find(meaning.taken.begin(), meaning.taken.end(), &found) != meaning.taken.end()) {
      continue;
    }
    const bool adjoining = found.begin <= main->end + 1 && main->begin <= found.end + 1;
    if (Merge(found.date, adjoining, *meaning.date)) {
      meaning.taken.push_back(&found);
      if (found.part != Part::kNone) meaning.part = found.part;
    }
  }
}

void TakeTimes(const std::vector<Finding>& all, Meaning& meaning) {
  // "meet at 5 Main Street at 3pm": what can be nothing but a time, or stands beside a day, is one.
  const auto is_sure = [&](const Finding& found) {
    if (!found.time->ambiguous || found.part != Part::kNone) return true;
    return std::any_of(all.begin(), all.end(), [&](const Finding& other) {
      const bool is_day = other.date.kind != DateSpec::kNone || other.repeat.has_value() ||
                          (other.part != Part::kNone && !other.time.has_value());
      return is_day && (other.end == found.begin || other.begin == found.end);
    });
  };
  const bool any_sure = std::any_of(all.begin(), all.end(), [&](const Finding& found) {
    return found.time.has_value() && is_sure(found);
  });
  for (const Finding& found : all) {
    if (found.time.has_value() && !meaning.time.has_value() && (!any_sure || is_sure(found))) {
      meaning.time = found.time;
      meaning.time_is_deadline = found.role == Role::kDeadline;
      meaning.estimate_minutes = found.time->minutes_long;
      if (found.part != Part::kNone) meaning.part = found.part;
      meaning.taken.push_back(&found);
    }
  }
  // "at 8am and 8pm", of the same minute: one rule says both.
  if (meaning.time.has_value() && meaning.repeat.has_value()) {
    const Finding* last = nullptr;
    for (const Finding& found : all) {
      if (!found.time.has_value()) continue;
      if (last == nullptr) {
        if (std::find(meaning.taken.begin(), meaning.taken.end(), &found) != meaning.taken.end()) {
          last = &found;
        }
        continue;
      }
      if (found.begin > last->end + 1 || found.time->minute != meaning.time->minute ||
          found.time->midnight) {
        break;
      }
      if (found.begin == last->end + 1) meaning.links.push_back(last->end);
      meaning.more_times.push_back(&found);
      meaning.taken.push_back(&found);
      last = &found;
    }
  }
  for (const Finding& found : all) {
    const bool is_part = found.part != Part::kNone && !found.time.has_value() &&
                         !found.repeat.has_value() && found.date.kind == DateSpec::kNone;
    if (is_part && meaning.part == Part::kNone) {
      meaning.part = found.part;
      meaning.taken.push_back(&found);
    }
  }
}

void TakeRest(const std::vector<Finding>& all, Meaning& meaning) {
  for (const Finding& found : all) {
    bool taken = true;
    if (found.after.has_value() && !meaning.after.has_value()) {
      meaning.after = found.after;
    } else if (found.times.has_value() && meaning.repeat.has_value() &&
               !meaning.times.has_value()) {
      meaning.times = found.times;
    } else if (found.lasts.has_value() && found.lasts->second == Unit::kMinute &&
               meaning.estimate_minutes == 0 && found.lasts->first <= kMaxMinutes) {
      meaning.estimate_minutes = found.lasts->first;
    } else if (found.lasts.has_value() && found.lasts->second != Unit::kMinute &&
               meaning.repeat.has_value() && !meaning.lasts.has_value()) {
      meaning.lasts = found.lasts;
    } else if (found.remind_minutes.has_value()) {
      meaning.remind_minutes.push_back(std::min(*found.remind_minutes, kMaxMinutes));
    } else if (found.asks_to_remind) {
      meaning.asks_to_remind = true;
    } else if (found.priority != v1::TASK_PRIORITY_UNSPECIFIED) {
      meaning.priority = std::max(meaning.priority, found.priority);
    } else if (!found.label.empty() && meaning.labels.size() < static_cast<size_t>(kMaxOfEach)) {
      meaning.labels.push_back(found.label);
    } else {
      taken = false;
    }
    if (taken) meaning.taken.push_back(&found);
  }
}

}  // namespace

std::vector<Finding> FindAll(const Words& words, absl::Span<const Rule> rules) {
  std::vector<Finding> all;
  for (size_t at = 0; at < words.size();) {
    // A comma does not part "tomorrow, at 6".
    const size_t previous = at > 0 && words.Is(at - 1, ",") ? at - 1 : at;
    const Finding* const before =
        !all.empty() && all.back().end == previous ? &all.back() : nullptr;
    Finding best;
    if (!words[at].opaque) {
      for (const Rule rule : rules) {
        Finding found;
        if (rule(words, at, before, found) && found.end > best.end && found.end <= words.size()) {
          best = std::move(found);
        }
      }
    }
    if (best.end <= at) {
      ++at;
      continue;
    }
    best.begin = at;
    at = best.end;
    all.push_back(std::move(best));
  }
  return all;
}

Meaning MeaningOf(const std::vector<Finding>& all) {
  Meaning meaning;
  TakeRepeats(all, meaning);
  TakeDates(all, meaning);
  TakeTimes(all, meaning);
  TakeRest(all, meaning);
  return meaning;
}

}  // namespace selfology::task
