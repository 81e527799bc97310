#include "services/coaching/lib/lexicon/reading.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::lexicon {
namespace {

using analysis::v1::SENTIMENT_MIXED;
using analysis::v1::SENTIMENT_NEGATIVE;
using analysis::v1::SENTIMENT_NEUTRAL;
using analysis::v1::SENTIMENT_POSITIVE;
using ::testing::ElementsAre;

class ReadingTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { lexicon_ = new Lexicon(*Lexicon::BuiltIn()); }
  static void TearDownTestSuite() { delete lexicon_; }
  Reading Of(std::string_view text) { return Read(*lexicon_, text); }
  analysis::v1::Sentiment Tone(std::string_view text) { return ToneOf(Of(text)); }

  static Lexicon* lexicon_;
};
Lexicon* ReadingTest::lexicon_ = nullptr;

TEST_F(ReadingTest, TellsTheToneOfEnglish) {
  EXPECT_EQ(Tone("I feel most alive when creating art and helping others grow."),
            SENTIMENT_POSITIVE);
  EXPECT_EQ(Tone("My job makes me miserable and I am afraid of losing it."), SENTIMENT_NEGATIVE);
  EXPECT_EQ(Tone("I live in a flat on the third floor."), SENTIMENT_NEUTRAL);
  EXPECT_EQ(Tone("I love my children and they make me happy, but I am exhausted, anxious and often "
                 "angry."),
            SENTIMENT_MIXED);
}

TEST_F(ReadingTest, TellsTheToneOfRussian) {
  EXPECT_EQ(Tone("Я чувствую себя счастливой, когда рисую и помогаю другим."), SENTIMENT_POSITIVE);
  EXPECT_EQ(Tone("Мне очень страшно и одиноко, я плачу по ночам."), SENTIMENT_NEGATIVE);
  EXPECT_EQ(Tone("Я живу в квартире на третьем этаже."), SENTIMENT_NEUTRAL);
  EXPECT_EQ(Tone("Я люблю свою работу и горжусь ей, но очень устала, боюсь и злюсь."),
            SENTIMENT_MIXED);
}

TEST_F(ReadingTest, TurnsWhatIsNegated) {
  EXPECT_EQ(Tone("I am not happy."), SENTIMENT_NEGATIVE);
  EXPECT_EQ(Tone("I am not afraid of anything."), SENTIMENT_POSITIVE);
  EXPECT_EQ(Tone("Я не счастлив."), SENTIMENT_NEGATIVE);
  EXPECT_EQ(Tone("Я больше не боюсь."), SENTIMENT_POSITIVE);
  EXPECT_EQ(Of("I am not happy").emotion(JOY), 0);
  const Reading lazy = Of("I am not disorganized");
  EXPECT_EQ(lazy.mark(CONSCIENTIOUSNESS_LOW), 0);
  EXPECT_GT(lazy.mark(CONSCIENTIOUSNESS_HIGH), 0);
}

TEST_F(ReadingTest, EndsANegationWithItsClause) {
  EXPECT_EQ(Tone("No, I am happy."), SENTIMENT_POSITIVE);
  EXPECT_EQ(Tone("Not only good but great."), SENTIMENT_POSITIVE);
  EXPECT_EQ(Tone("Не только хорошо, но и прекрасно."), SENTIMENT_POSITIVE);
}

TEST_F(ReadingTest, WeighsIntensityAndContrast) {
  EXPECT_GT(Of("very happy").positive, Of("happy").positive);
  EXPECT_LT(Of("slightly happy").positive, Of("happy").positive);
  const Reading turned = Of("It was sad but good and interesting");
  const Reading straight = Of("It was sad and good and interesting");
  EXPECT_LT(turned.negative, straight.negative);
  EXPECT_EQ(turned.positive, straight.positive);
}

