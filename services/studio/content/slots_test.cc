#include "services/studio/content/slots.h"

#include "absl/random/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::content {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

absl::Time At(const absl::TimeZone& zone, int year, int month, int day, int hour, int minute) {
  return absl::FromCivil(absl::CivilMinute(year, month, day, hour, minute), zone);
}

TEST(SlotsTest, TheNextFreeOnes) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const std::vector<Slot> slots = {{5, 18 * 60}, {1, 9 * 60}};  // Fri 18:00, Mon 9:00.
  const absl::Time now = At(utc, 2026, 11, 30, 9, 0);           // A Monday.
  EXPECT_THAT(NextFree(slots, utc, now, {}, 3),
              ElementsAre(At(utc, 2026, 12, 4, 18, 0), At(utc, 2026, 12, 7, 9, 0),
                          At(utc, 2026, 12, 11, 18, 0)));
  EXPECT_THAT(NextFree(slots, utc, now, {At(utc, 2026, 12, 4, 18, 0)}, 1),
              ElementsAre(At(utc, 2026, 12, 7, 9, 0)));
  EXPECT_THAT(NextFree({}, utc, now, {}, 3), IsEmpty());
}

TEST(SlotsTest, StayAtTheirLocalTimeWhenClocksChange) {
  const auto berlin = ZoneOf("Europe/Berlin");
  ASSERT_TRUE(berlin.has_value());
  const std::vector<Slot> slots = {{7, 2 * 60 + 30}, {7, 9 * 60}};  // Sunday 2:30 and 9:00.
  // On 28 March 2027 the clocks skip 2:00 to 3:00; on 31 October they show it twice.
  EXPECT_THAT(NextFree(slots, *berlin, At(*berlin, 2027, 3, 27, 12, 0), {}, 2),
              ElementsAre(At(*berlin, 2027, 3, 28, 3, 0), At(*berlin, 2027, 3, 28, 9, 0)));
  const auto autumn = NextFree(slots, *berlin, At(*berlin, 2027, 10, 30, 12, 0), {}, 2);
  EXPECT_THAT(autumn, SizeIs(2));
  EXPECT_EQ(autumn[0],
            absl::FromCivil(absl::CivilMinute(2027, 10, 31, 0, 30), absl::UTCTimeZone()));
}

// In any zone from any moment: after it, in order, different, none taken.
TEST(SlotsTest, OrderHolds) {
  absl::BitGen random;
  for (const char* name :
       {"UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Asia/Kolkata"}) {
    const auto zone = ZoneOf(name);
    ASSERT_TRUE(zone.has_value()) << name;
    for (int round = 0; round < 100; ++round) {
      std::vector<Slot> slots;
      for (int i = 0; i < 5; ++i) {
        slots.push_back({absl::Uniform(random, 1, 8), absl::Uniform(random, 0, 1440)});
      }
      const absl::Time now = absl::FromUnixSeconds(absl::Uniform(random, 0, 2'000'000'000));
      const auto first = NextFree(slots, *zone, now, {}, 4);
      ASSERT_THAT(first, SizeIs(4));
      absl::Time before = now;
      for (const absl::Time time : first) {
        EXPECT_GT(time, before);
        before = time;
      }
      const auto rest = NextFree(slots, *zone, now, {first[0], first[1]}, 2);
      EXPECT_THAT(rest, ElementsAre(first[2], first[3]));
    }
  }
}

TEST(SlotsTest, ZonesAreNames) {
  EXPECT_TRUE(ZoneOf("").has_value());
  for (const char* wrong : {"Nowhere/Else", "/etc/passwd", "../UTC", ":UTC"}) {
    EXPECT_FALSE(ZoneOf(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace selfology::content
