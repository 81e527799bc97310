#include "services/coaching/lib/safety/classifier.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/coaching/lib/safety/safety.h"
#include "services/coaching/lib/safety/tables.h"
#include "services/coaching/lib/safety/weights.h"

namespace selfology::safety {
namespace {

Verdict Judge(std::string_view text) {
  const Tables& tables = Tables::BuiltIn();
  const Reading reading = tables.vocabulary.Read(text);
  return Classifier::BuiltIn().Judge(reading);
}

// Said by none of the phrases that were learned from.
constexpr const char* kDangerous[] = {
    "I keep thinking that I would like to be dead by the time the snow melts",
    "nothing left in me to stay for, they will all be relieved once I am out of their way",
    "мне бы просто умереть и никого больше не мучить",
    "всем будет легче, когда меня здесь не останется, я только обуза",
};
constexpr const char* kHarmless[] = {
    "We painted the kitchen yellow and now it looks like an egg",
    "The neighbours have a new bicycle, red with a bell",
    "Вчера пекли с дочкой печенье, половину съели горячим",
    "На работе всё спокойно, готовим отчёт к пятнице",
};

TEST(Classifier, TellsDangerFromEverydayLife) {
  for (const char* text : kDangerous) EXPECT_GT(Judge(text).danger, kCertain / 2) << text;
  for (const char* text : kHarmless) EXPECT_LT(Judge(text).danger, kCertain / 2) << text;
}

TEST(Classifier, SaysTheSameEachTime) {
  const absl::StatusOr<Classifier> again = Classifier::Parse(kClassifierBin);
  ASSERT_TRUE(again.ok()) << again.status();
  const Tables& tables = Tables::BuiltIn();
  for (const char* text : kDangerous) {
    const Reading reading = tables.vocabulary.Read(text);
    const Verdict other = again->Judge(reading);
    EXPECT_EQ(other.danger, Judge(text).danger);
    EXPECT_EQ(other.likeliest, Judge(text).likeliest);
  }
}

TEST(Classifier, MakesNothingOfNothing) {
  EXPECT_EQ(Judge("").danger, 0u);
  EXPECT_EQ(Judge(" \n\t…").danger, 0u);
  for (const std::string& text :
       {std::string("\xFF\xFE\x80"), std::string(4096, 'a'), std::string(4096, '.'),
        std::string("qwrtzp bdfgh kjlmn"), std::string("1 2 3 4 5")}) {
    EXPECT_LE(Judge(text).danger, kCertain);
    EXPECT_LT(Assess(text, {}).level, Level::kAsk) << text.substr(0, 20);
  }
}

TEST(Classifier, ReadsTheLongestMessage) {
  std::string text;
  while (text.size() + 64 < 4096) text += "We walked along the river and talked about the garden. ";
  EXPECT_LT(Assess(text, {}).level, Level::kAsk);
  text += kDangerous[0];
  EXPECT_GE(Assess(text, {}).level, Level::kAsk);
}

TEST(Classifier, IsNotCalmedByWhatStandsAround) {
  for (const char* text : kDangerous) {
    ASSERT_GE(Assess(text, {}).level, Level::kAsk) << text;
    for (const char* harmless : kHarmless) {
      const std::string more = absl::StrCat(harmless, ". ", kHarmless[1], ". ");
      EXPECT_GE(Assess(absl::StrCat(text, ". ", more), {}).level, Level::kAsk) << text;
      EXPECT_GE(Assess(absl::StrCat(more, text, ". ", more), {}).level, Level::kAsk) << text;
    }
  }
}

TEST(Classifier, DoesNotCareForCapitalsAndSmallMistakes) {
  EXPECT_EQ(Judge("NOTHING LEFT IN ME TO STAY FOR").danger,
            Judge("nothing left in me to stay for").danger);
  EXPECT_GE(
      Assess("i keep thinkin that i woud like to be daed by the time the snow melts", {}).level,
      Level::kAsk);
  EXPECT_GE(Assess("всем будет лекче когда меня тут не станит, я только обуза", {}).level,
            Level::kAsk);
}

TEST(Classifier, GivesItsReason) {
  int learned = 0;
  for (const char* text : kDangerous) {
    for (const Reason& reason : Assess(text, {}).reasons)
      learned += reason.rule.starts_with("learned_");
  }
  EXPECT_GT(learned, 0);
}

TEST(Classifier, NeverTakesBackWhatIsSaidOutright) {
  for (const char* text :
       {"We painted the kitchen, the soup was nice, my sister has a new bicycle. I want to die",
        "Сварили суп, испекли печенье, дочка рисует. Я хочу умереть"}) {
    EXPECT_EQ(Assess(text, {}).level, Level::kAct) << text;
  }
}

TEST(Parse, RefusesWhatIsNoClassifier) {
  const std::string one = Classifier::Serialize({{.feature = 7, .weights = {1}}}, 100);
  EXPECT_TRUE(Classifier::Parse(one).ok());
  EXPECT_FALSE(Classifier::Parse("").ok());
  EXPECT_FALSE(Classifier::Parse("something else, of some length").ok());
  EXPECT_FALSE(Classifier::Parse(std::string_view(one).substr(0, one.size() - 1)).ok());
  EXPECT_FALSE(Classifier::Parse(one + "x").ok());
  const std::vector<Classifier::Row> twice = {{.feature = 7, .weights = {}},
                                              {.feature = 7, .weights = {}}};
  EXPECT_FALSE(Classifier::Parse(Classifier::Serialize(twice, 100)).ok());
}

TEST(WindowsOf, CutLongTexts) {
  const auto windows = [](std::string_view text) {
    return WindowsOf(Tables::BuiltIn().vocabulary.Read(text));
  };
  EXPECT_EQ(windows("One. Two. Three.").size(), 1u) << "short";
  std::string text;
  for (int i = 0; i < 4; ++i) text += "there are six words in this. ";
  EXPECT_EQ(windows(text).size(), 4u) << "the whole, and three pairs";
  std::string endless;
  for (int i = 0; i < 120; ++i) endless += "word ";
  const std::vector<Window> cut = windows(endless);
  EXPECT_GT(cut.size(), 3u);
  EXPECT_EQ(cut.back().end, 120);
}

TEST(FeaturesOf, AreSets) {
  const Reading reading = Tables::BuiltIn().vocabulary.Read("a tea, a tea, a tea");
  const Features features = FeaturesOf(reading, {.begin = 0, .end = reading.size()});
  for (const std::vector<uint32_t>& block : features.blocks) {
    EXPECT_TRUE(std::is_sorted(block.begin(), block.end()));
    EXPECT_EQ(std::adjacent_find(block.begin(), block.end()), block.end());
  }
  EXPECT_FALSE(features.blocks[kWords].empty());
}

}  // namespace
}  // namespace selfology::safety
