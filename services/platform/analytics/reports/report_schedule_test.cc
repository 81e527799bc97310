#include "services/platform/analytics/reports/report_schedule.h"

#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace selfology::analytics {
namespace {

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

std::string Next(const v1::ReportSchedule& schedule, const char* zone, absl::CivilSecond after) {
  return absl::FormatTime("%Y-%m-%d %H:%M %Ez",
                          NextRun(schedule, Zone(zone), absl::FromCivil(after, Zone(zone))),
                          Zone(zone));
}

v1::ReportSchedule Schedule(v1::Recurrence recurrence, int minute, int weekday = 0, int day = 0) {
  v1::ReportSchedule schedule;
  schedule.set_recurrence(recurrence);
  schedule.set_minute_of_day(minute);
  schedule.set_weekday(weekday);
  schedule.set_day_of_month(day);
  return schedule;
}

TEST(ReportScheduleTest, IsThatOfTheOwnersClock) {
  const auto daily = Schedule(v1::RECURRENCE_DAILY, 9 * 60);
  EXPECT_EQ(Next(daily, "Europe/Berlin", absl::CivilSecond(2026, 3, 28, 9)),
            "2026-03-29 09:00 +02:00");
  EXPECT_EQ(Next(daily, "Europe/Berlin", absl::CivilSecond(2026, 3, 28, 8, 59)),
            "2026-03-28 09:00 +01:00");
  // 02:30 does not exist on that day, and exists twice on the other.
  const auto night = Schedule(v1::RECURRENCE_DAILY, 150);
  EXPECT_EQ(Next(night, "Europe/Berlin", absl::CivilSecond(2026, 3, 28, 12)),
            "2026-03-29 03:00 +02:00");
  EXPECT_EQ(Next(night, "Europe/Berlin", absl::CivilSecond(2026, 10, 24, 12)),
            "2026-10-25 02:30 +02:00");
}

TEST(ReportScheduleTest, WeeksAndMonths) {
  const auto weekly = Schedule(v1::RECURRENCE_WEEKLY, 0, 1);
  EXPECT_EQ(Next(weekly, "UTC", absl::CivilSecond(2026, 11, 30, 0, 0, 0)),
            "2026-12-07 00:00 +00:00");
  EXPECT_EQ(Next(weekly, "UTC", absl::CivilSecond(2026, 11, 29, 23)), "2026-11-30 00:00 +00:00");
  const auto monthly = Schedule(v1::RECURRENCE_MONTHLY, 60, 0, 31);
  EXPECT_EQ(Next(monthly, "UTC", absl::CivilSecond(2028, 1, 31, 1)), "2028-02-29 01:00 +00:00");
  EXPECT_EQ(Next(monthly, "UTC", absl::CivilSecond(2028, 2, 29, 1)), "2028-03-31 01:00 +00:00");
  EXPECT_EQ(Next(monthly, "UTC", absl::CivilSecond(2026, 12, 31, 2)), "2027-01-31 01:00 +00:00");
  EXPECT_EQ(NextRun({}, absl::UTCTimeZone(), absl::UnixEpoch()), absl::InfiniteFuture());
}

// Whatever the schedule: the next one comes later, and none lies between.
TEST(ReportScheduleTest, EachRunHasOneSuccessor) {
  for (const auto& schedule :
       {Schedule(v1::RECURRENCE_DAILY, 150), Schedule(v1::RECURRENCE_WEEKLY, 150, 7),
        Schedule(v1::RECURRENCE_MONTHLY, 150, 0, 30)}) {
    absl::Time at = absl::FromCivil(absl::CivilDay(2026, 1, 1), Zone("Europe/Berlin"));
    for (int i = 0; i < 100; ++i) {
      const absl::Time next = NextRun(schedule, Zone("Europe/Berlin"), at);
      ASSERT_GT(next, at);
      EXPECT_EQ(NextRun(schedule, Zone("Europe/Berlin"), next - absl::Microseconds(1)), next);
      at = next;
    }
  }
}

}  // namespace
}  // namespace selfology::analytics
