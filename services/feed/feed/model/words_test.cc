#include "services/feed/feed/model/words.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::feed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> Stems(std::string_view text) {
  std::vector<std::string> stems;
  for (const Word& word : WordReader().Read(text)) stems.push_back(word.stem);
  return stems;
}

TEST(WordReaderTest, CutsEnglishAndRussianWordsToStems) {
  EXPECT_THAT(Stems("Running runs"), ElementsAre("run", "run"));
  EXPECT_THAT(Stems("Футболист футболиста"), ElementsAre("футболист", "футболист"));
  EXPECT_THAT(Stems("ÉCOLE École"), ElementsAre("école", "école"));
}

TEST(WordReaderTest, KeepsHashtagsApartAndAsTheyAre) {
  const auto words = WordReader().Read("#Goals goals #new_year");
  ASSERT_THAT(words, SizeIs(3));
  EXPECT_EQ(words[0].stem, "#goals");
  EXPECT_EQ(words[0].surface, "#Goals");
  EXPECT_EQ(words[1].stem, "goal");
  EXPECT_EQ(words[2].stem, "#new_year");
}

TEST(WordReaderTest, LeavesOutWhatTellsNothing) {
  EXPECT_THAT(Stems("the and это что 2024 ab http://goal.example/goal @goal t.me/goal www.goal.eu "
                    "HTTPS://GOAL.example"),
              IsEmpty());
  EXPECT_THAT(Stems("see @durov goal"), ElementsAre("see", "goal"));
  EXPECT_THAT(Stems("# ## @ :// 😀"), IsEmpty());
}

TEST(WordReaderTest, EndsForEveryInput) {
  EXPECT_THAT(Stems("\xff\xfe goal \xd0"), ElementsAre("goal"));
  EXPECT_THAT(Stems(std::string(10000, 'x')), IsEmpty()) << "no word is that long";
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "goal ";
  EXPECT_THAT(WordReader().Read(many, 10), SizeIs(10));
}

TEST(StableHashTest, NeverChanges) {
  // What was stored with these numbers must be found again.
  EXPECT_EQ(StableHash(""), 0xecba3df2c3383c52);
  EXPECT_EQ(StableHash("goal"), 0x9d2deeb625d68f6);
  EXPECT_NE(StableHash("goal"), StableHash("goat"));
}

}  // namespace
}  // namespace selfology::feed
