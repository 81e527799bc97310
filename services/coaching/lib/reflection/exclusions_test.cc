#include "services/coaching/lib/reflection/exclusions.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/coaching/lib/reflection/reflection.h"

namespace selfology::reflection {
namespace {

// Nothing of an answer to any of these is said back but thanks.
void ExpectThanks(Language language, const std::vector<std::string>& answers) {
  for (const std::string& answer : answers) {
    const Reflection said = Reflect({.text = answer, .language = language});
    EXPECT_TRUE(said.kind == Kind::kThanks || said.kind == Kind::kSober)
        << answer << " -> " << said.text;
  }
}
// Nothing of an answer to any of these is said in the second person; it may be quoted.
void ExpectAsWritten(Language language, const std::vector<std::string>& answers) {
  for (const std::string& answer : answers) {
    const Reflection said = Reflect({.text = answer, .language = language});
    EXPECT_TRUE(said.kind == Kind::kThanks || said.kind == Kind::kQuoted)
        << answer << " -> " << said.text;
  }
}
void English(const std::vector<std::string>& answers) { ExpectThanks(Language::kEnglish, answers); }
void Russian(const std::vector<std::string>& answers) { ExpectThanks(Language::kRussian, answers); }
std::string SaidInEnglish(std::string_view answer) {
  return Reflect({.text = answer, .language = Language::kEnglish}).text;
}
std::string SaidInRussian(std::string_view answer, std::string_view question = "") {
  return Reflect({.question = question, .text = answer, .language = Language::kRussian}).text;
}

// The exclusion on the whole of the sentence of this index.
Exclusion ExclusionOn(Language language, std::string_view answer, size_t sentence) {
  const std::vector<Sentence> sentences = SplitSentences(answer);
  return Exclusions(language, sentences)
      .Of({.clause = sentences.at(sentence).tokens,
           .writer = Writer::kSubject,
           .sentence = sentence});
}

TEST(Exclusions, LetACompleteActOfTheWriterThrough) {
  EXPECT_EQ(SaidInEnglish("Pottery, I would say. I throw two bowls every evening in my garage."),
            "You throw two bowls every evening in your garage.");
  EXPECT_EQ(SaidInRussian("Керамика. Каждый вечер рисую две открытки в гараже."),
            "Керамика. Каждый вечер вы рисуете две открытки в гараже.");
}

TEST(Exclusions, WhatTheNextSentenceTakesBack) {
  English({"I run five miles every single morning. Actually no, three at best.",
           "I adore my new flat by the canal. But the rent eats my salary and my weekends.",
           "I sold my car to save the planet. My neighbours did not.",
           "I'd like to say I stay calm at work. The truth is another one altogether."});
  Russian({"Каждое утро бегаю пять километров вдоль реки. Хотя нет, скорее три.",
           "Обожаю новую квартиру у канала. Но аренда съедает всю зарплату и выходные.",
           "Хотелось бы ответить, что держусь спокойно. Получается по-разному."});
  EXPECT_EQ(ExclusionOn(Language::kEnglish, "I run five miles every morning. Or rather three.", 0),
            Exclusion::kWithdrawn);
}

TEST(Exclusions, ViewsOfOthers) {
  English({"We talk rarely. My neighbour thinks I waste my evenings on trains.",
           "Evenings are long. The priest told me I count my sins too often."});
  Russian({"Видимся редко. Сосед считает, что я трачу вечера на паровозики.",
           "Вечера длинные. Священник сказал, что я слишком часто считаю грехи."});
  EXPECT_EQ(
      ExclusionOn(Language::kEnglish,
                  "We talk rarely, once a month or so. My neighbour thinks I love trains.", 1),
      Exclusion::kOtherView);
}

TEST(Exclusions, LightOverHeavy) {
  English({"My twin passed away in autumn. I plant tulips along the fence every October.",
           "I burned out two winters ago. I plant tulips along the fence every October.",
           "My parents are getting divorced. I plant tulips along the fence every October."});
  Russian({"Сестры не стало осенью. Каждый октябрь сажаю тюльпаны вдоль забора.",
           "Два года назад выгорела на работе. Каждый октябрь сажаю тюльпаны вдоль забора.",
           "Родители разводятся. Каждый октябрь сажаю тюльпаны вдоль забора."});
}

TEST(Exclusions, BackgroundAndWhatWasNotSo) {
  English({"The view. I was sitting on the ferry with a thermos of tea.",
           "Numbers, mostly. I work in a small bank near the station.",
           "Hard to put. My kitchen is not the place for large parties of mine."});
  Russian({"Вид. Я сидела на палубе парома с термосом чая.",
           "Цифры. Я работаю в маленьком банке у вокзала."});
}

TEST(Exclusions, BlameAndHedges) {
  English({"The wedding. I should have danced with my aunt that evening in May.",
           "The speech. I felt embarrassed in front of my whole class."});
  Russian({"Свадьба. Надо было потанцевать с тётей в тот вечер.",
           "Речь. Мне было неловко перед всем классом."});
  ExpectAsWritten(Language::kEnglish,
                  {"My garden. I suppose I water the roses every other evening.",
                   "Bread. Maybe I bake a loaf or so on most Sundays in winter."});
  ExpectAsWritten(Language::kRussian, {"Сад. Пожалуй, я чаще всего поливаю розы по вечерам."});
}

TEST(Exclusions, WhatRefersElsewhere) {
  ExpectAsWritten(Language::kEnglish,
                  {"We talk rarely. I bring him soup on most winter evenings.",
                   "The choir. I joined that in spring with two colleagues of mine.",
                   "It is broken again. I fixed it in the yard with a borrowed wrench."});
  ExpectAsWritten(Language::kRussian, {"Мы видимся редко. Зимой ношу ему суп по вечерам."});
}

TEST(Exclusions, WhatTheNameBeforeItExplains) {
  EXPECT_EQ(SaidInEnglish("My bike. I fixed it in the yard with a borrowed wrench."),
            "Your bike. You fixed it in the yard with a borrowed wrench.");
  EXPECT_EQ(SaidInRussian("Это тётя. Звонит каждую субботу, а я долго слушаю."),
            "Тётя. Звонит каждую субботу, а вы долго слушаете.");
  EXPECT_EQ(SaidInRussian("Старик из соседнего дома. Зимой ношу ему суп по вечерам."),
            "Старик из соседнего дома. Зимой вы носите ему суп по вечерам.");
  EXPECT_EQ(SaidInRussian("Велосипед. Во дворе я чиню его чужим ключом."),
            "Велосипед. Во дворе вы чините его чужим ключом.");
}

TEST(Exclusions, Fragments) {
  English({"Many things matter. And when I sing in the village hall.",
           "Hard to tell. Whether I keep the flat by the river.",
           "Swimming, oh yes. I started and my sister never could."});
  Russian({"Многое важно. И когда я пою в сельском клубе.",
           "Трудно ответить. Если я оставлю квартиру у реки."});
}

TEST(Exclusions, TheWordsOfThePersonInAnothersMouth) {
  ExpectAsWritten(Language::kEnglish,
                  {"Fishing. I gotta catch three trout every weekend with my lads."});
  ExpectAsWritten(Language::kRussian, {"Рыбалка. Щас каждые выходные ловлю по три форели.",
                                       "Дача. Каждую субботу жарю шашлык с пацанами."});
  // Slips are not shown again.
  English({"My town. I am agree with every neighbour about the park.",
           "Trains. I loooove night trains with a window seat."});
}

TEST(Exclusions, TheWholeAnswerIsSaidToThePerson) {
  EXPECT_EQ(SaidInEnglish("I sort my father's stamps every winter by the stove."),
            "You sort your father's stamps every winter by the stove.");
  EXPECT_EQ(SaidInRussian("Каждую зиму перебираю марки у печки."),
            "Каждую зиму вы перебираете марки у печки.");
  EXPECT_EQ(ExclusionOn(Language::kEnglish, "I sort my stamps every winter by the stove.", 0),
            Exclusion::kEcho);
}

TEST(Exclusions, IronyStaysUnconverted) {
  English({"Oh great, Monday. I love crowded trains every single morning of the week.",
           "I iron my socks every single evening lol. I fold towels every evening too."});
  Russian({"А то я сам не знал. Каждое утро люблю толпу в метро.",
           "Ага, курорт. Каждое утро люблю толпу в метро."});
}

TEST(Exclusions, NobodyIsThankedForAskingForAnother) {
  for (const char* text :
       {"Ask me something else, please.", "can we skip to a different question"}) {
    EXPECT_EQ(Reflect({.text = text, .language = Language::kEnglish}).kind, Kind::kSilent) << text;
  }
  for (const char* text : {"Давай другой вопрос", "Задайте что-нибудь попроще, пожалуйста"}) {
    EXPECT_EQ(Reflect({.text = text, .language = Language::kRussian}).kind, Kind::kSilent) << text;
  }
}

TEST(Exclusions, NobodyIsCalledVyWhoMayWantTy) {
  for (uint64_t number = 0; number < 4; ++number) {
    for (const char* text : {"Керамика. Каждый вечер рисую две открытки в гараже.", "Керамика.",
                             "Папа умер весной."}) {
      const std::string said = Reflect({.question = "Что ты любишь?",
                                        .text = text,
                                        .language = Language::kRussian,
                                        .number = number})
                                   .text;
      for (const char* address : {"вы ", "Вы ", "или,", "рассказали", "написали", "ответили"}) {
        EXPECT_EQ(said.find(address), said.npos) << said;
      }
    }
  }
}

TEST(Exclusions, RussianPersonIsWholeOrQuoted) {
  for (const char* text : {"Приют. По вечерам кормлю собак и мою миски в подвале.",
                           "Хор. Каждый четверг я сам веду репетицию и радуюсь голосам.",
                           "Рынок. По выходным лужу кастрюли и продаю соседям.",
                           "Дом. Каждое лето крашу забор и весь день хожу довольный."}) {
    const Reflection said = Reflect({.text = text, .language = Language::kRussian});
    EXPECT_NE(said.kind, Kind::kTurned) << said.text;
  }
}

TEST(Exclusions, NoSentenceBeginsWithSo) {
  for (uint64_t number = 0; number < 8; ++number) {
    for (const char* text : {"Pottery. So I throw two bowls every evening in my garage.",
                             "Pottery. I throw two bowls every evening in my garage."}) {
      const Reflection said =
          Reflect({.text = text, .language = Language::kEnglish, .number = number});
      EXPECT_FALSE(said.text.starts_with("So ")) << said.text;
    }
  }
}

}  // namespace
}  // namespace selfology::reflection
