#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/growth/task/understanding/phrases_test.h"
#include "services/growth/task/understanding/understanding.h"

namespace selfology::task {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(EnglishPhrasesTest, Days) {
  CheckPhrases({
      {"call mum tomorrow", "call mum", "2026-05-07"},
      {"Tomorrow call mum", "call mum", "2026-05-07"},
      {"pay rent today", "pay rent", "2026-05-06"},
      {"buy milk the day after tomorrow", "buy milk", "2026-05-08"},
      {"submit report by friday", "submit report", "2026-05-08"},
      {"dentist on monday", "dentist", "2026-05-11"},
      {"gym next tuesday", "gym", "2026-05-12"},
      {"gym next friday", "gym", "2026-05-15"},
      {"meet bob this friday", "meet bob", "2026-05-08"},
      {"review budget next week", "review budget", "2026-05-11"},
      {"review budget next month", "review budget", "2026-06-01"},
      {"lunch with ann on tuesday next week", "lunch with ann", "2026-05-12"},
      {"renew passport in 3 days", "renew passport", "2026-05-09"},
      {"renew passport in two weeks", "renew passport", "2026-05-20"},
      {"renew passport in a month", "renew passport", "2026-06-06"},
      {"finish slides in a week", "finish slides", "2026-05-13"},
      {"party on 5 May", "party", "2027-05-05"},
      {"party on May 25", "party", "2026-05-25"},
      {"party on May 25th, 2027", "party", "2027-05-25"},
      {"pay taxes by the 15th", "pay taxes", "2026-05-15"},
      {"pay taxes by the 5th", "pay taxes", "2026-06-05"},
      {"pay taxes by June 1st", "pay taxes", "2026-06-01"},
      {"visit on the fifth of June", "visit", "2026-06-05"},
      {"send invoice by end of month", "send invoice", "2026-05-31"},
      {"send invoice by the end of the week", "send invoice", "2026-05-10"},
      {"plan holidays by end of next month", "plan holidays", "2026-06-30"},
      {"hand in thesis 2026-06-30", "hand in thesis", "2026-06-30"},
      {"christmas cards 12/20", "christmas cards", "2026-12-20"},
      {"clean the garage this weekend", "clean the garage", "2026-05-09"},
      {"submit eod", "submit", "2026-05-06"},
      {"water plants 3 days from now", "water plants", "2026-05-09"},
      {"Book flights before June 10", "Book flights", "2026-06-10"},
      {"read a book", "read a book"},
      {"buy 2 apples", "buy 2 apples"},
      {"I may go to the cinema", "I may go to the cinema"},
      {"march with the protesters", "march with the protesters"},
      {"prepare tomorrow's presentation", "prepare tomorrow's presentation"},
      {"watch \"Tomorrow never dies\"", "watch \"Tomorrow never dies\""},
      {"buy sun cream", "buy sun cream"},
      {"read chapter 5", "read chapter 5"},
      {"book a table for 6", "book a table for 6"},
      {"Book hotel for next weekend", "Book hotel", "2026-05-16"},
      {"call mom on her birthday March 8", "call mom on her birthday", "2027-03-08"},
      {"Mar 3 dentist", "dentist", "2027-03-03"},
      {"buy a gift for Jan", "buy a gift for Jan"},
      {"plan the offsite in June", "plan the offsite", "2026-06-01"},
      {"kickoff on the first monday of June", "kickoff", "2026-06-01"},
      {"EOD friday send minutes", "send minutes", "2026-05-08"},
      {"within the next 3 days clean the desk", "clean the desk", "2026-05-09"},
      {"in two days' time call the plumber", "call the plumber", "2026-05-08"},
      {"friday the 15th party", "party", "2026-05-15"},
      {"next month on the 3rd pay", "pay", "2026-06-03"},
      {"three weeks from Monday start diet", "start diet", "2026-06-01"},
      {"buy gifts before Christmas", "buy gifts", "2026-12-25"},
      {"tidy the christmas tree", "tidy the christmas tree"},
      {"flowers for Mary 3 days before June 10", "flowers for Mary", "2026-06-07"},
      {"finish the plan in May", "finish the plan", "2026-05-31"},
      {"later today call Bob", "call Bob", "2026-05-06"},
      {"clean up by COB friday", "clean up", "2026-05-08"},
      {"dentist 24 may", "dentist", "2026-05-24"},
      {"dinner a week on friday", "dinner", "2026-05-15"},
      {"pack the night before 10 June", "pack", "2026-06-09 22:00"},
  });
}

TEST(EnglishPhrasesTest, Times) {
  CheckPhrases({
      {"call mum tomorrow at 6", "call mum", "2026-05-07 18:00"},
      {"call mum tomorrow at 6pm", "call mum", "2026-05-07 18:00"},
      {"call mum tomorrow at 6 am", "call mum", "2026-05-07 06:00"},
      {"call mum at 5:30pm", "call mum", "2026-05-06 17:30"},
      {"call mum at 17:45", "call mum", "2026-05-06 17:45"},
      {"call mum at 9", "call mum", "2026-05-06 21:00"},
      {"call mum at 9:00 tomorrow", "call mum", "2026-05-07 09:00"},
      {"call mum at noon", "call mum", "2026-05-06 12:00"},
      {"call mum tomorrow at noon", "call mum", "2026-05-07 12:00"},
      {"call mum tonight", "call mum", "2026-05-06 20:00"},
      {"call mum tomorrow morning", "call mum", "2026-05-07 09:00"},
      {"call mum on friday evening", "call mum", "2026-05-08 19:00"},
      {"call mum tomorrow at 7 in the evening", "call mum", "2026-05-07 19:00"},
      {"meet at half past 5 tomorrow", "meet", "2026-05-07 17:30"},
      {"meet at quarter to 6 tomorrow", "meet", "2026-05-07 17:45"},
      {"meet at six thirty tomorrow", "meet", "2026-05-07 06:30"},
      {"meeting from 2 to 4pm tomorrow", "meeting", "2026-05-07 14:00"},
      {"meeting tomorrow 2-3pm", "meeting", "2026-05-07 14:00"},
      {"standup tomorrow 10am", "standup", "2026-05-07 10:00"},
      {"standup at 8am", "standup", "2026-05-07 08:00"},
      {"standup today at 8 a.m.", "standup", "2026-05-06 08:00"},
      {"take pills in 2 hours", "take pills", "2026-05-06 12:00"},
      {"take pills in half an hour", "take pills", "2026-05-06 10:30"},
      {"take pills in an hour and a half", "take pills", "2026-05-06 11:30"},
      {"take pills in 45 min", "take pills", "2026-05-06 10:45"},
      {"in 20 minutes check the oven", "check the oven", "2026-05-06 10:20"},
      {"remind me to call mum in 2 hours", "call mum", "2026-05-06 12:00"},
      {"remind me tomorrow at 9am to call mum", "call mum", "2026-05-07 09:00"},
      {"send the draft by 5pm on friday", "send the draft", "2026-05-08 17:00"},
      {"flight on May 20 at 07:15", "flight", "2026-05-20 07:15"},
      {"in 3 days at 17:00 submit the form", "submit the form", "2026-05-09 17:00"},
      {"meet bob at 3", "meet bob", "2026-05-06 15:00"},
      {"lunch at 12", "lunch", "2026-05-06 12:00"},
      {"lunch at 12:30 on thursday", "lunch", "2026-05-07 12:30"},
      {"Doctor appointment on June 3rd at 2:30 pm", "Doctor appointment", "2026-06-03 14:30"},
      {"meeting with John next Monday at 3pm for 1 hour", "meeting with John", "2026-05-11 15:00"},
      {"Prepare slides by Thursday noon", "Prepare slides", "2026-05-07 12:00"},
      {"dinner at 8 tonight", "dinner", "2026-05-06 20:00"},
      {"5pm gym", "gym", "2026-05-06 17:00"},
      {"sunday 5pm barbecue", "barbecue", "2026-05-10 17:00"},
      {"the day after tomorrow at noon lunch", "lunch", "2026-05-08 12:00"},
      {"call the bank an hour from now", "call the bank", "2026-05-06 11:00"},
      {"finish report by 5 p.m.", "finish report", "2026-05-06 17:00"},
      {"hand in by tomorrow evening", "hand in", "2026-05-07 19:00"},
      {"Buy groceries on Saturday morning", "Buy groceries", "2026-05-09 09:00"},
      {"meeting at 10", "meeting", "2026-05-07 10:00"},
      {"Meeting with the board on 2026-06-15 at 14:00", "Meeting with the board",
       "2026-06-15 14:00"},
      {"meet at 5 Main Street tomorrow at 3pm", "meet at 5 Main Street", "2026-05-07 15:00"},
      {"submit the paper today by midnight", "submit the paper", "2026-05-07 00:00"},
  });
}

TEST(EnglishPhrasesTest, Rules) {
  CheckPhrases({
      {"call mum tomorrow at 6 every week", "call mum", "2026-05-07 18:00", "FREQ=WEEKLY"},
      {"stretch every day", "stretch", "2026-05-06", "FREQ=DAILY"},
      {"stretch every day at 9am", "stretch", "2026-05-07 09:00", "FREQ=DAILY"},
      {"stretch daily at 21:00", "stretch", "2026-05-06 21:00", "FREQ=DAILY"},
      {"water plants every 3 days", "water plants", "2026-05-06", "FREQ=DAILY;INTERVAL=3"},
      {"water plants every other day", "water plants", "2026-05-06", "FREQ=DAILY;INTERVAL=2"},
      {"team meeting every monday at 10am", "team meeting", "2026-05-11 10:00",
       "FREQ=WEEKLY;BYDAY=MO"},
      {"gym every mon, wed and fri at 7pm", "gym", "2026-05-06 19:00",
       "FREQ=WEEKLY;BYDAY=MO,WE,FR"},
      {"gym on mondays and thursdays", "gym", "2026-05-07", "FREQ=WEEKLY;BYDAY=MO,TH"},
      {"standup every weekday at 9:30", "standup", "2026-05-07 09:30",
       "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
      {"retro every other tuesday", "retro", "2026-05-12", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"},
      {"retro every second tuesday", "retro", "2026-05-12", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"},
      {"retro every second tuesday of the month", "retro", "2026-05-12", "FREQ=MONTHLY;BYDAY=2TU"},
      {"pay rent on the 1st of every month", "pay rent", "2026-06-01", "FREQ=MONTHLY;BYMONTHDAY=1"},
      {"pay rent every month on the 15th", "pay rent", "2026-05-15", "FREQ=MONTHLY;BYMONTHDAY=15"},
      {"backup on the last friday of every month", "backup", "2026-05-29",
       "FREQ=MONTHLY;BYDAY=-1FR"},
      {"backup every last day of the month", "backup", "2026-05-31", "FREQ=MONTHLY;BYMONTHDAY=-1"},
      {"review goals every 2 weeks", "review goals", "2026-05-06", "FREQ=WEEKLY;INTERVAL=2"},
      {"dentist every 6 months", "dentist", "2026-05-06", "FREQ=MONTHLY;INTERVAL=6"},
      {"mum's birthday every 5 May", "mum's birthday", "2027-05-05",
       "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=5"},
      {"mum's birthday every year on June 3", "mum's birthday", "2026-06-03",
       "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=3"},
      {"meditate every morning", "meditate", "2026-05-07 09:00", "FREQ=DAILY"},
      {"drink water every 2 hours", "drink water", "2026-05-06 12:00", "FREQ=HOURLY;INTERVAL=2"},
      {"run every day until friday", "run", "2026-05-06", "FREQ=DAILY;UNTIL=20260508"},
      {"run every day for 2 weeks", "run", "2026-05-06", "FREQ=DAILY;UNTIL=20260519"},
      {"run every day 10 times", "run", "2026-05-06", "FREQ=DAILY;COUNT=10"},
      {"run every day starting monday", "run", "2026-05-11", "FREQ=DAILY"},
      {"run every day at 7am starting tomorrow", "run", "2026-05-07 07:00", "FREQ=DAILY"},
      {"quarterly tax payment", "tax payment", "2026-05-06", "FREQ=MONTHLY;INTERVAL=3"},
      {"write the weekly report", "write the weekly report"},
      {"write report weekly on fridays", "write report", "2026-05-08", "FREQ=WEEKLY;BYDAY=FR"},
      {"take vitamins every evening", "take vitamins", "2026-05-06 19:00", "FREQ=DAILY"},
      {"call grandma every sunday evening", "call grandma", "2026-05-10 19:00",
       "FREQ=WEEKLY;BYDAY=SU"},
      {"call dad every month on the last friday", "call dad", "2026-05-29",
       "FREQ=MONTHLY;BYDAY=-1FR"},
      {"run every day except sunday", "run", "2026-05-06", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA"},
      {"weekdays at 9am standup", "standup", "2026-05-07 09:00",
       "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
      {"Yoga at 6:30am on Mon, Wed, and Fri", "Yoga", "2026-05-08 06:30",
       "FREQ=WEEKLY;BYDAY=MO,WE,FR"},
      {"weekly review every Sunday at 5pm", "weekly review", "2026-05-10 17:00",
       "FREQ=WEEKLY;BYDAY=SU"},
      {"check the boiler every January", "check the boiler", "2027-01-01",
       "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1"},
      {"yoga monday mornings", "yoga", "2026-05-11 09:00", "FREQ=WEEKLY;BYDAY=MO"},
      {"standup mon-fri at 9am", "standup", "2026-05-07 09:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
      {"every morning at 7 run", "run", "2026-05-07 07:00", "FREQ=DAILY"},
      {"each evening at 9 write diary", "write diary", "2026-05-06 21:00", "FREQ=DAILY"},
      {"Submit taxes on April 15 every year", "Submit taxes", "2027-04-15",
       "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=15"},
      {"every first monday of the month at 10:00 all-hands", "all-hands", "2026-06-01 10:00",
       "FREQ=MONTHLY;BYDAY=1MO"},
      {"every 2 weeks on mondays retro", "retro", "2026-05-11", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"},
      {"change filter every 3 months starting june 1", "change filter", "2026-06-01",
       "FREQ=MONTHLY;INTERVAL=3"},
  });
}

TEST(UnderstandingTest, LabelsPrioritiesRemindersAndLengths) {
  v1::UnderstandTaskResponse read = Read("buy paint #home #To-Do tomorrow !!!");
  EXPECT_EQ(read.title(), "buy paint");
  EXPECT_THAT(read.labels(), ElementsAre("home", "to-do"));
  EXPECT_EQ(read.priority(), v1::TASK_PRIORITY_HIGH);
  read = Read("срочно: купить краску #дом p2");
  EXPECT_EQ(read.title(), "купить краску");
  EXPECT_THAT(read.labels(), ElementsAre("дом"));
  EXPECT_EQ(read.priority(), v1::TASK_PRIORITY_HIGH);
  for (const auto& [text, title] :
       {std::pair("мыть окна, не срочно", "мыть окна"),
        std::pair("wash the windows, not urgent", "wash the windows")}) {
    read = Read(text);
    EXPECT_EQ(read.title(), title);
    EXPECT_EQ(read.priority(), v1::TASK_PRIORITY_LOW) << text;
  }
  read = Read("ask why it is not important");
  EXPECT_EQ(read.title(), "ask why it is not important");
  EXPECT_EQ(read.priority(), v1::TASK_PRIORITY_UNSPECIFIED);
  read = Read("pay bills low priority");
  EXPECT_EQ(read.title(), "pay bills");
  EXPECT_EQ(read.priority(), v1::TASK_PRIORITY_LOW);
  read = Read("dentist tomorrow at 10am for 45 minutes, remind me an hour before");
  EXPECT_EQ(read.title(), "dentist");
  EXPECT_EQ(read.estimate_minutes(), 45);
  ASSERT_EQ(read.reminders_size(), 1);
  EXPECT_EQ(read.reminders(0).minutes_before_due(), 60);
  read = Read("встреча завтра в 15:00 на час, напомни за 10 минут");
  EXPECT_EQ(read.title(), "встреча");
  EXPECT_EQ(read.estimate_minutes(), 60);
  ASSERT_EQ(read.reminders_size(), 1);
  EXPECT_EQ(read.reminders(0).minutes_before_due(), 10);
  read = Read("review the urgent mail");
  EXPECT_EQ(read.title(), "review the urgent mail");
  EXPECT_EQ(read.priority(), v1::TASK_PRIORITY_UNSPECIFIED);
}

TEST(UnderstandingTest, SaysWhatItDidNotUnderstand) {
  const v1::UnderstandTaskResponse clear = Read("call mum tomorrow at 5pm");
  EXPECT_EQ(clear.confidence(), 1.0);
  EXPECT_THAT(clear.not_understood(), IsEmpty());
  const v1::UnderstandTaskResponse two = Read("call mum tomorrow about the trip on friday");
  EXPECT_EQ(DueOf(two), "2026-05-07");
  EXPECT_THAT(two.not_understood(), ElementsAre("friday"));
  EXPECT_LT(two.confidence(), clear.confidence());
  EXPECT_LT(Read("call mum at 6").confidence(), clear.confidence());
  const v1::UnderstandTaskResponse only_time = Read("tomorrow at 6");
  EXPECT_EQ(only_time.title(), "tomorrow at 6");
  EXPECT_LT(only_time.confidence(), 0.6);
}

TEST(UnderstandingTest, LocalTimesAreKeptOverClockChanges) {
  absl::TimeZone berlin;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Berlin", &berlin));
  const auto read =
      Understand({.text = "run tomorrow at 9am",
                  .zone = berlin,
                  .now = absl::FromCivil(absl::CivilMinute(2026, 3, 28, 12, 0), berlin)});
  EXPECT_EQ(absl::ToCivilMinute(timestamps::FromProto(read.due_at()), berlin),
            absl::CivilMinute(2026, 3, 29, 9, 0));
}

}  // namespace
}  // namespace selfology::task
