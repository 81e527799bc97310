#include "services/growth/gamification/boards/periods.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::gamification {
namespace {

TEST(PeriodsTest, NamesWhatATimeLiesIn) {
  const auto at = [](int day, int hour) {
    return absl::FromCivil(absl::CivilHour(2026, 11, day, hour), absl::UTCTimeZone());
  };
  EXPECT_THAT(PeriodNames(at(29, 23)),
              ::testing::ElementsAre("ever", "d:2026-11-29", "w:2026-11-23", "m:2026-11"));
  EXPECT_THAT(PeriodNames(at(30, 0)),
              ::testing::ElementsAre("ever", "d:2026-11-30", "w:2026-11-30", "m:2026-11"));
  EXPECT_EQ(PeriodName(v1::BOARD_PERIOD_SEASON, at(1, 0), "spring"), "s:spring");
}

}  // namespace
}  // namespace selfology::gamification
