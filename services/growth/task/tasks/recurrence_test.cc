#include "services/growth/task/tasks/recurrence.h"

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::task {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone));
  return zone;
}

std::vector<std::string> List(std::string_view rule, absl::CivilSecond start, const char* zone,
                              int limit) {
  const Moment moment = {start, Zone(zone)};
  const auto found = Occurrences(rule, moment, ToTime(moment) - absl::Seconds(1), limit);
  EXPECT_TRUE(found.ok()) << found.status();
  std::vector<std::string> texts;
  if (!found.ok()) return texts;
  for (const absl::Time at : *found) {
    texts.push_back(absl::FormatTime("%Y-%m-%d %H:%M %Ez", at, moment.zone));
  }
  return texts;
}

TEST(RecurrenceTest, KeepsTheLocalTimeOverClockChanges) {
  EXPECT_THAT(
      List("FREQ=DAILY", absl::CivilSecond(2026, 3, 28, 9, 0, 0), "Europe/Berlin", 3),
      ElementsAre("2026-03-28 09:00 +01:00", "2026-03-29 09:00 +02:00", "2026-03-30 09:00 +02:00"));
  EXPECT_THAT(
      List("FREQ=WEEKLY", absl::CivilSecond(2026, 10, 22, 9, 0, 0), "America/New_York", 3),
      ElementsAre("2026-10-22 09:00 -04:00", "2026-10-29 09:00 -04:00", "2026-11-05 09:00 -05:00"));
}

// RFC 5545, 3.3.5: a time that is left out is taken at the offset before; of two, the first.
TEST(RecurrenceTest, TimesThatAreLeftOutOrComeTwice) {
  EXPECT_THAT(
      List("FREQ=DAILY", absl::CivilSecond(2026, 3, 28, 2, 30, 0), "Europe/Berlin", 3),
      ElementsAre("2026-03-28 02:30 +01:00", "2026-03-29 03:30 +02:00", "2026-03-30 02:30 +02:00"));
  EXPECT_THAT(List("FREQ=DAILY", absl::CivilSecond(2026, 10, 24, 2, 30, 0), "Europe/Berlin", 2),
              ElementsAre("2026-10-24 02:30 +02:00", "2026-10-25 02:30 +02:00"));
}

// Examples of RFC 5545, 3.8.5.3.
TEST(RecurrenceTest, ExamplesOfTheRfc) {
  EXPECT_THAT(
      List("FREQ=MONTHLY;COUNT=3;BYDAY=1FR", absl::CivilSecond(1997, 9, 5, 9, 0, 0),
           "America/New_York", 9),
      ElementsAre("1997-09-05 09:00 -04:00", "1997-10-03 09:00 -04:00", "1997-11-07 09:00 -05:00"));
  EXPECT_THAT(
      List("FREQ=MONTHLY;BYMONTHDAY=-3", absl::CivilSecond(1997, 9, 28, 9, 0, 0),
           "America/New_York", 3),
      ElementsAre("1997-09-28 09:00 -04:00", "1997-10-29 09:00 -05:00", "1997-11-28 09:00 -05:00"));
  EXPECT_THAT(List("FREQ=DAILY;UNTIL=19970904T000000Z", absl::CivilSecond(1997, 9, 2, 9, 0, 0),
                   "America/New_York", 9),
              ElementsAre("1997-09-02 09:00 -04:00", "1997-09-03 09:00 -04:00"));
  EXPECT_THAT(List("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,TH;COUNT=4",
                   absl::CivilSecond(1997, 9, 2, 9, 0, 0), "America/New_York", 9),
              ElementsAre("1997-09-02 09:00 -04:00", "1997-09-04 09:00 -04:00",
                          "1997-09-16 09:00 -04:00", "1997-09-18 09:00 -04:00"));
  EXPECT_THAT(List("FREQ=YEARLY;BYDAY=20MO", absl::CivilSecond(1997, 5, 19, 9, 0, 0),
                   "America/New_York", 2),
              ElementsAre("1997-05-19 09:00 -04:00", "1998-05-18 09:00 -04:00"));
  EXPECT_THAT(List("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
                   absl::CivilSecond(1997, 9, 29, 9, 0, 0), "America/New_York", 2),
              ElementsAre("1997-09-29 09:00 -04:00", "1997-10-30 09:00 -05:00"));
}

