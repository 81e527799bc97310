#include "services/coaching/coaching_dialog/settings/preference_rules.h"

#include <string>
#include <vector>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::coaching_dialog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

notification::v1::UpdatePreferencesRequest Update(std::vector<std::string> paths) {
  notification::v1::UpdatePreferencesRequest request;
  request.mutable_preferences()->set_user_id(7);
  for (std::string& path : paths) request.mutable_update_mask()->add_paths(std::move(path));
  return request;
}

std::vector<std::string> Wrong(const notification::v1::UpdatePreferencesRequest& request) {
  std::vector<std::string> fields;
  for (const auto& violation : status::Violations(CheckUpdate(request))) {
    fields.push_back(violation.field);
  }
  return fields;
}

Preferences Quiet(int from, int until) {
  Preferences preferences = DefaultPreferences(7);
  preferences.set_quiet_from_minute(from);
  preferences.set_quiet_until_minute(until);
  return preferences;
}

TEST(PreferenceRulesTest, DefaultsAreGood) {
  auto request =
      Update({"form_of_address", "time_zone", "reminders", "reminder_minute", "quiet_from_minute",
              "quiet_until_minute", "no_statements", "heavy_questions", "days_between_reminders"});
  *request.mutable_preferences() = DefaultPreferences(7);
  EXPECT_THAT(Wrong(request), IsEmpty());
  EXPECT_FALSE(request.preferences().reminders());
}

TEST(PreferenceRulesTest, NamesWhatIsWrong) {
  auto request = Update({"reminder_minute", "time_zone"});
  request.mutable_preferences()->set_reminder_minute(1440);
  request.mutable_preferences()->set_time_zone("Europe/Atlantis");
  EXPECT_THAT(Wrong(request), ElementsAre("preferences.reminder_minute", "preferences.time_zone"));
  EXPECT_THAT(Wrong(Update({})), ElementsAre("update_mask"));
  EXPECT_THAT(Wrong(Update({"user_id"})), ElementsAre("update_mask"));
  EXPECT_THAT(Wrong(Update({"days_between_reminders"})),
              ElementsAre("preferences.days_between_reminders"));
  auto nobody = Update({"reminders"});
  nobody.mutable_preferences()->set_user_id(0);
  EXPECT_THAT(Wrong(nobody), ElementsAre("preferences.user_id"));
}

TEST(PreferenceRulesTest, ChangesWhatTheMaskNamesAndNothingElse) {
  auto request = Update({"reminders"});
  request.mutable_preferences()->set_reminders(true);
  request.mutable_preferences()->set_reminder_minute(5);
  const Preferences changed = Updated(DefaultPreferences(7), request);
  EXPECT_TRUE(changed.reminders());
  EXPECT_EQ(changed.reminder_minute(), 1140);
}

TEST(PreferenceRulesTest, KnowsTimeZones) {
  for (const char* name : {"Europe/Moscow", "America/Argentina/Buenos_Aires", "Etc/GMT+8", "UTC"}) {
    EXPECT_TRUE(IsTimeZone(name)) << name;
  }
  for (const char* name : {"", "Moscow time", "../../etc/passwd", "/etc/localtime", "localtime",
                           "Fixed/UTC+03:00:00", "file:UTC", "europe/nowhere"}) {
    EXPECT_FALSE(IsTimeZone(name)) << name;
  }
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
  for (int minute = 0; minute < kMinutesOfDay; ++minute) EXPECT_FALSE(IsQuiet(Quiet(0, 0), minute));
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
  Preferences preferences = DefaultPreferences(7);
  preferences.set_time_zone("Asia/Kolkata");
  EXPECT_EQ(MinuteAt(absl::UnixEpoch(), ZoneOf(preferences)), 5 * 60 + 30);
  EXPECT_EQ(ClockText(5), "0:05");
  EXPECT_EQ(ClockText(19 * 60), "19:00");
}

}  // namespace
}  // namespace selfology::coaching_dialog
