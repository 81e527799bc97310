#include "services/growth/growth_dialog/errands.h"

#include <random>
#include <string>

#include "gtest/gtest.h"

namespace selfology::growth_dialog {
namespace {

TEST(ErrandsTest, WhatIsCertainlyATask) {
  for (const char* const words :
       {"remind me to buy paint on friday",
        "Remind me about the parcel.",
        "could you please remind me to call mum?",
        "don't let me forget the keys",
        "add milk to my list",
        "Add a task: water the plants",
        "call the dentist tomorrow at 10",
        "Buy paint on Friday",
        "pay the rent on the 1st of May",
        "напомни купить краски в пятницу",
        "Напомните мне, пожалуйста, про отчёт завтра",
        "не дай мне забыть ключи",
        "добавь задачу полить цветы",
        "запиши в дела забрать посылку",
        "позвонить маме завтра в шесть",
        "Купить молоко вечером",
        "what's for today?",
        "show my tasks",
        "задачи на сегодня",
        "set a reminder for the dentist",
        "add milk to my shopping list",
        "make a task to call mum",
        "put bread on list",
        "не могли бы вы напомнить мне про отчёт",
        "hey, remind me about the parcel",
        "pay the rent by 5",
        "напомни про вопросы к врачу",
        "could you please remind me to take the big blue parcel to the post office near the "
        "station on Friday"}) {
    EXPECT_TRUE(IsErrand(words)) << words;
  }
}

TEST(ErrandsTest, WhatMayBeAnAnswer) {
  for (const char* const words :
       {"",
        "!",
        "My sister Nora helps me on Sundays.",
        "Walking in the park tomorrow",
        "Sleep.",
        "To sleep until ten on Sunday",
        "remind me what I said about Tom",
        "remind me of my father",
        "I call my mother every Sunday",
        "Dinner with friends on Friday",
        "I remind myself to breathe",
        "call the dentist",
        "should I call her tomorrow?",
        "напомни, что я говорила про сестру",
        "напомни, о чём мы говорили вчера",
        "По воскресеньям мне помогает сестра",
        "Я хочу выспаться в воскресенье",
        "Выспаться",
        "Муж напомнил про отчёт завтра",
        "Спать",
        "Everything.",
        "today",
        "Мои дела",
        "Go to the sea",
        "Take a walk in the park with the kids",
        "Write in the morning",
        "Cook for the family on Sunday",
        "Meet friends at the lake",
        "Do yoga at 6",
        "Гулять вечером по набережной",
        "Поспать до 10",
        "Поехать на море",
        "Make a list of places and see them all",
        "Write a list of what is good",
        "Make a small task of it",
        "Set a task for every day",
        "Put things off until they are huge tasks",
        "remind me about the question",
        "напомни вопрос",
        "напомни мне о том, что я говорила про сестру",
        "Напомнить себе, что всё пройдёт",
        "done",
        "yes",
        "the milk is done",
        "I'd like to write a letter tomorrow and then he would have to answer me himself"}) {
    EXPECT_FALSE(IsErrand(words)) << words;
  }
}

TEST(ErrandsTest, AnythingCanBeRead) {
  std::mt19937 dice(3);
  for (int round = 0; round < 2000; ++round) {
    std::string words(dice() % 60, ' ');
    for (char& byte : words) byte = static_cast<char>(dice());
    IsErrand(words);
  }
}

}  // namespace
}  // namespace selfology::growth_dialog
