#include "services/coaching/lib/reflection/naming.h"

#include <string>
#include <vector>

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

TEST(Reflect, AnAnswerFitsWhatIsAskedFor) {
  const std::string_view help = "What would you like to be asked for help with more often?";
  EXPECT_EQ(Said(help, "Playlists."),
            "Playlists – that is what you would like to be asked for help with more often.");
  for (const char* no_thing : {"Fine.", "Often.", "Tricky.", "Me."}) {
    EXPECT_EQ(Said(help, no_thing), "Thank you for the answer.") << no_thing;
  }
  EXPECT_EQ(Said("How have you been sleeping?", "Badly, to be honest."),
            "Badly – that is how you have been sleeping.");
  EXPECT_EQ(Said("In which situations do you feel at ease?", "When it's busy."),
            "When it's busy – that is when you feel at ease.");
  EXPECT_EQ(Said("Which three things make a good week?", "Bath. Book. Bed."),
            "Bath, book, bed – those are the three things that make a good week.");
  EXPECT_EQ(Said("What do you want your efforts to have been for?", "For my daughter."),
            "Your daughter – that is what you want your efforts to have been for.");
  // What is to be said is quoted, whoever it speaks to.
  EXPECT_EQ(Said("Which advice do you often give?", "Ask before you lift."),
            "“Ask before you lift” – that is the advice you often give.");

  const auto russian = [](std::string_view question, std::string_view answer) {
    return Said(question, answer, Language::kRussian);
  };
  EXPECT_EQ(russian("С чем вы чувствуете себя единым целым?", "С водой."),
            "С водой — вот с чем вы чувствуете себя единым целым.");
  EXPECT_EQ(russian("Чему вы недавно удивились?", "Тому, что все вернулись."),
            "Тому, что все вернулись, — вот чему вы недавно удивились.");
  EXPECT_EQ(russian("Что вам нравится?", "Гулять, пока светло."),
            "Гулять, пока светло, — вот что вам нравится.");
  EXPECT_EQ(russian("За что вы держитесь?", "За дом, в котором выросла."),
            "«За дом, в котором выросла» — вот за что вы держитесь.");
  for (const char* no_thing : {"Некогда.", "Машинистом.", "Нормальная.", "Люди — это сложно."}) {
    EXPECT_EQ(russian("Какое занятие вы попробовали бы?", no_thing), "Спасибо за ответ.")
        << no_thing;
  }
}

TEST(Reflect, WhatIsNamedIsSaidInTwoWays) {
  const Answered answer = {.question = "What reliably calms you?", .text = "Washing my car."};
  std::vector<std::string> said;
  for (uint64_t number = 0; number < 4; ++number) {
    Answered another = answer;
    another.number = number;
    said.push_back(Reflect(another).text);
  }
  EXPECT_THAT(said,
              ::testing::ElementsAre(
                  "Washing your car – that is what reliably calms you.",
                  "What reliably calms you: washing your car. Thank you.",
                  "Washing your car – that is what reliably calms you. Thank you for telling me.",
                  "What reliably calms you: washing your car."));
  // A capital may be a name's, and stays.
  EXPECT_EQ(
      Reflect({.question = "Which place would you like to see?", .text = "Iceland.", .number = 1})
          .text,
      "Iceland – that is the place you would like to see. Thank you.");
  // The question's case behind its colon, or a word that stands for itself before a dash.
  const auto russian = [](std::string_view text) {
    return Reflect({.question = "К чему вы возвращаетесь?",
                    .text = text,
                    .language = Language::kRussian,
                    .number = 1})
        .text;
  };
  EXPECT_EQ(russian("К книгам."), "Вот к чему вы возвращаетесь: к книгам. Спасибо.");
  EXPECT_EQ(russian("Старые книги."), "Старые книги — вот к чему вы возвращаетесь. Спасибо.");
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
  EXPECT_EQ(Said("", "Nothing. I delete them every evening."),
            "“I delete them every evening” – thank you for telling me.");
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
  EXPECT_EQ(Said("", "Позвонила вчера мама из Пскова.", Language::kRussian),
            "«Позвонила вчера мама из Пскова» — спасибо, что рассказали.");
  EXPECT_EQ(Said("", "Went in for a pint and stayed behind the bar."),
            "You went in for a pint and stayed behind the bar.");
  // Whoever was named is meant.
  EXPECT_EQ(Said("Над чем вы в последний раз смеялись?",
                 "Над внуком. Спросил, кто водил автобус при динозаврах.", Language::kRussian),
            "«Спросил, кто водил автобус при динозаврах» — спасибо, что рассказали.");
}

}  // namespace
}  // namespace selfology::reflection
