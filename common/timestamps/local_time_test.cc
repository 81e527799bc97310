#include "common/timestamps/local_time.h"

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace selfology::timestamps {
namespace {

absl::Time At(const std::string& zone, const std::string& civil) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", civil, ZoneOf(zone), &time, &error)) << error;
  return time;
}

TEST(LocalTimeTest, KnowsTimeZones) {
  for (const char* name : {"Europe/Moscow", "America/Argentina/Buenos_Aires", "Etc/GMT+8", "UTC"}) {
    EXPECT_TRUE(IsZone(name)) << name;
  }
  for (const char* name : {"", "Moscow time", "../../etc/passwd", "/etc/localtime", "localtime",
                           "Fixed/UTC+03:00:00", "file:UTC", "europe/nowhere"}) {
    EXPECT_FALSE(IsZone(name)) << name;
  }
  EXPECT_EQ(ZoneOf(""), absl::UTCTimeZone());
  EXPECT_EQ(ZoneOf("Europe/Atlantis"), absl::UTCTimeZone());
}

TEST(LocalTimeTest, ClocksShowLocalTime) {
  EXPECT_EQ(MinuteOfDay(absl::UnixEpoch(), ZoneOf("Asia/Kolkata")), 5 * 60 + 30);
}

TEST(LocalTimeTest, AnIntervalMayGoOverMidnight) {
  EXPECT_TRUE(IsWithin(22 * 60, 22 * 60, 8 * 60));
  EXPECT_TRUE(IsWithin(0, 22 * 60, 8 * 60));
  EXPECT_FALSE(IsWithin(8 * 60, 22 * 60, 8 * 60));
  EXPECT_FALSE(IsWithin(22 * 60 - 1, 22 * 60, 8 * 60));
  EXPECT_TRUE(IsWithin(14 * 60, 13 * 60, 15 * 60));
  for (int minute = 0; minute < kMinutesOfDay; ++minute) EXPECT_FALSE(IsWithin(minute, 5, 5));
}

TEST(LocalTimeTest, ClockChangesHaveOneMomentEach) {
  const absl::TimeZone berlin = ZoneOf("Europe/Berlin");
  // 2:30 does not exist; the clocks go from 2:00 to 3:00.
  EXPECT_EQ(AtMinute(absl::CivilDay(2026, 3, 29), 150, berlin), At("UTC", "2026-03-29 01:00"));
  // 2:30 comes twice.
  EXPECT_EQ(AtMinute(absl::CivilDay(2026, 10, 25), 150, berlin), At("UTC", "2026-10-25 00:30"));
  EXPECT_EQ(NextAt(At("UTC", "2026-10-25 00:30"), 150, berlin),
            At("Europe/Berlin", "2026-10-26 02:30"));
  EXPECT_EQ(NextAt(At("Pacific/Apia", "2011-12-29 12:00"), 480, ZoneOf("Pacific/Apia")),
            At("Pacific/Apia", "2011-12-31 00:00"))
      << "the 30th was left out there";
}

TEST(LocalTimeTest, TheNextIsAfterAndWithinTwoDays) {
  std::mt19937 random(20261130);  // Seeded: the same moments each time.
  const char* const zones[] = {
      "UTC",         "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns",
      "Asia/Kolkata"};
  for (int i = 0; i < 20'000; ++i) {
    const absl::TimeZone zone = ZoneOf(zones[random() % std::size(zones)]);
    const absl::Time after = absl::FromUnixSeconds(1'767'000'000 + random() % 40'000'000);
    const int minute = static_cast<int>(random() % kMinutesOfDay);
    const absl::Time next = NextAt(after, minute, zone);
    EXPECT_GT(next, after);
    EXPECT_LE(next - after, absl::Hours(26));
  }
}

}  // namespace
}  // namespace selfology::timestamps
