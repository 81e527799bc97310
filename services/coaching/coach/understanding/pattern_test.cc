#include "services/coaching/coach/understanding/pattern.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::coach {
namespace {

// What "{x}" takes; "-" when the pattern does not fit.
std::string Taken(std::string_view pattern, std::string_view text) {
  const Utterance message(text);
  const std::optional<Match> match = Pattern::Parse(pattern, {{"i", "i|we"}})->Find(message);
  if (!match.has_value()) return "-";
  const auto x = match->captures.find("x");
  return x == match->captures.end() ? ""
                                    : std::string(message.Between(x->second.begin, x->second.end));
}

TEST(PatternTest, TakesWordsToTheEndOfTheClause) {
  EXPECT_EQ(Taken("i can't|cannot {x}", "Lately I can't sleep, at all."), "sleep");
  EXPECT_EQ(Taken("i can't {x+}", "I can't sleep, at all. Help."), "sleep, at all");
  EXPECT_EQ(Taken("i can't {x}", "I can't sleep and my boss keeps calling"), "sleep");
  EXPECT_EQ(Taken("хочу {x}", "Я хочу сдать экзамен, но боюсь"), "сдать экзамен");
}

TEST(PatternTest, TakesWhatStandsBetween) {
  EXPECT_EQ(Taken("between {x} and {y}", "torn between staying at home and moving"),
            "staying at home");
}

TEST(PatternTest, KnowsClassesGapsOptionsAndPlaces) {
  EXPECT_EQ(Taken("%i really? want {x}", "we really want peace"), "peace");
  EXPECT_EQ(Taken("tell ... about {x}", "tell me again please about Lena"), "Lena");
  EXPECT_EQ(Taken("^ why $", "why?"), "");
  EXPECT_EQ(Taken("^ why $", "why not"), "-");
  EXPECT_EQ(Taken("< done $", "well, done"), "");
  EXPECT_EQ(Taken("creat* {x}", "creating songs"), "songs");
}

TEST(PatternTest, ForgivesOneLetterInLongWords) {
  EXPECT_EQ(Taken("remember that {x}", "remeber that it rains"), "it rains");
  EXPECT_EQ(Taken("hear {x}", "heat waves"), "-") << "short words are others, not misspelled ones";
}

TEST(PatternTest, RefusesWhatIsMalformed) {
  for (const std::string_view pattern : {"", "{x", "a||b", "%nothing"}) {
    EXPECT_FALSE(Pattern::Parse(pattern, {}).ok()) << pattern;
  }
}

}  // namespace
}  // namespace selfology::coach
