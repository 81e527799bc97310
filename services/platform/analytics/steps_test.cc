#include "services/platform/analytics/steps.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::analytics {
namespace {

using ::testing::SizeIs;

absl::TimeZone Zone(const std::string& name) {
  const auto zone = ReadZone(name);
  EXPECT_TRUE(zone.ok()) << name;
  return zone.value_or(absl::UTCTimeZone());
}

absl::Time At(absl::CivilSecond civil, const std::string& zone = "") {
  return absl::FromCivil(civil, Zone(zone));
}

TEST(StepsTest, BeginWhereThePlacesClockSays) {
  const absl::Time time = At(absl::CivilSecond(2026, 11, 30, 23, 45, 10));
  EXPECT_EQ(StepBegin(time, v1::STEP_HOUR, Zone("")), At(absl::CivilSecond(2026, 11, 30, 23)));
  EXPECT_EQ(StepBegin(time, v1::STEP_DAY, Zone("")), At(absl::CivilSecond(2026, 11, 30)));
  EXPECT_EQ(StepBegin(time, v1::STEP_MONTH, Zone("")), At(absl::CivilSecond(2026, 11, 1)));
  EXPECT_EQ(StepBegin(time, v1::STEP_WEEK, Zone("")),
            At(absl::CivilSecond(2026, 11, 30)));  // A Monday.
  EXPECT_EQ(StepBegin(time, v1::STEP_DAY, Zone("Europe/Berlin")),
            At(absl::CivilSecond(2026, 12, 1), "Europe/Berlin"));
  EXPECT_EQ(StepBegin(time, v1::STEP_HOUR, Zone("Asia/Kathmandu")),
            At(absl::CivilSecond(2026, 12, 1, 5), "Asia/Kathmandu"));
}

TEST(StepsTest, DaysOfChangedClocksAreOneStep) {
  // 23 hours in March, 25 in October.
  for (const auto& [day, hours] :
       {std::pair(absl::CivilDay(2026, 3, 29), 23), std::pair(absl::CivilDay(2026, 10, 25), 25)}) {
    const absl::TimeZone berlin = Zone("Europe/Berlin");
    const absl::Time begin = absl::FromCivil(day, berlin);
    EXPECT_EQ(NextStep(begin, v1::STEP_DAY, berlin) - begin, absl::Hours(hours));
    EXPECT_THAT(StepsBetween(begin, begin + absl::Hours(hours), v1::STEP_DAY, berlin, 100),
                SizeIs(1));
    EXPECT_THAT(StepsBetween(begin, begin + absl::Hours(hours), v1::STEP_HOUR, berlin, 100),
                SizeIs(static_cast<size_t>(hours)));
  }
}

TEST(StepsTest, EachBeginsWhereTheOneBeforeEnds) {
  for (const char* name : {"", "Europe/Berlin", "Africa/Cairo", "Australia/Lord_Howe"}) {
    for (const v1::Step step : {v1::STEP_DAY, v1::STEP_WEEK, v1::STEP_MONTH}) {
      const auto steps = StepsBetween(At(absl::CivilSecond(2025, 1, 10, 5)),
                                      At(absl::CivilSecond(2027, 2, 1)), step, Zone(name), 1000);
      for (size_t i = 1; i < steps.size(); ++i) {
        EXPECT_EQ(NextStep(steps[i - 1], step, Zone(name)), steps[i]);
        EXPECT_EQ(StepBegin(steps[i], step, Zone(name)), steps[i]);
        EXPECT_EQ(StepBegin(steps[i] - absl::Seconds(1), step, Zone(name)), steps[i - 1]);
      }
    }
  }
  EXPECT_THAT(StepsBetween(At(absl::CivilSecond(2000, 1, 1)), At(absl::CivilSecond(2026, 1, 1)),
                           v1::STEP_HOUR, Zone(""), 10),
              SizeIs(11));
}

TEST(StepsTest, RefusesWhatIsNoZone) {
  for (const char* bad : {"localtime", "/etc/passwd", "Mars/Base", "../UTC"}) {
    EXPECT_FALSE(ReadZone(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace selfology::analytics
