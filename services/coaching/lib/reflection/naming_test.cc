#include "services/coaching/lib/reflection/naming.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/lib/reflection/reflection.h"

namespace selfology::reflection {
namespace {

using ::testing::Optional;

TEST(AnsweredPart, IsTheQuestionAsAStatement) {
  const auto english = [](std::string_view question) {
    return AnsweredPart(Language::kEnglish, question);
  };
  EXPECT_THAT(english("What calms you, when you are upset?"),
              Optional(std::string("that is what calms you")));
  EXPECT_THAT(english("Which place would you like to see one day?"),
              Optional(std::string("that is the place you would like to see one day")));
  EXPECT_THAT(english("On what do you like to spend money, even if it is little?"),
              Optional(std::string("that is what you like to spend money on")));
  EXPECT_THAT(english("What, if anything, helps you to rest?"),
              Optional(std::string("that is what helps you to rest")));
  EXPECT_THAT(english("If you could, what would you try?"),
              Optional(std::string("that is what you would try")));
  for (const char* other :
       {"Which wish did you give up?", "How do you learn?", "Do you sleep well?",
        "Which of your weaknesses has a good side?", "Tell me.", ""}) {
    EXPECT_EQ(english(other), std::nullopt) << other;
  }
  const auto russian = [](std::string_view question) {
    return AnsweredPart(Language::kRussian, question);
  };
  EXPECT_THAT(russian("Какую старую вещь вы храните, хотя она вам не нужна?"),
              Optional(std::string("вот какую старую вещь вы храните")));
  EXPECT_THAT(russian("По чему вы замечаете, что кому-то дороги?"),
              Optional(std::string("вот по чему вы замечаете, что кому-то дороги")));
  for (const char* other : {"Как вы отдыхаете?", "Что ты любишь?", "За что вам стыдно?"}) {
    EXPECT_EQ(russian(other), std::nullopt) << other;
  }
}

std::string Said(std::string_view question, std::string_view answer,
                 Language language = Language::kEnglish) {
  return Reflect({.question = question, .text = answer, .language = language, .number = 0}).text;
}

TEST(Reflect, FewWordsAreSaidWithWhatTheyAnswer) {
  EXPECT_EQ(Said("What reliably calms you?", "Washing my car."),
            "Washing your car – that is what reliably calms you.");
  EXPECT_EQ(Said("Какое место вы хотели бы увидеть?", "байкал зимой", Language::kRussian),
            "Байкал зимой — вот какое место вы хотели бы увидеть.");
  for (const char* none : {"Nobody.", "No idea, maybe swimming.", "Whatever.", "asdfgh"}) {
    const Reflection said =
        Reflect({.question = "What reliably calms you?", .text = none, .number = 0});
    EXPECT_NE(said.kind, Kind::kNamed) << none;
  }
}

TEST(Reflect, ASentenceIsNoName) {
  for (const char* none : {"My father was tired", "He is late"}) {
    EXPECT_TRUE(NameIn(Language::kEnglish, SplitSentences(none)[0]).empty()) << none;
  }
  EXPECT_TRUE(
      NameIn(Language::kRussian, SplitSentences("Верил, что мужчина не просит")[0]).empty());
  EXPECT_EQ(Said("", "Learning to swim. I am 42."), "Thank you for the answer.");
}

TEST(Reflect, ANameIsSaidWithTheSentenceAboutIt) {
  EXPECT_EQ(Said("", "Bad drafts. I delete them every evening."),
            "Bad drafts. You delete them every evening.");
  EXPECT_EQ(Said("", "Nothing. I delete them every evening."), "Thank you for the answer.");
}

TEST(Reflect, OfWhatHurtsNothingIsSaidBack) {
  EXPECT_EQ(Reflect({.question = "Which goodbye was important to you?",
                     .text = "I'd gone down to buy a sandwich, and then I came back up."})
                .kind,
            Kind::kSober);
}

TEST(InSecondPerson, APastTenseWithoutASubjectIsTheWriters) {
  EXPECT_EQ(Said("", "Перестала ругать себя за то, что сплю днём.", Language::kRussian),
            "Вы перестали ругать себя за то, что спите днём.");
  // Somebody else may have.
  EXPECT_EQ(Said("", "Позвонила вчера мама из Пскова.", Language::kRussian), "Спасибо за ответ.");
}

}  // namespace
}  // namespace selfology::reflection
