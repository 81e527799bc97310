#include "services/growth/growth_dialog/pictures.h"

#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace selfology::growth_dialog {
namespace {

constexpr std::string_view kPng("\x89PNG\r\n\x1a\n", 8);

TEST(PicturesTest, AWeekIsAPictureOfItsData) {
  const Week week = {.first = absl::CivilDay(2026, 4, 30),
                     .done = {1, 0, 3, 2, 0, 4, 1},
                     .streak_days = 5,
                     .level = 3};
  const auto png = DrawWeek(week, Language::kEnglish);
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_TRUE(absl::StartsWith(*png, kPng));
  EXPECT_EQ(*DrawWeek(week, Language::kEnglish), *png);
  EXPECT_NE(*DrawWeek(week, Language::kRussian), *png);
  Week other = week;
  other.done[1] = 1;
  EXPECT_NE(*DrawWeek(other, Language::kEnglish), *png);
  EXPECT_TRUE(DrawWeek({.first = absl::CivilDay(2026, 4, 30)}, Language::kEnglish).ok());
}

TEST(PicturesTest, ABadgeTakesAnyText) {
  const auto png =
      DrawBadge({.called = "Ранняя пташка", .criteria = "7 задач до 9 утра", .day = "5 мая"},
                Language::kRussian);
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_TRUE(absl::StartsWith(*png, kPng));
  EXPECT_TRUE(DrawBadge({.called = std::string(500, 'x')}, Language::kEnglish).ok());
}

}  // namespace
}  // namespace selfology::growth_dialog
