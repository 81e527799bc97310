#include "services/feed/channel_reader/advice.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::channel_reader {
namespace {

TEST(AdviceTest, EveryReasonHasWordsOfItsOwnInEveryLanguage) {
  std::set<std::string> seen;
  for (const Language language : language::kLanguages) {
    EXPECT_EQ(AdviceOf(v1::UNREADABLE_REASON_UNSPECIFIED, language), "");
    for (int reason = 1; v1::UnreadableReason_IsValid(reason); ++reason) {
      const std::string words = AdviceOf(static_cast<v1::UnreadableReason>(reason), language);
      EXPECT_FALSE(words.empty()) << reason;
      EXPECT_TRUE(seen.insert(words).second) << words;
    }
  }
}

TEST(AdviceTest, SaysWhatAReadingBrought) {
  EXPECT_EQ(BroughtWords(1, 0, 0, Language::kEnglish), "1 new post.");
  EXPECT_EQ(BroughtWords(5, 2, 1, Language::kEnglish), "5 new posts, edited: 2, deleted: 1.");
  EXPECT_EQ(BroughtWords(21, 0, 0, Language::kRussian), "21 новый пост.");
  EXPECT_EQ(BroughtWords(3, 0, 4, Language::kRussian), "3 новых поста, удалено: 4.");
  EXPECT_EQ(BroughtWords(0, 0, 0, Language::kRussian), "Ничего нового.");
}

}  // namespace
}  // namespace selfology::channel_reader