TEST(RecurrenceTest, MonthsWithoutTheDayAreLeftOut) {
  EXPECT_THAT(
      List("FREQ=MONTHLY", absl::CivilSecond(2026, 1, 31, 9, 0, 0), "UTC", 3),
      ElementsAre("2026-01-31 09:00 +00:00", "2026-03-31 09:00 +00:00", "2026-05-31 09:00 +00:00"));
  EXPECT_THAT(List("FREQ=YEARLY", absl::CivilSecond(2024, 2, 29, 9, 0, 0), "UTC", 2),
              ElementsAre("2024-02-29 09:00 +00:00", "2028-02-29 09:00 +00:00"));
}

TEST(RecurrenceTest, RefusesWhatIsNoRule) {
  for (const char* rule :
       {"", "DAILY", "FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;X=1",
        "FREQ=DAILY;COUNT=2;UNTIL=20260101", "INTERVAL=2", "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;BYDAY=", "FREQ=DAILY;INTERVAL=99999999999"}) {
    EXPECT_FALSE(CheckRule(rule).ok()) << rule;
  }
  EXPECT_TRUE(CheckRule("freq=daily").ok());
  EXPECT_FALSE(CheckRule(absl::StrCat("FREQ=DAILY;BYMONTHDAY=", std::string(600, '1'))).ok());
}

absl::Time At(int day, int hour) {
  return absl::FromCivil(absl::CivilHour(2026, 5, day, hour), absl::UTCTimeZone());
}

std::optional<absl::Time> Next(const char* rule, v1::RecurrenceMode mode, absl::Time due,
                               absl::Time completed) {
  v1::Recurrence recurrence;
  recurrence.set_rrule(rule);
  recurrence.set_mode(mode);
  const auto next = NextDue(recurrence, due, completed, absl::UTCTimeZone());
  EXPECT_TRUE(next.ok()) << next.status();
  return next.ok() ? *next : std::nullopt;
}

TEST(RecurrenceTest, FixedSkipsWhatHasPassed) {
  // 4 May 2026 is a Monday.
  EXPECT_EQ(Next("FREQ=WEEKLY", v1::RECURRENCE_MODE_FIXED, At(4, 9), At(3, 12)), At(11, 9));
  EXPECT_EQ(Next("FREQ=WEEKLY", v1::RECURRENCE_MODE_FIXED, At(4, 9), At(4, 12)), At(11, 9));
  EXPECT_EQ(Next("FREQ=WEEKLY", v1::RECURRENCE_MODE_FIXED, At(4, 9), At(20, 12)), At(25, 9));
}

TEST(RecurrenceTest, AfterCompletionCountsFromTheDayItWasDone) {
  EXPECT_EQ(
      Next("FREQ=DAILY;INTERVAL=3", v1::RECURRENCE_MODE_AFTER_COMPLETION, At(4, 9), At(6, 22)),
      At(9, 9));
  EXPECT_EQ(
      Next("FREQ=DAILY;INTERVAL=3", v1::RECURRENCE_MODE_AFTER_COMPLETION, At(4, 9), At(3, 22)),
      At(6, 9));
}

TEST(RecurrenceTest, EndsWithItsCount) {
  v1::Recurrence recurrence;
  recurrence.set_rrule("FREQ=DAILY;COUNT=2");
  *recurrence.mutable_start_at() = timestamps::ToProto(At(4, 9));
  EXPECT_EQ(*NextDue(recurrence, At(4, 9), At(4, 10), absl::UTCTimeZone()), At(5, 9));
  EXPECT_EQ(*NextDue(recurrence, At(5, 9), At(5, 10), absl::UTCTimeZone()), std::nullopt);
}

}  // namespace
}  // namespace selfology::task
