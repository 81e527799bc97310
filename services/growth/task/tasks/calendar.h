// Tasks as iCalendar, for calendars that subscribe to it: a VTODO each, with its recurrence and
// alarms.
//
//   const std::string ics = ToCalendar(tasks, now);   // "BEGIN:VCALENDAR…"
//
// Times are written in UTC, but for those of tasks that recur or are due on a day: those are local to
// their zone, whose VTIMEZONE is in the calendar. Threads: pure functions, over libical. Source: RFC
// 5545; RFC 9073 is not used.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "selfology/task/v1/task.pb.h"

namespace selfology::task {

std::string ToCalendar(absl::Span<const v1::Task> tasks, absl::Time now);

}  // namespace selfology::task
