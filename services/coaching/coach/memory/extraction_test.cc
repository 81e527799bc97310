#include "services/coaching/coach/memory/extraction.h"

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "gtest/gtest.h"

namespace selfology::coach {
namespace {

using language::Language;

constexpr absl::CivilDay kMonday(2026, 11, 30);

std::vector<v1::MemoryItem> Found(Language language, std::string_view text) {
  static const auto& english = *new LoadedSpeech(*LoadedSpeech::Load(Language::kEnglish));
  static const auto& russian = *new LoadedSpeech(*LoadedSpeech::Load(Language::kRussian));
  return Extract(language == Language::kRussian ? russian : english, Utterance(text), kMonday);
}

std::string Lines(const std::vector<v1::MemoryItem>& items) {
  std::string lines;
  for (const v1::MemoryItem& item : items) {
    absl::StrAppend(&lines, enums::Word(item.kind()), " ", item.text());
    if (!item.due_date().empty()) absl::StrAppend(&lines, " @", item.due_date());
    lines += "\n";
  }
  return lines;
}

TEST(ExtractTest, FindsPeopleDaysPromisesGoalsAndFacts) {
  constexpr auto kEnglish = Language::kEnglish;
  EXPECT_EQ(Lines(Found(kEnglish, "My brother Sasha is back")), "PERSON Sasha, brother\n");
  EXPECT_EQ(Lines(Found(kEnglish, "I have a driving test on Friday")),
            "DATE driving test @2026-12-04\n");
  EXPECT_EQ(Lines(Found(kEnglish, "My sister has an interview on Friday")),
            "DATE sister's interview @2026-12-04\n");
  EXPECT_EQ(Lines(Found(kEnglish, "I promised mum to call tomorrow.")),
            "PROMISE I promised mum to call tomorrow @2026-12-01\n");
  EXPECT_EQ(Lines(Found(kEnglish, "I want to run a half marathon")), "GOAL run a half marathon\n");
  EXPECT_EQ(Lines(Found(kEnglish, "I'm allergic to nuts")), "FACT I'm allergic to nuts\n");
}

TEST(ExtractTest, FindsThemInRussian) {
  constexpr auto kRussian = Language::kRussian;
  EXPECT_EQ(Lines(Found(kRussian, "Вчера говорила с сестрой Леной")), "PERSON Лена — сестра\n");
  EXPECT_EQ(Lines(Found(kRussian, "В пятницу у меня экзамен по физике")),
            "DATE экзамен по физике @2026-12-04\n");
  EXPECT_EQ(Lines(Found(kRussian, "Я обещала маме позвонить завтра")),
            "PROMISE обещала маме позвонить завтра @2026-12-01\n");
  EXPECT_EQ(Lines(Found(kRussian, "Хочу пробежать полумарафон")), "GOAL пробежать полумарафон\n");
}

TEST(ExtractTest, WhatOthersPromiseIsNotTheirs) {
  for (const std::string_view text :
       {"My boss promised to call", "he promised me a raise", "They promised us a new flat"}) {
    EXPECT_EQ(Lines(Found(Language::kEnglish, text)), "") << text;
  }
  for (const std::string_view text :
       {"Начальник обещал позвонить", "Он обещал вернуть деньги", "Мне обещали прибавку",
        "Обещал мне муж починить кран", "Врачи обещали результаты завтра", "Лена обещала приехать",
        "Вчера сосед обещал не шуметь"}) {
    EXPECT_EQ(Lines(Found(Language::kRussian, text)), "") << text;
  }
  for (const std::string_view text :
       {"Обещал сыну велосипед", "Вчера опять обещала маме позвонить", "Я обещал начальнику отчёт",
        "Маше обещала помочь с переездом"}) {
    EXPECT_NE(Lines(Found(Language::kRussian, text)), "") << text;
  }
}

TEST(ExtractTest, AWishIsNoGoalAndAPastDayNoDate) {
  for (const std::string_view text :
       {"I want to sleep", "I want to hit him", "The exam was yesterday", "I want you to listen",
        "We had a meeting last Friday", "My boss called"}) {
    EXPECT_EQ(Lines(Found(Language::kEnglish, text)), "") << text;
  }
  for (const std::string_view text : {"Хочу спать", "Не хочу ничего", "Вчера был экзамен"}) {
    EXPECT_EQ(Lines(Found(Language::kRussian, text)), "") << text;
  }
}

TEST(MergeTest, KeepsOneOfWhatSaysTheSame) {
  constexpr auto kEnglish = Language::kEnglish;
  std::vector<v1::MemoryItem> items;
  EXPECT_EQ(Merge(Found(kEnglish, "I want to run a half marathon"), items).size(), 1u);
  EXPECT_EQ(Merge(Found(kEnglish, "i want to RUN a half marathon"), items).size(), 0u);
  EXPECT_EQ(Merge(Found(kEnglish, "My exam is on Friday"), items).size(), 1u);
  EXPECT_EQ(Merge(Found(kEnglish, "My exam is on Friday"), items).size(), 0u);
  const auto moved = Merge(Found(kEnglish, "My exam is on Thursday"), items);
  ASSERT_EQ(moved.size(), 1u) << "another day of the same exam";
  EXPECT_EQ(moved[0].due_date(), "2026-12-03");
  EXPECT_EQ(items.size(), 2u);
}

}  // namespace
}  // namespace selfology::coach
