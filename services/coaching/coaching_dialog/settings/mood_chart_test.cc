#include "services/coaching/coaching_dialog/settings/mood_chart.h"

#include <iterator>
#include <set>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::coaching_dialog {
namespace {

using coach::v1::MoodRecord;

const absl::CivilDay kToday(2026, 12, 4);

MoodRecord On(absl::CivilDay day, coach::v1::Mood mood) {
  MoodRecord record;
  record.set_day(absl::FormatCivilTime(day));
  record.set_mood(mood);
  return record;
}

TEST(MoodChartTest, ShowsTwoWeeksWithGaps) {
  const std::vector<MoodRecord> records = {
      On(kToday, coach::v1::MOOD_GREAT), On(kToday - 1, coach::v1::MOOD_AWFUL),
      On(kToday - 3, coach::v1::MOOD_OKAY), On(kToday - 13, coach::v1::MOOD_BAD),
      On(kToday - 14, coach::v1::MOOD_GREAT)};
  EXPECT_EQ(MoodChart(records, kToday), "<code>21.11 ▃·········▄·▁█ 4.12</code>");
  EXPECT_EQ(MoodChart({}, kToday), "<code>21.11 ·············· 4.12</code>");
}

TEST(MoodChartTest, CountsDaysInARow) {
  const std::vector<MoodRecord> records = {On(kToday, coach::v1::MOOD_GOOD),
                                           On(kToday - 1, coach::v1::MOOD_BAD),
                                           On(kToday - 3, coach::v1::MOOD_OKAY)};
  EXPECT_EQ(MoodStreak(records, kToday), 2);
  EXPECT_EQ(MoodStreak(records, kToday + 1), 0);
  EXPECT_EQ(MoodStreak({}, kToday), 0);
}

TEST(MoodChartTest, EveryMoodHasAFaceOfItsOwn) {
  std::set<std::string_view> faces;
  for (const coach::v1::Mood mood : kMoods) faces.insert(FaceOf(mood));
  EXPECT_EQ(faces.size(), std::size(kMoods));
  EXPECT_FALSE(faces.contains(""));
  EXPECT_EQ(FaceOf(coach::v1::MOOD_UNSPECIFIED), "");
}

}  // namespace
}  // namespace selfology::coaching_dialog
