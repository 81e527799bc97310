// What names how often and not when, what leaves days out, and other things that people write in
// passing.
#include <string>

#include "gmock/gmock.h"
#include "services/growth/task/understanding/phrases_test.h"

namespace selfology::task {
namespace {

// Now is Wednesday, 6 May 2026, 10:00.
TEST(SpreadPhrasesTest, SoManyTimesAreSpreadOverTheTimeAndAskedAbout) {
  CheckPhrases({
      {"water the plants twice a week", "water the plants", "2026-05-07",
       "FREQ=WEEKLY;BYDAY=MO,TH"},
      {"2x a week gym", "gym", "2026-05-07", "FREQ=WEEKLY;BYDAY=MO,TH"},
      {"yoga 3 times per week in the evening", "yoga", "2026-05-06 19:00",
       "FREQ=WEEKLY;BYDAY=MO,WE,FR"},
      {"take pills three times a day", "take pills", "2026-05-06 15:00",
       "FREQ=DAILY;BYHOUR=9,15,21"},
      {"twice a month call grandma", "call grandma", "2026-05-15", "FREQ=MONTHLY;BYMONTHDAY=1,15"},
      {"dentist twice a year", "dentist", "2026-05-06", "FREQ=MONTHLY;INTERVAL=6"},
      {"поливать цветы дважды в неделю", "поливать цветы", "2026-05-07", "FREQ=WEEKLY;BYDAY=MO,TH"},
      {"пить таблетки три раза в день", "пить таблетки", "2026-05-06 15:00",
       "FREQ=DAILY;BYHOUR=9,15,21"},
      {"два раза в год стоматолог", "стоматолог", "2026-05-06", "FREQ=MONTHLY;INTERVAL=6"},
      {"раз в 3 дня полить кактус", "полить кактус", "2026-05-06", "FREQ=DAILY;INTERVAL=3"},
  });
  EXPECT_LT(Read("water the plants twice a week").confidence(), 0.75);
  EXPECT_EQ(Read("water the plants on monday").confidence(), 1.0);
}

TEST(SpreadPhrasesTest, DaysAndHoursThatAreSaidAreTheOnes) {
  CheckPhrases({
      {"gym twice a week on tuesdays and fridays at 7am", "gym", "2026-05-08 07:00",
       "FREQ=WEEKLY;BYDAY=TU,FR"},
      {"take pills twice a day at 8 and 20", "take pills", "2026-05-06 20:00",
       "FREQ=DAILY;BYHOUR=8,20"},
      {"пить таблетки два раза в день в 8 и 20", "пить таблетки", "2026-05-06 20:00",
       "FREQ=DAILY;BYHOUR=8,20"},
      {"call at 8 and 20 people more tomorrow", "call and 20 people more", "2026-05-07 08:00"},
      {"on the 3rd and the 17th pay the cleaner", "pay the cleaner", "2026-05-17",
       "FREQ=MONTHLY;BYMONTHDAY=3,17"},
      {"3 и 17 числа платить уборщице", "платить уборщице", "2026-05-17",
       "FREQ=MONTHLY;BYMONTHDAY=3,17"},
      {"check mail daily at 8:30 except sundays", "check mail", "2026-05-07 08:30",
       "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA"},
      {"проверять почту ежедневно в 8:30 кроме воскресенья", "проверять почту", "2026-05-07 08:30",
       "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA"},
      {"everything except friday is fine", "everything except friday is fine"},
  });
}

TEST(SpreadPhrasesTest, InPassing) {
  CheckPhrases({
      {"prepare slides by fri eod", "prepare slides", "2026-05-08"},
      {"late tonight take out the trash", "take out the trash", "2026-05-06 22:00"},
      {"call bank monday 9-10", "call bank", "2026-05-11 09:00"},
      {"meet Eva tomorrow half seven", "meet Eva", "2026-05-07 07:30"},
      {"half six eggs", "half six eggs"},
      {"в пятницу первым делом отправить счёт", "отправить счёт", "2026-05-08 09:00"},
      {"завтра во второй половине дня позвонить врачу", "позвонить врачу", "2026-05-07 15:00"},
      {"в ночь на субботу вынести мусор", "вынести мусор", "2026-05-08 22:00"},
  });
}

}  // namespace
}  // namespace selfology::task
