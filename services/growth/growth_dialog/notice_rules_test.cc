#include "services/growth/growth_dialog/notice_rules.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::growth_dialog {
namespace {

absl::TimeZone Moscow() {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("Europe/Moscow", &zone));
  return zone;
}
absl::Time At(int day, int hour, int minute = 0) {
  return absl::FromCivil(absl::CivilMinute(2026, 5, day, hour, minute), Moscow());
}
absl::Time Tell(absl::Time created, const std::vector<absl::Time>& told, absl::Time now,
                const Quiet& quiet = {}) {
  return TellAt(created, told, Moscow(), quiet, now);
}

TEST(NoticeRulesTest, WhatFallsTogetherIsTold) {
  EXPECT_EQ(Tell(At(6, 12), {}, At(6, 12)), At(6, 12) + kGather);
  EXPECT_EQ(Tell(At(6, 12), {}, At(6, 13)), At(6, 13));
}

TEST(NoticeRulesTest, AtMostThreeADayOfThePersons) {
  const std::vector<absl::Time> told = {At(6, 9), At(6, 10), At(6, 11)};
  EXPECT_EQ(Tell(At(6, 12), {told[0], told[1]}, At(6, 13)), At(6, 13));
  EXPECT_EQ(Tell(At(6, 12), told, At(6, 13)), At(7, 8)) << "tomorrow, when the night is over";
  // 23:30 UTC on the 5th is the 6th in Moscow.
  EXPECT_EQ(Tell(At(6, 12), {At(6, 2, 30), At(6, 10), At(6, 11)}, At(6, 13)), At(7, 8));
  EXPECT_EQ(Tell(At(6, 12), told, At(6, 13), {.from_minute = 0, .until_minute = 0}), At(7, 0));
}

TEST(NoticeRulesTest, NobodyIsWokenUp) {
  EXPECT_EQ(Tell(At(6, 22, 30), {}, At(6, 23)), At(7, 8));
  EXPECT_EQ(Tell(At(6, 3), {}, At(6, 4)), At(6, 8));
  EXPECT_EQ(Tell(At(6, 13), {}, At(6, 14), {.from_minute = 13 * 60, .until_minute = 15 * 60}),
            At(6, 15));
  EXPECT_EQ(Tell(At(6, 8), {}, At(6, 8, 5)), At(6, 8, 5));
}

TEST(NoticeRulesTest, SeveralBecomeOneMessage) {
  const std::vector<Notice> notices = {
      {.kind = "streak", .number = 7},      {.kind = "badge", .word = "<First>"},
      {.kind = "level", .number = 3},       {.kind = "level", .number = 4},
      {.kind = "badge", .word = "<First>"}, {.kind = "assigned", .number = 1},
      {.kind = "challenge", .number = 20},  {.kind = "of another version"}};
  EXPECT_EQ(Join(notices, Language::kEnglish),
            "⬆️ You have reached level 4\n🏅 New badge: <b>&lt;First&gt;</b>\n"
            "🎯 Challenge done! 🪙 20\n🔥 7 days in a row\n"
            "📌 Assigned to you: 1 task");
  EXPECT_EQ(Join({{.kind = "streak", .number = 21}}, Language::kRussian), "🔥 21 день подряд");
  EXPECT_EQ(Join({}, Language::kEnglish), "");
}

TEST(NoticeRulesTest, Milestones) {
  std::vector<int64_t> days;
  for (int64_t day = 0; day <= 200; ++day) {
    if (IsMilestone(day)) days.push_back(day);
  }
  EXPECT_THAT(days, ::testing::ElementsAre(3, 7, 14, 21, 30, 50, 75, 100, 150, 200));
}

}  // namespace
}  // namespace selfology::growth_dialog
