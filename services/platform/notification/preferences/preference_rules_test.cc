#include "services/platform/notification/preferences/preference_rules.h"

#include <random>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "common/timestamps/local_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::notification {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using v1::Preferences;

v1::UpdatePreferencesRequest Update(std::vector<std::string> paths) {
  v1::UpdatePreferencesRequest request;
  request.mutable_preferences()->set_user_id(7);
  for (std::string& path : paths) request.mutable_update_mask()->add_paths(std::move(path));
  return request;
}

std::vector<std::string> Wrong(const v1::UpdatePreferencesRequest& request) {
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

absl::Time At(const std::string& zone, const std::string& civil) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", civil, timestamps::ZoneOf(zone), &time, &error))
      << error;
  return time;
}

TEST(PreferenceRulesTest, QuietHoursEndByThePersonsClock) {
  Preferences night = Quiet(22 * 60, 8 * 60);
  night.set_time_zone("Asia/Kolkata");
  EXPECT_EQ(QuietUntil(night, At("Asia/Kolkata", "2026-06-01 23:00")),
            At("Asia/Kolkata", "2026-06-02 08:00"));
  EXPECT_EQ(QuietUntil(night, At("Asia/Kolkata", "2026-06-02 07:59")),
            At("Asia/Kolkata", "2026-06-02 08:00"));
  EXPECT_EQ(QuietUntil(night, At("Asia/Kolkata", "2026-06-02 08:00")), std::nullopt);
  EXPECT_EQ(QuietUntil(Quiet(0, 0), At("UTC", "2026-06-02 00:00")), std::nullopt);
}

TEST(PreferenceRulesTest, QuietHoursEndWhenTheClocksSkipTheirEnd) {
  Preferences night = Quiet(22 * 60, 2 * 60 + 30);
  night.set_time_zone("Europe/Berlin");
  EXPECT_EQ(QuietUntil(night, At("Europe/Berlin", "2026-03-28 23:00")),
            At("UTC", "2026-03-29 01:00"));
  // The night of the other change is an hour longer.
  EXPECT_EQ(*QuietUntil(Preferences(night), At("Europe/Berlin", "2026-10-24 22:00")) -
                At("Europe/Berlin", "2026-10-24 22:00"),
            absl::Hours(4.5));
}

TEST(PreferenceRulesTest, TheEndOfQuietHoursIsNeverQuiet) {
  std::mt19937 random(20261130);  // Seeded: the same nights each time.
  const char* const zones[] = {"",
                               "Europe/Berlin",
                               "America/New_York",
                               "Australia/Lord_Howe",
                               "America/St_Johns",
                               "Pacific/Apia"};
  int quiet = 0;
  for (int i = 0; i < 20'000; ++i) {
    Preferences preferences =
        Quiet(static_cast<int>(random() % 1440), static_cast<int>(random() % 1440));
    preferences.set_time_zone(zones[random() % std::size(zones)]);
    const absl::Time now = absl::FromUnixSeconds(1'767'000'000 + random() % 40'000'000);
    const auto end = QuietUntil(preferences, now);
    if (!end.has_value()) continue;
    ++quiet;
    EXPECT_GT(*end, now);
    EXPECT_LE(*end - now, absl::Hours(50));
    EXPECT_EQ(QuietUntil(preferences, *end), std::nullopt);
  }
  EXPECT_GT(quiet, 5000);
}

}  // namespace
}  // namespace selfology::notification
