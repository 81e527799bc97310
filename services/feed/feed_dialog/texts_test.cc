#include "services/feed/feed_dialog/texts.h"

#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::feed_dialog {
namespace {

int Places(std::string_view phrase) {
  int places = 0;
  for (size_t at = phrase.find("{}"); at != std::string_view::npos;
       at = phrase.find("{}", at + 2)) {
    ++places;
  }
  return places;
}

TEST(TextsTest, EveryTextIsThereInBothLanguagesAndTakesAsMuch) {
  for (int i = 0; i < static_cast<int>(Text::kCount); ++i) {
    const auto text = static_cast<Text>(i);
    const std::string_view english = Phrase(Language::kEnglish, text);
    const std::string_view russian = Phrase(Language::kRussian, text);
    EXPECT_FALSE(english.empty()) << i;
    EXPECT_FALSE(russian.empty()) << i;
    EXPECT_EQ(Places(english), Places(russian)) << english;
    EXPECT_EQ(std::count(english.begin(), english.end(), '<'),
              std::count(russian.begin(), russian.end(), '<'))
        << english;
  }
}

TEST(TextsTest, FillsInOneValueAfterTheOther) {
  EXPECT_EQ(Fill("a {} b {} c", {"1", "2"}), "a 1 b 2 c");
  EXPECT_EQ(Fill("a {} b {} c", {"{}"}), "a {} b  c");
  EXPECT_EQ(Fill("", {"1"}), "");
}

}  // namespace
}  // namespace selfology::feed_dialog
