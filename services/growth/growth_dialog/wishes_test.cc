#include "services/growth/growth_dialog/wishes.h"

#include <string>
#include <tuple>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::growth_dialog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = Wish::Kind;

TEST(WishesTest, WhatIsNoTask) {
  const std::vector<std::pair<std::string, Kind>> cases = {
      {"What's for today?", Kind::kList},
      {"what do I have today", Kind::kList},
      {"show me my tasks", Kind::kList},
      {"what's left?", Kind::kList},
      {"Что на сегодня?", Kind::kList},
      {"а что у меня на завтра?", Kind::kList},
      {"Покажи все задачи", Kind::kAll},
      {"My streak", Kind::kProgress},
      {"what's my streak?", Kind::kProgress},
      {"Какая у меня серия?", Kind::kProgress},
      {"Leaderboard please", Kind::kTop},
      {"Кто впереди?", Kind::kTop},
      {"challenge me!", Kind::kChallenges},
      {"Дуэль", Kind::kChallenges},
      {"моя неделя", Kind::kWeek},
      {"Мои значки", Kind::kBadge},
      {"done", Kind::kDone},
      {"Готово!", Kind::kDone},
      {"later", Kind::kMove},
      {"not now", Kind::kMove},
      {"what now?", Kind::kList},
      {"undo", Kind::kUndo},
      {"Отмени", Kind::kUndo},
      {"That’s all", Kind::kLeave},
      {"Это всё", Kind::kLeave},
      {"Thanks!", Kind::kThanks},
      {"привет", Kind::kThanks},
      {"how does this work?", Kind::kQuestion},
      {"Как это работает?", Kind::kQuestion},
  };
  for (const auto& [words, kind] : cases) EXPECT_EQ(ReadWish(words).kind, kind) << words;
}

TEST(WishesTest, AReminderBeforeSomething) {
  const std::vector<std::tuple<std::string, std::string, int>> cases = {
      {"remind me 30 minutes before the dentist", "dentist", 30},
      {"Remind me about the dentist an hour before", "dentist", 60},
      {"please remind me half an hour before my call with Ann", "call ann", 30},
      {"set a reminder two days before the exam", "exam", 2880},
      {"Could you remind me 15 min before it?", "", 15},
      {"напомни за 30 минут до стоматолога", "стоматолога", 30},
      {"Напомни мне про стоматолога за час", "стоматолога", 60},
      {"за полчаса до встречи с Анной напомни мне", "встречи анной", 30},
      {"напомни за два дня до экзамена", "экзамена", 2880},
      {"напомни за 15 минут", "", 15},
  };
  for (const auto& [words, about, minutes] : cases) {
    const Wish wish = ReadWish(words);
    EXPECT_EQ(wish.kind, Kind::kRemind) << words;
    EXPECT_EQ(wish.about, about) << words;
    EXPECT_EQ(wish.lead_minutes, minutes) << words;
  }
  for (const std::string words :
       {"remind me to call mum an hour before the meeting",
        "remind me 30 minutes before the dentist tomorrow at 9", "remind me in 30 minutes",
        "напомни через час", "напомни позвонить маме за час до встречи",
        "be there an hour before the show", "прийти за час до вылета"}) {
    EXPECT_EQ(ReadWish(words).kind, Kind::kTask) << words;
  }
}

TEST(WishesTest, WhatIsATask) {
  for (const std::string words : {"buy milk",
                                  "call mum tomorrow at 6 every week",
                                  "Today buy bread",
                                  "what to cook tomorrow",
                                  "list of books for Ann",
                                  "Дело о наследстве",
                                  "сегодня в 18 позвонить маме",
                                  "could you remind me to check the mail?",
                                  "top up the phone",
                                  "план на год написать",
                                  "challenge Bob to a game",
                                  "week report",
                                  "move",
                                  "badge photo",
                                  "done deal #work",
                                  "покупки: молоко, хлеб",
                                  "2",
                                  "посмотреть сериал",
                                  "журнал купить",
                                  "забыл купить молоко",
                                  "read the report",
                                  "cut the grass",
                                  "proceed with the report",
                                  "check the oven",
                                  "finish the report by friday"}) {
    EXPECT_EQ(ReadWish(words).kind, Kind::kTask) << words;
  }
}

TEST(WishesTest, WhichTaskAndWhen) {
  const std::vector<std::tuple<std::string, Kind, std::string, std::string>> cases = {
      {"milk is done", Kind::kMaybeDone, "milk", ""},
      {"I bought the milk yesterday", Kind::kMaybeDone, "milk", "yesterday"},
      {"called mum", Kind::kMaybeDone, "mum", ""},
      {"I read the report", Kind::kMaybeDone, "report", ""},
      {"check off the report", Kind::kMaybeDone, "report", ""},
      {"mark the report as done", Kind::kMaybeDone, "report", ""},
      {"купил молоко", Kind::kMaybeDone, "молоко", ""},
      {"купил кровать", Kind::kMaybeDone, "кровать", ""},
      {"вчера позвонила маме", Kind::kMaybeDone, "маме", "вчера"},
      {"отчёт сделал", Kind::kMaybeDone, "отчет", ""},
      {"отметь отчёт выполненным", Kind::kMaybeDone, "отчет", ""},
      {"move the report to friday", Kind::kMaybeMove, "report", "friday"},
      {"move it to tomorrow", Kind::kMove, "", "tomorrow"},
      {"snooze until next week", Kind::kMove, "", "next week"},
      {"push dentist to 20 may at 15:30", Kind::kMaybeMove, "dentist", "20 may at 15:30"},
      {"перенеси на завтра", Kind::kMove, "", "завтра"},
      {"Перенеси отчёт на завтра", Kind::kMaybeMove, "отчет", "завтра"},
      {"отложи на час", Kind::kMove, "", "на час"},
      {"перенеси стрижку на пятницу в 18:00", Kind::kMaybeMove, "стрижку", "пятницу в 18:00"},
      {"cancel the dentist", Kind::kMaybeDelete, "dentist", ""},
      {"удали отчёт", Kind::kMaybeDelete, "отчет", ""},
  };
  for (const auto& [words, kind, about, when] : cases) {
    const Wish wish = ReadWish(words);
    EXPECT_EQ(wish.kind, kind) << words;
    EXPECT_EQ(wish.about, about) << words;
    EXPECT_EQ(wish.when, when) << words;
  }
}

TEST(WishesTest, FindsTheTaskThatIsMeantInAnyFormOfItsWords) {
  const std::vector<std::string> titles = {"купить молоко", "позвонить маме", "Write the report",
                                           "report to Ann", "стрижка"};
  EXPECT_THAT(BestMatches("молоко", titles), ElementsAre(0));
  EXPECT_THAT(BestMatches("мама", titles), ElementsAre(1));
  EXPECT_THAT(BestMatches("стрижку", titles), ElementsAre(4));
  EXPECT_THAT(BestMatches("report", titles), ElementsAre(2, 3));
  EXPECT_THAT(BestMatches("report ann", titles), ElementsAre(3));
  EXPECT_THAT(BestMatches("reports", titles), ElementsAre(2, 3));
  EXPECT_THAT(BestMatches("хлеб", titles), IsEmpty());
  EXPECT_THAT(BestMatches("купить хлеб", titles), IsEmpty());
  EXPECT_THAT(BestMatches("", titles), IsEmpty());
}

}  // namespace
}  // namespace selfology::growth_dialog
