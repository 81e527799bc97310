#include "services/growth/growth_dialog/texts.h"

#include <string>

#include "common/timestamps/timestamp.h"
#include "gtest/gtest.h"

namespace selfology::growth_dialog {
namespace {

// Wednesday.
absl::Time At(int day, int hour) {
  return absl::FromCivil(absl::CivilHour(2026, 5, day, hour), absl::UTCTimeZone());
}
std::string Due(int day, int hour, bool all_day, Language language) {
  task::v1::Task task;
  *task.mutable_due_at() = timestamps::ToProto(At(day, hour));
  task.set_due_all_day(all_day);
  return DueText(task, absl::UTCTimeZone(), At(6, 10), language);
}

TEST(TextsTest, DaysAndTimes) {
  EXPECT_EQ(Due(6, 18, false, Language::kEnglish), "today 18:00");
  EXPECT_EQ(Due(7, 0, true, Language::kRussian), "завтра");
  EXPECT_EQ(Due(11, 9, false, Language::kEnglish), "Mon 11 May 09:00");
  EXPECT_EQ(Due(30, 0, true, Language::kRussian), "30 мая");
  EXPECT_EQ(Due(6, 9, false, Language::kEnglish), "overdue: today 09:00");
  EXPECT_EQ(Due(6, 0, true, Language::kEnglish), "today");
  EXPECT_EQ(Due(5, 0, true, Language::kRussian), "просрочено: вчера");
  EXPECT_EQ(DueText(task::v1::Task(), absl::UTCTimeZone(), At(6, 10), Language::kEnglish), "");
}

TEST(TextsTest, Rules) {
  const auto text = [](const char* rule, Language language) {
    task::v1::Task task;
    task.mutable_recurrence()->set_rrule(rule);
    return RepeatText(task, language);
  };
  EXPECT_EQ(text("FREQ=WEEKLY", Language::kEnglish), "every week");
  EXPECT_EQ(text("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU", Language::kEnglish),
            "every 2 weeks: Mon, Tue");
  EXPECT_EQ(text("FREQ=DAILY;INTERVAL=5", Language::kRussian), "раз в 5 дней");
  EXPECT_EQ(text("X=1", Language::kRussian), "X=1");
  EXPECT_EQ(text("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1", Language::kEnglish),
            "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1");
}

TEST(TextsTest, RulesSayWhichTimesOfDay) {
  task::v1::Task task;
  task.mutable_recurrence()->set_rrule("FREQ=DAILY;BYHOUR=9,15,21");
  EXPECT_EQ(RepeatText(task, Language::kEnglish), "every day at 09:00, 15:00, 21:00");
  task.mutable_recurrence()->set_rrule("FREQ=WEEKLY;BYDAY=MO;BYHOUR=9,18;BYMINUTE=5,30");
  EXPECT_EQ(RepeatText(task, Language::kRussian), "каждую неделю: пн в 09:05, 09:30, 18:05, 18:30");
  // Without BYMINUTE it is the minute that the rule begins at, where the task is.
  task.mutable_recurrence()->set_rrule("FREQ=DAILY;BYHOUR=9,18");
  task.set_time_zone("Asia/Kolkata");  // 5:30 ahead of UTC.
  *task.mutable_recurrence()->mutable_start_at() = timestamps::ToProto(At(6, 4));
  EXPECT_EQ(RepeatText(task, Language::kEnglish), "every day at 09:30, 18:30");
}

TEST(TextsTest, RulesSayWhichDaysOfTheMonth) {
  task::v1::Task task;
  const auto text = [&](const char* rule, Language language) {
    task.mutable_recurrence()->set_rrule(rule);
    return RepeatText(task, language);
  };
  EXPECT_EQ(text("FREQ=MONTHLY;BYMONTHDAY=1,-1", Language::kEnglish),
            "every month: 1, the last day");
  EXPECT_EQ(text("FREQ=MONTHLY;BYMONTHDAY=-15", Language::kEnglish),
            "every month: the 15th last day");
  EXPECT_EQ(text("FREQ=MONTHLY;BYMONTHDAY=-3", Language::kRussian),
            "каждый месяц: 3-й день с конца");
  EXPECT_EQ(text("FREQ=MONTHLY;BYDAY=2TU", Language::kEnglish), "every month: 2nd Tue");
  EXPECT_EQ(text("FREQ=MONTHLY;BYDAY=-1FR", Language::kRussian), "каждый месяц: последний пт");
}

TEST(TextsTest, Numbers) {
  EXPECT_EQ(LeadText(90, Language::kEnglish), "90 minutes before");
  EXPECT_EQ(LeadText(60, Language::kEnglish), "1 hour before");
  EXPECT_EQ(LeadText(2880, Language::kRussian), "за 2 дня");
  EXPECT_EQ(LeadText(21, Language::kRussian), "за 21 минуту");
  EXPECT_EQ(CountedTasks(1, Language::kEnglish), "1 task");
  EXPECT_EQ(CountedTasks(22, Language::kRussian), "22 задачи");
  EXPECT_EQ(CountedDays(11, Language::kRussian), "11 дней");
}

}  // namespace
}  // namespace selfology::growth_dialog
