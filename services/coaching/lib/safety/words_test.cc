// From characters to words: tokens.h, stem.h, spelling.h.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/lib/safety/characters.h"
#include "services/coaching/lib/safety/spelling.h"
#include "services/coaching/lib/safety/stem.h"
#include "services/coaching/lib/safety/tokens.h"

namespace selfology::safety {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Texts(std::string_view message) {
  std::vector<std::string> texts;
  for (const Token& token : SplitTokens(message)) texts.push_back(token.text);
  return texts;
}

TEST(Tokens, AreMadePlain) {
  EXPECT_THAT(Texts("I Don't KNOW… Ёлка!"), ElementsAre("i", "don't", "know", "елка"));
  EXPECT_THAT(Texts("k i l l  m e"), ElementsAre("kill", "me"));
  EXPECT_THAT(Texts("k.i.l.l"), ElementsAre("kill"));
  EXPECT_THAT(Texts("у м е р е т ь"), ElementsAre("умереть"));
  EXPECT_THAT(Texts("su1c1de"), ElementsAre("suicide"));
  EXPECT_THAT(Texts("хoчу"), ElementsAre("хочу")) << "a Latin o";
  EXPECT_THAT(Texts("d\u200bie"), ElementsAre("die"));
  EXPECT_THAT(Texts("k*ll me*"), ElementsAre("k*ll", "me"));
  EXPECT_THAT(Texts("30 pills, 20mg 🔪"), ElementsAre("30", "pills", "20mg", "🔪"));
  EXPECT_THAT(Texts("и я с ней"), ElementsAre("и", "я", "с", "ней"));
}

TEST(Tokens, NamesAndAddressesAreNoWords) {
  EXPECT_THAT(Texts("@nonexistent_channel_xyz"), IsEmpty());
  EXPECT_THAT(Texts("read @daily_tea and https://t.me/die_die please"),
              ElementsAre("read", "and", "please"));
  EXPECT_THAT(Texts("@ann@example.social"), IsEmpty());
  EXPECT_THAT(Texts("w@nt"), ElementsAre("want"));
}

TEST(Tokens, KnowTheirPlace) {
  const std::string message = "Ах, k i l l me?";
  const std::vector<Token> tokens = SplitTokens(message);
  ASSERT_EQ(tokens.size(), 3u);
  EXPECT_EQ(message.substr(tokens[1].begin, tokens[1].end - tokens[1].begin), "k i l l");
  EXPECT_TRUE(tokens[1].spelled);
  EXPECT_TRUE(tokens[0].ends_clause);
  EXPECT_TRUE(tokens[2].question);
}

TEST(Repeats, AreShortened) {
  EXPECT_EQ(WithoutRepeats("diiiie", 3, 1), "die");
  EXPECT_EQ(WithoutRepeats("killlll", 3, 2), "kill");
  EXPECT_EQ(WithoutRepeats("хочуууу", 3, 1), "хочу");
}

TEST(Stem, JoinsForms) {
  EXPECT_EQ(Stem("killing"), Stem("kills"));
  EXPECT_EQ(Stem("tried"), Stem("tries"));
  EXPECT_EQ(Stem("cutting"), Stem("cut"));
  EXPECT_EQ(Stem("таблетки"), Stem("таблетками"));
  EXPECT_EQ(Stem("верёвка").empty(), false);
  EXPECT_EQ(Stem("подругой"), Stem("подруги"));
  EXPECT_EQ(Stem("одинокая"), Stem("одиноким"));
  EXPECT_EQ(Stem(""), "");
  EXPECT_EQ(Stem("я"), "я");
}

TEST(Spelling, FindsTheNearest) {
  Spelling spelling;
  for (const char* word : {"suicide", "kill", "самоубийство"}) spelling.Add(word);
  EXPECT_EQ(spelling.Nearest("suicde"), "suicide");
  EXPECT_EQ(spelling.Nearest("siucide"), "suicide");
  EXPECT_EQ(spelling.Nearest("самаубиство"), "самоубийство");
  EXPECT_EQ(spelling.Nearest("kil"), "") << "too short";
  EXPECT_EQ(spelling.Nearest("bill"), "") << "another first letter";
  EXPECT_EQ(spelling.Nearest("suede"), "");
}

TEST(EditDistance, CountsSwapsOnce) {
  EXPECT_EQ(EditDistance(U"kill", U"kil", 2), 1);
  EXPECT_EQ(EditDistance(U"kill", U"klil", 2), 1);
  EXPECT_EQ(EditDistance(U"kill", U"dead", 2), 3);
}

TEST(Characters, ArePlain) {
  EXPECT_EQ(Plain(U'Ё'), U'е');
  EXPECT_EQ(Plain(U'É'), U'e');
  EXPECT_EQ(Plain(U'𝐤'), U'k');
  EXPECT_EQ(Plain(U'Й'), U'й');
  EXPECT_EQ(Utf8(Utf32("привет")), "привет");
}

}  // namespace
}  // namespace selfology::safety
