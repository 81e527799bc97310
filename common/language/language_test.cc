#include "common/language/language.h"

#include <optional>

#include "gtest/gtest.h"

namespace selfology::language {
namespace {

TEST(Spoken, GoesByTheLanguageWhateverComesAfterIt) {
  EXPECT_EQ(Spoken("en"), Language::kEnglish);
  EXPECT_EQ(Spoken("en_GB"), Language::kEnglish);
  EXPECT_EQ(Spoken("ru"), Language::kRussian);
  EXPECT_EQ(Spoken("RU-ru"), Language::kRussian);
  EXPECT_EQ(Spoken("ru-Latn-RU-petr1708"), Language::kRussian);
}

TEST(Spoken, IsNoOtherLanguageAndNothingThatIsNoTag) {
  for (const char* tag :
       {"", "de", "rue", "run", "rum", "rus", "enm", "x-ru", "ru-", "ru RU", "r"}) {
    EXPECT_EQ(Spoken(tag), std::nullopt) << tag;
    EXPECT_EQ(LanguageOf(tag), Language::kEnglish);
  }
}

TEST(TagOf, IsReadAsTheSameLanguage) {
  for (const Language language : kLanguages) EXPECT_EQ(Spoken(TagOf(language)), language);
}

TEST(EnglishNameOf, NamesEachLanguage) {
  EXPECT_EQ(EnglishNameOf(Language::kEnglish), "English");
  EXPECT_EQ(EnglishNameOf(Language::kRussian), "Russian");
}

}  // namespace
}  // namespace selfology::language