TEST_F(ReadingTest, RanksThemes) {
  EXPECT_THAT(MainThemes(Of("I feel most alive when creating art and helping others grow."), 2),
              ElementsAre(CREATIVITY, ALTRUISM));
  EXPECT_THAT(MainThemes(Of("Моя мама и сестра - моя семья."), 5), ElementsAre(FAMILY));
  EXPECT_THAT(MainThemes(Of("..."), 5), ElementsAre());
}

TEST_F(ReadingTest, DoesNotTakeRepetitionForEvidence) {
  EXPECT_LT(Of("work work work work work work work work").theme(WORK), 2.0 + 1e-9);
  EXPECT_GT(Of("my job, my boss, my colleagues, my career").theme(WORK), 3);
}

TEST_F(ReadingTest, NamesTheMainEmotion) {
  EXPECT_EQ(MainEmotion(Of("I am so tired and exhausted, a little sad")), FATIGUE);
  EXPECT_EQ(MainEmotion(Of("Мне тревожно и страшно")), FEAR);
  EXPECT_EQ(MainEmotion(Of("The train leaves at noon")), EMOTION_UNSPECIFIED);
}

TEST_F(ReadingTest, HearsACrisisEvenWhenItIsDenied) {
  EXPECT_GT(Of("sometimes I want to die").mark(CRISIS), 0);
  EXPECT_GT(Of("I would never kill myself").mark(CRISIS), 0);
  EXPECT_GT(Of("Я не хочу жить").mark(CRISIS), 0);
  EXPECT_EQ(Of("I want to diet").mark(CRISIS), 0);
}

TEST_F(ReadingTest, TellsTheLanguage) {
  EXPECT_EQ(Of("Мне нравится Python").language, Language::kRussian);
  EXPECT_EQ(Of("I like Питер and Moscow").language, Language::kEnglish);
  EXPECT_EQ(Of("123 !").language, std::nullopt);
}

TEST_F(ReadingTest, ScoresWhatTellsMoreHigher) {
  const std::vector<std::string> rising = {
      "", "ok", "I like art", "I feel most alive when creating art and helping others grow.",
      absl::StrCat(
          "I feel most alive when creating art and helping others grow, because I realised",
          " years ago, after a hard time with my family, that what matters to me is leaving",
          " something behind for other people.")};
  double before = -1;
  for (const std::string& text : rising) {
    const double quality = Quality(Of(text));
    EXPECT_GT(quality, before) << text;
    EXPECT_LE(quality, 1);
    before = quality;
  }
  EXPECT_LT(Quality(Of("asdf qwer zxcv asdf")), 0.2);
  EXPECT_LT(Quality(Of("good good good good good good good good good good good good")), 0.3);
}

// Any text of known and unknown words in any order: all figures stay in their ranges.
TEST_F(ReadingTest, StaysInRangeForAnyText) {
  const std::vector<std::string> vocabulary = {
      "not",     "very",   "happy",  "sad",  "but", "because", "I",     "work",
      "mother",  "afraid", "zzz",    "give", "up",  "не",      "очень", "счастлив",
      "грустно", "но",     "потому", "что",  "я",   "работа",  "мама",  "боюсь",
      "ыыы",     ".",      ",",      "😊",   "((",  "die",     "want",  "to"};
  std::mt19937 random(42);
  for (int round = 0; round < 500; ++round) {
    std::vector<std::string> words;
    for (auto i = random() % 60; i > 0; --i)
      words.push_back(vocabulary[random() % vocabulary.size()]);
    const Reading reading = Of(absl::StrJoin(words, " "));
    EXPECT_GE(Quality(reading), 0);
    EXPECT_LE(Quality(reading), 1);
    EXPECT_GE(Complexity(reading), 0);
    EXPECT_LE(Complexity(reading), 1);
    EXPECT_GE(reading.positive, 0);
    EXPECT_GE(reading.negative, 0);
    EXPECT_LE(reading.known_words, reading.words);
    EXPECT_LE(MainThemes(reading, 5).size(), 5u);
  }
}

}  // namespace
}  // namespace selfology::lexicon
