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
    task::v1::Recurrence recurrence;
    recurrence.set_rrule(rule);
    return RepeatText(recurrence, language);
  };
  EXPECT_EQ(text("FREQ=WEEKLY", Language::kEnglish), "every week");
  EXPECT_EQ(text("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU", Language::kEnglish),
            "every 2 weeks: Mon, Tue");
  EXPECT_EQ(text("FREQ=DAILY;INTERVAL=5", Language::kRussian), "раз в 5 дней");
  EXPECT_EQ(text("X=1", Language::kRussian), "X=1");
}

TEST(TextsTest, Numbers) {
  EXPECT_EQ(CountedTasks(1, Language::kEnglish), "1 task");
  EXPECT_EQ(CountedTasks(22, Language::kRussian), "22 задачи");
  EXPECT_EQ(CountedDays(11, Language::kRussian), "11 дней");
}

}  // namespace
}  // namespace selfology::growth_dialog
