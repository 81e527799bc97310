#include "services/coaching/coaching_dialog/settings/preference_rules.h"

#include "common/timestamps/local_time.h"
#include "gtest/gtest.h"

namespace selfology::coaching_dialog {
namespace {

Preferences Quiet(int from, int until) {
  Preferences preferences;
  preferences.set_reminder_minute(19 * 60);
  preferences.set_quiet_from_minute(from);
  preferences.set_quiet_until_minute(until);
  return preferences;
}

TEST(PreferenceRulesTest, QuietHoursMayGoOverMidnight) {
  const Preferences night = Quiet(22 * 60, 8 * 60);
  EXPECT_TRUE(IsQuiet(night, 22 * 60));
  EXPECT_TRUE(IsQuiet(night, 0));
  EXPECT_TRUE(IsQuiet(night, 8 * 60 - 1));
  EXPECT_FALSE(IsQuiet(night, 8 * 60));
  EXPECT_FALSE(IsQuiet(night, 22 * 60 - 1));
  const Preferences siesta = Quiet(13 * 60, 15 * 60);
  EXPECT_TRUE(IsQuiet(siesta, 14 * 60));
  EXPECT_FALSE(IsQuiet(siesta, 15 * 60));
  for (int minute = 0; minute < timestamps::kMinutesOfDay; ++minute)
    EXPECT_FALSE(IsQuiet(Quiet(0, 0), minute));
}

TEST(PreferenceRulesTest, RemindersWaitForTheEndOfQuietHours) {
  Preferences preferences = Quiet(22 * 60, 8 * 60);
  EXPECT_EQ(ReminderMinute(preferences), 19 * 60);
  preferences.set_reminder_minute(7 * 60);
  EXPECT_EQ(ReminderMinute(preferences), 8 * 60);
  preferences.set_reminder_minute(23 * 60);
  EXPECT_EQ(ReminderMinute(preferences), 8 * 60);
}

TEST(PreferenceRulesTest, ClocksShowLocalTime) {
  Preferences preferences;
  preferences.set_time_zone("Asia/Kolkata");
  EXPECT_EQ(MinuteAt(absl::UnixEpoch(), ZoneOf(preferences)), 5 * 60 + 30);
  EXPECT_EQ(ClockText(5), "0:05");
  EXPECT_EQ(ClockText(19 * 60), "19:00");
}

}  // namespace
}  // namespace selfology::coaching_dialog
