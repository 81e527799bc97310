#include "services/coaching/lib/reflection/naming.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/lib/reflection/reflection.h"

namespace selfology::reflection {
namespace {

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
