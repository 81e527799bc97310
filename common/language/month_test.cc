#include "common/language/month.h"

#include <set>
#include <string_view>

#include "gtest/gtest.h"

namespace selfology::language {
namespace {

TEST(MonthTest, EachHasANameOfItsOwnInEachLanguage) {
  std::set<std::string_view> names;
  for (const Language language : {Language::kEnglish, Language::kRussian}) {
    for (int month = 1; month <= 12; ++month) names.insert(MonthAfterDay(language, month));
  }
  EXPECT_EQ(names.size(), 24u);
  EXPECT_EQ(MonthAfterDay(Language::kEnglish, 1), "Jan");
  EXPECT_EQ(MonthAfterDay(Language::kEnglish, 12), "Dec");
  EXPECT_EQ(MonthAfterDay(Language::kRussian, 5), "мая");
}

}  // namespace
}  // namespace selfology::language
