#include "services/coaching/coaching_dialog/settings/reminder_rules.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/timestamps/local_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::coaching_dialog {
namespace {

using ::testing::SizeIs;

constexpr absl::Duration kTick = absl::Minutes(1);

Preferences Wanted(const std::string& zone = "UTC", int minute = 19 * 60) {
  Preferences preferences;
  preferences.set_reminders(true);
  preferences.set_quiet_from_minute(22 * 60);
  preferences.set_quiet_until_minute(8 * 60);
  preferences.set_days_between_reminders(1);
  preferences.set_time_zone(zone);
  preferences.set_reminder_minute(minute);
  return preferences;
}

absl::Time At(const std::string& zone, const std::string& civil) {
  absl::TimeZone loaded;
  EXPECT_TRUE(absl::LoadTimeZone(zone, &loaded)) << zone;
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", civil, loaded, &time, &error)) << error;
  return time;
}

// What the timer does, minute by minute; gives when reminders went out.
struct Timeline {
  Preferences preferences;
  ReminderHistory history = {};
  absl::Time now;
  absl::Time due = absl::InfiniteFuture();
  std::vector<absl::Time> sent = {};

  void Plan() { due = NextReminder(preferences, history, now); }
  void Hear() {
    history.unanswered = 0;
    Plan();
  }
  // `away`: the timer does not run, as while the process is down.
  void Step(bool away = false) {
    now += kTick;
    if (away || due > now) return;
    if (MayRemind(preferences, history, due, now)) {
      sent.push_back(now);
      history = {.sent_at = now, .unanswered = history.unanswered + 1};
    }
    Plan();
  }
};

TEST(ReminderRulesTest, ComesAtTheTimeChosenThere) {
  EXPECT_EQ(NextReminder(Wanted("Europe/Moscow"), {}, At("UTC", "2026-06-01 10:00")),
            At("UTC", "2026-06-01 16:00"));
  EXPECT_EQ(NextReminder(Wanted("Europe/Moscow"), {}, At("UTC", "2026-06-01 16:00")),
            At("UTC", "2026-06-02 16:00"))
      << "not twice at the same moment";
}

TEST(ReminderRulesTest, NeverUnlessWanted) {
  Preferences unwanted = Wanted();
  unwanted.set_reminders(false);
  const absl::Time now = At("UTC", "2026-06-01 19:00");
  EXPECT_EQ(NextReminder(unwanted, {}, now), absl::InfiniteFuture());
  EXPECT_FALSE(MayRemind(unwanted, {}, now, now));
  EXPECT_TRUE(MayRemind(Wanted(), {}, now, now));
}

TEST(ReminderRulesTest, WhatIsLateWaitsForTheNextDay) {
  const absl::Time due = At("UTC", "2026-06-01 19:00");
  EXPECT_TRUE(MayRemind(Wanted(), {}, due, due + kLatestReminder));
  EXPECT_FALSE(MayRemind(Wanted(), {}, due, due + kLatestReminder + kTick));
  EXPECT_FALSE(MayRemind(Wanted(), {}, due, due - kTick));
  // Late into the quiet hours.
  const absl::Time evening = At("UTC", "2026-06-01 21:40");
  EXPECT_FALSE(MayRemind(Wanted("UTC", 21 * 60 + 40), {}, evening, evening + absl::Minutes(25)));
}

TEST(ReminderRulesTest, WeeklyAfterTwoAndNoneAfterFour) {
  Timeline run{.preferences = Wanted(), .now = At("UTC", "2026-06-01 12:00")};
  run.Plan();
  while (run.now < At("UTC", "2026-08-01 12:00")) run.Step();
  ASSERT_THAT(run.sent, SizeIs(4));
  EXPECT_EQ(run.sent[0], At("UTC", "2026-06-01 19:00"));
  EXPECT_EQ(run.sent[1], At("UTC", "2026-06-02 19:00"));
  EXPECT_EQ(run.sent[2], At("UTC", "2026-06-09 19:00"));
  EXPECT_EQ(run.sent[3], At("UTC", "2026-06-16 19:00"));
  run.Hear();
  run.Step();
  EXPECT_EQ(run.due, At("UTC", "2026-08-01 19:00")) << "once they are back, daily again";
}

TEST(ReminderRulesTest, ClockChangesCostNothing) {
  // 2:30 does not exist on this day; the clocks go from 2:00 to 3:00.
  Preferences early = Wanted("Europe/Berlin", 2 * 60 + 30);
  early.set_quiet_from_minute(0);
  early.set_quiet_until_minute(0);
  EXPECT_EQ(NextReminder(early, {}, At("Europe/Berlin", "2026-03-28 12:00")),
            At("UTC", "2026-03-29 01:00"));
  // Nor may it fall into quiet hours by that.
  early.set_quiet_from_minute(3 * 60);
  early.set_quiet_until_minute(4 * 60);
  EXPECT_EQ(NextReminder(early, {}, At("Europe/Berlin", "2026-03-28 12:00")),
            At("Europe/Berlin", "2026-03-30 02:30"));
  // 2:30 comes twice; the first counts.
  early.set_quiet_until_minute(3 * 60);
  const absl::Time first = NextReminder(early, {}, At("Europe/Berlin", "2026-10-24 12:00"));
  EXPECT_EQ(first, At("UTC", "2026-10-25 00:30"));
  EXPECT_EQ(NextReminder(early, {.sent_at = first}, first),
            At("Europe/Berlin", "2026-10-26 02:30"));
}

TEST(ReminderRulesTest, FewerMeansFewer) {
  EXPECT_EQ(FewerReminders(1), 3);
  EXPECT_EQ(FewerReminders(3), 7);
  EXPECT_EQ(FewerReminders(7), 7);
  EXPECT_EQ(FewerReminders(30), 30);
  Preferences seldom = Wanted();
  seldom.set_days_between_reminders(3);
  const absl::Time sent = At("UTC", "2026-06-01 19:00");
  EXPECT_EQ(NextReminder(seldom, {.sent_at = sent}, sent), At("UTC", "2026-06-04 19:00"));
}

// Thirty days of people who answer or do not and change their minds, in zones with and without clock
// changes, while the timer stands still now and then.
TEST(ReminderRulesTest, ThirtyDaysOfAnybodyKeepThePromises) {
  const std::vector<std::string> zones = {"UTC",
                                          "Europe/Moscow",
                                          "Europe/Berlin",
                                          "Asia/Kolkata",
                                          "America/New_York",
                                          "Australia/Lord_Howe",
                                          "Asia/Kamchatka",
                                          "America/St_Johns"};
  const std::vector<std::string> begins = {"2026-03-01 00:00", "2026-10-10 00:00",
                                           "2026-06-01 00:00"};
  std::mt19937 random(20261130);  // Seeded: the same people each time.
  const auto one_of = [&](int below) {
    return static_cast<int>(random() % static_cast<unsigned>(below));
  };
  size_t all_sent = 0;
  for (int person = 0; person < 150; ++person) {
    const std::string& zone = zones[static_cast<size_t>(one_of(static_cast<int>(zones.size())))];
    SCOPED_TRACE(absl::StrCat("person ", person, " in ", zone));
    Timeline run{.preferences = Wanted(zone, one_of(timestamps::kMinutesOfDay)),
                 .now = At(zone, begins[static_cast<size_t>(one_of(3))])};
    run.preferences.set_quiet_from_minute(one_of(timestamps::kMinutesOfDay));
    run.preferences.set_quiet_until_minute(one_of(timestamps::kMinutesOfDay));
    run.Plan();
    const int answers_one_in = 1 + one_of(6);  // Of reminders.
    std::vector<int> unanswered_before;        // Each reminder.
    int away = 0;
    const absl::Time end = run.now + absl::Hours(30 * 24);
    while (run.now < end) {
      const int unanswered = run.history.unanswered;
      const size_t before = run.sent.size();
      if (away == 0 && one_of(3000) == 0) away = one_of(300);
      run.Step(away > 0);
      if (away > 0) --away;
      if (run.sent.size() > before) {
        unanswered_before.push_back(unanswered);
        EXPECT_FALSE(IsQuiet(run.preferences, MinuteAt(run.now, ZoneOf(run.preferences))));
        if (one_of(answers_one_in) == 0) run.Hear();
      }
      if (one_of(8000) == 0) {
        run.preferences.set_reminder_minute(one_of(timestamps::kMinutesOfDay));
        run.Plan();
      }
      if (one_of(20000) == 0) run.Hear();
    }
    const absl::TimeZone local = ZoneOf(run.preferences);
    for (size_t i = 1; i < run.sent.size(); ++i) {
      const auto days = DayAt(run.sent[i], local) - DayAt(run.sent[i - 1], local);
      EXPECT_GE(days, unanswered_before[i] >= 2 ? 7 : 1) << "reminder " << i;
    }
    for (const int unanswered : unanswered_before) EXPECT_LT(unanswered, 4);
    EXPECT_LE(run.sent.size(), 31u);
    all_sent += run.sent.size();
  }
  EXPECT_GT(all_sent, 500u) << "or nothing was tried";
}

}  // namespace
}  // namespace selfology::coaching_dialog
