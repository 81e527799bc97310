// What the dialog says, in English and Russian, and how it writes days and times.
//
//   In(language, "Done", "Готово")
//   DueText(task, zone, now, language)     // "tomorrow 18:00", "Mon 11 May"
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/language/language.h"
#include "selfology/task/v1/task.pb.h"

namespace selfology::growth_dialog {

using language::Language;

inline std::string_view In(Language language, std::string_view english, std::string_view russian) {
  return language == Language::kRussian ? russian : english;
}

// "today 18:00", "tomorrow", "Mon 11 May", "5 Jan 2027"; with "overdue: " before what has passed.
// Empty: it has no due date.
std::string DueText(const task::v1::Task& task, absl::TimeZone zone, absl::Time now,
                    Language language);
std::string DayText(absl::CivilDay day, absl::CivilDay today, Language language);
// "every week", "every 2 weeks: Tue"; the rule itself for others.
std::string RepeatText(const task::v1::Task& task, Language language);
std::string PriorityMark(task::v1::TaskPriority priority);
// "30 minutes before", "за 2 дня".
std::string LeadText(int minutes, Language language);
// "1 task", "5 задач"; "7 days", "21 день".
std::string CountedTasks(int64_t count, Language language);
std::string CountedDays(int64_t count, Language language);

}  // namespace selfology::growth_dialog
