#include "services/platform/analytics/reports/report_schedule.h"

#include <algorithm>

#include "absl/time/civil_time.h"
#include "common/timestamps/local_time.h"

namespace selfology::analytics {
namespace {

absl::CivilDay DayOfMonth(absl::CivilMonth month, int day) {
  const auto last = static_cast<int>(absl::CivilDay(month + 1) - absl::CivilDay(month));
  return absl::CivilDay(month) + (std::min(day, last) - 1);
}

}  // namespace

absl::Time NextRun(const v1::ReportSchedule& schedule, absl::TimeZone zone, absl::Time after) {
  const int minute = schedule.minute_of_day();
  absl::CivilDay day = absl::ToCivilDay(after, zone);
  switch (schedule.recurrence()) {
    case v1::RECURRENCE_DAILY:
      return timestamps::NextAt(after, minute, zone);
    case v1::RECURRENCE_WEEKLY: {
      const auto weekday = static_cast<absl::Weekday>(schedule.weekday() - 1);
      while (absl::GetWeekday(day) != weekday || timestamps::AtMinute(day, minute, zone) <= after) {
        ++day;
      }
      return timestamps::AtMinute(day, minute, zone);
    }
    case v1::RECURRENCE_MONTHLY: {
      absl::CivilMonth month(day);
      while (true) {
        const absl::Time at =
            timestamps::AtMinute(DayOfMonth(month, schedule.day_of_month()), minute, zone);
        if (at > after) return at;
        ++month;
      }
    }
    default:
      return absl::InfiniteFuture();
  }
}

}  // namespace selfology::analytics
