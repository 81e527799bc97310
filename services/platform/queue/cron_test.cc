#include "services/platform/queue/cron.h"

#include <string>
#include <string_view>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::queue {
namespace {

using ::testing::ElementsAre;

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

absl::Time At(std::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

Cron Parsed(std::string_view expression) {
  const absl::StatusOr<Cron> cron = Cron::Parse(expression);
  EXPECT_TRUE(cron.ok()) << expression << ": " << cron.status();
  return cron.ok() ? *cron : *Cron::Parse("* * * * *");
}

// The next times on the clock of the place, each with its offset.
std::vector<std::string> Times(std::string_view expression, const std::string& zone_name,
                               std::string_view after, int count) {
  const Cron cron = Parsed(expression);
  const absl::TimeZone zone = Zone(zone_name);
  std::vector<std::string> times;
  absl::Time time = At(after);
  for (int i = 0; i < count; ++i) {
    time = cron.Next(time, zone);
    times.push_back(absl::FormatTime("%Y-%m-%d %H:%M%Ez", time, zone));
  }
  return times;
}

TEST(CronTest, ReadsFieldsStepsRangesAndNames) {
  EXPECT_THAT(Times("*/20 * * * *", "UTC", "2026-01-01T00:00:30Z", 4),
              ElementsAre("2026-01-01 00:20+00:00", "2026-01-01 00:40+00:00",
                          "2026-01-01 01:00+00:00", "2026-01-01 01:20+00:00"));
  EXPECT_THAT(Times("0 9-17/4 * * mon-FRI", "UTC", "2026-01-02T16:00:00Z", 4),
              ElementsAre("2026-01-02 17:00+00:00", "2026-01-05 09:00+00:00",
                          "2026-01-05 13:00+00:00", "2026-01-05 17:00+00:00"));
  EXPECT_THAT(
      Times("5,35 0 1 jan,JUL *", "UTC", "2026-01-01T00:05:00Z", 3),
      ElementsAre("2026-01-01 00:35+00:00", "2026-07-01 00:05+00:00", "2026-07-01 00:35+00:00"));
  EXPECT_THAT(Times("@weekly", "UTC", "2026-01-01T00:00:00Z", 2),
              ElementsAre("2026-01-04 00:00+00:00", "2026-01-11 00:00+00:00"));
  // Both 0 and 7 are Sunday.
  EXPECT_EQ(Times("0 0 * * 7", "UTC", "2026-01-01T00:00:00Z", 3),
            Times("0 0 * * 0", "UTC", "2026-01-01T00:00:00Z", 3));
  EXPECT_THAT(Times("0 0 * * 5-7", "UTC", "2026-01-01T00:00:00Z", 4),
              ElementsAre("2026-01-02 00:00+00:00", "2026-01-03 00:00+00:00",
                          "2026-01-04 00:00+00:00", "2026-01-09 00:00+00:00"));
}

TEST(CronTest, EitherDaySufficesWhereBothAreLimited) {
  // The 13th, and every Friday.
  EXPECT_THAT(Times("0 0 13 * 5", "UTC", "2026-02-07T00:00:00Z", 4),
              ElementsAre("2026-02-13 00:00+00:00", "2026-02-20 00:00+00:00",
                          "2026-02-27 00:00+00:00", "2026-03-06 00:00+00:00"));
  EXPECT_THAT(
      Times("0 0 1 * 3", "UTC", "2026-03-26T00:00:00Z", 3),
      ElementsAre("2026-04-01 00:00+00:00", "2026-04-08 00:00+00:00", "2026-04-15 00:00+00:00"));
}

TEST(CronTest, FindsLeapDaysAcrossACentury) {
  EXPECT_THAT(
      Times("0 12 29 2 *", "UTC", "2092-03-01T00:00:00Z", 3),
      ElementsAre("2096-02-29 12:00+00:00", "2104-02-29 12:00+00:00", "2108-02-29 12:00+00:00"));
}

// Europe/Berlin 2026: at 2026-03-29 02:00 clocks go to 03:00, at 2026-10-25 03:00 back to 02:00.
TEST(CronTest, RunsASkippedTimeWhenTheGapEnds) {
  EXPECT_THAT(
      Times("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3),
      ElementsAre("2026-03-28 02:30+01:00", "2026-03-29 03:00+02:00", "2026-03-30 02:30+02:00"));
  // Several skipped times are run once, together.
  EXPECT_THAT(
      Times("0,20,40 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 3),
      ElementsAre("2026-03-29 03:00+02:00", "2026-03-30 02:00+02:00", "2026-03-30 02:20+02:00"));
  // And with one that is there anyway.
  EXPECT_THAT(Times("0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
              ElementsAre("2026-03-29 03:00+02:00", "2026-03-30 02:00+02:00"));
}

TEST(CronTest, RunsATimeThatComesTwiceOnce) {
  EXPECT_THAT(Times("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
              ElementsAre("2026-10-25 02:30+02:00", "2026-10-26 02:30+01:00"));
  // Also when asked within the second pass.
  EXPECT_THAT(Times("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", 1),
              ElementsAre("2026-10-26 02:30+01:00"));
}

TEST(CronTest, HoursThatPassAreAllRun) {
  EXPECT_THAT(Times("0 * * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", 4),
              ElementsAre("2026-10-25 02:00+02:00", "2026-10-25 02:00+01:00",
                          "2026-10-25 03:00+01:00", "2026-10-25 04:00+01:00"));
  EXPECT_THAT(
      Times("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:15:00Z", 3),
      ElementsAre("2026-03-29 01:30+01:00", "2026-03-29 03:00+02:00", "2026-03-29 03:30+02:00"));
  // Two o'clock does not pass on that day, so nothing stands for it.
  EXPECT_THAT(Times("* 2 * * *", "Europe/Berlin", "2026-03-28T01:58:30Z", 2),
              ElementsAre("2026-03-28 02:59+01:00", "2026-03-30 02:00+02:00"));
}

TEST(CronTest, KnowsGapsAtMidnightAndOfHalfAnHour) {
  // Cairo 2026-04-24: 00:00 becomes 01:00.
  EXPECT_THAT(Times("0 0 * * *", "Africa/Cairo", "2026-04-23T12:00:00Z", 2),
              ElementsAre("2026-04-24 01:00+03:00", "2026-04-25 00:00+03:00"));
  EXPECT_THAT(Times("30 * * * *", "Africa/Cairo", "2026-04-23T20:45:00Z", 2),
              ElementsAre("2026-04-23 23:30+02:00", "2026-04-24 01:30+03:00"));
  // Lord Howe 2026-10-04: 02:00 becomes 02:30.
  EXPECT_THAT(Times("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", 2),
              ElementsAre("2026-10-04 02:30+11:00", "2026-10-05 02:15+11:00"));
}

TEST(CronTest, SkipsADayThatAPlaceLeftOut) {
  // Samoa had no 30 December 2011.
  EXPECT_THAT(Times("0 * 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", 1),
              ElementsAre("2012-12-30 00:00+14:00"));
}

TEST(CronTest, RefusesWhatIsNoExpression) {
  for (const char* bad : {"",
                          "* * * *",
                          "* * * * * *",
                          "60 * * * *",
                          "* 24 * * *",
                          "* * 0 * *",
                          "* * 32 * *",
                          "* * * 13 *",
                          "* * * * 8",
                          "5-1 * * * *",
                          "*/0 * * * *",
                          "*/x * * * *",
                          "a * * * *",
                          "1,,2 * * * *",
                          "-1 * * * *",
                          "1- * * * *",
                          "* * * foo *",
                          "@never",
                          "0 0 30 2 *",
                          "0 0 31 4,6,9,11 *",
                          "99999999999 * * * *",
                          "1/2/3 * * * *"}) {
    const absl::StatusOr<Cron> cron = Cron::Parse(bad);
    ASSERT_FALSE(cron.ok()) << bad;
    ASSERT_EQ(status::Violations(cron.status()).size(), 1) << bad;
    EXPECT_EQ(status::Violations(cron.status())[0].field, "cron");
  }
}

// Against a search that knows nothing of days: every minute, one after the other.
class Slow {
 public:
  Slow(int minute, int hour, int day, int weekday)
      : minute_(minute), hour_(hour), day_(day), weekday_(weekday) {}
  bool Matches(absl::CivilSecond civil) const {
    const int weekday = (static_cast<int>(absl::GetWeekday(civil)) + 1) % 7;
    const bool by_day = day_ < 0 || civil.day() == day_;
    const bool by_weekday = weekday_ < 0 || weekday == weekday_;
    const bool on_day = day_ < 0 || weekday_ < 0 ? by_day && by_weekday : by_day || by_weekday;
    return on_day && (minute_ < 0 || civil.minute() == minute_) &&
           (hour_ < 0 || civil.hour() == hour_);
  }
  std::string Expression() const {
    const auto field = [](int value) { return value < 0 ? std::string("*") : absl::StrCat(value); };
    return absl::StrJoin(
        {field(minute_), field(hour_), field(day_), std::string("*"), field(weekday_)}, " ");
  }

 private:
  const int minute_, hour_, day_, weekday_;
};

TEST(CronTest, AgreesWithASearchMinuteByMinute) {
  absl::BitGen random;
  const auto some = [&](int first, int last) {
    return absl::Bernoulli(random, 0.4) ? -1
                                        : absl::Uniform(absl::IntervalClosed, random, first, last);
  };
  const absl::TimeZone utc = absl::UTCTimeZone();
  for (int i = 0; i < 60; ++i) {
    const Slow slow(some(0, 59), some(0, 23), some(1, 28), some(0, 6));
    const Cron cron = Parsed(slow.Expression());
    const absl::Time after =
        At("2026-01-01T00:00:00Z") + absl::Seconds(absl::Uniform(random, 0, 700 * 86400));
    absl::Time minute = absl::FromUnixSeconds(absl::ToUnixSeconds(after) / 60 * 60);
    do {
      minute += absl::Minutes(1);
    } while (!slow.Matches(absl::ToCivilSecond(minute, utc)));
    EXPECT_EQ(cron.Next(after, utc), minute) << slow.Expression() << " after " << after;
  }
}

TEST(CronTest, TimesGoForwardAndAreOnTheClockOrAtAGapsEnd) {
  absl::BitGen random;
  for (const char* name : {"Europe/Berlin", "America/New_York", "Africa/Cairo", "Asia/Kathmandu",
                           "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia"}) {
    const absl::TimeZone zone = Zone(name);
    for (const char* expression : {"30 2 * * *", "0 0 * * *", "*/15 * * * *", "45 1,2,3 * * SUN"}) {
      const Cron cron = Parsed(expression);
      absl::Time time =
          At("2010-01-01T00:00:00Z") + absl::Hours(absl::Uniform(random, 0, 16 * 365 * 24));
      for (int i = 0; i < 200; ++i) {
        const absl::Time next = cron.Next(time, zone);
        ASSERT_GT(next, time) << expression << " in " << name;
        // No time in between was passed over.
        const absl::Time again = cron.Next(time + (next - time) / 2, zone);
        ASSERT_EQ(again, next) << expression << " in " << name << " after " << time;
        time = next;
      }
    }
  }
}

}  // namespace
}  // namespace selfology::queue
