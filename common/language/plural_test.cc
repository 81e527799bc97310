#include "common/language/plural.h"

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <random>
#include <utility>

#include "gtest/gtest.h"

namespace selfology::language {
namespace {

void ExpectRange(Language language, Plural plural,
                 std::initializer_list<std::pair<int64_t, int64_t>> ranges) {
  for (const auto& [first, last] : ranges) {
    for (int64_t number = first; number <= last; ++number) {
      EXPECT_EQ(PluralOf(language, number), plural) << number;
      EXPECT_EQ(PluralOf(language, static_cast<double>(number), 0), plural) << number;
    }
  }
}

// The samples of plurals.xml.
TEST(PluralOf, IsAsTheSamplesOfCldrInRussian) {
  ExpectRange(Language::kRussian, Plural::kOne,
              {{1, 1},
               {21, 21},
               {31, 31},
               {41, 41},
               {51, 51},
               {61, 61},
               {71, 71},
               {81, 81},
               {101, 101},
               {1001, 1001}});
  ExpectRange(Language::kRussian, Plural::kFew,
              {{2, 4}, {22, 24}, {32, 34}, {42, 44}, {52, 54}, {62, 62}, {102, 102}, {1002, 1002}});
  ExpectRange(Language::kRussian, Plural::kMany,
              {{0, 0},
               {5, 19},
               {100, 100},
               {1000, 1000},
               {10000, 10000},
               {100000, 100000},
               {1000000, 1000000}});
  for (const double fraction : {0.0, 0.5, 1.0, 1.5, 10.0, 100.0, 1000000.0}) {
    EXPECT_EQ(PluralOf(Language::kRussian, fraction, 1), Plural::kOther) << fraction;
  }
}

TEST(PluralOf, IsAsTheSamplesOfCldrInEnglish) {
  ExpectRange(Language::kEnglish, Plural::kOne, {{1, 1}});
  ExpectRange(Language::kEnglish, Plural::kOther,
              {{0, 0}, {2, 16}, {100, 101}, {1000, 1000}, {1000000, 1000000}});
  for (const double fraction : {0.0, 1.0, 1.5, 10.0}) {
    EXPECT_EQ(PluralOf(Language::kEnglish, fraction, 1), Plural::kOther) << fraction;
  }
}

TEST(PluralOf, TakesANumberAsItIsShown) {
  EXPECT_EQ(PluralOf(Language::kEnglish, 1.4, 0), Plural::kOne) << "shown as 1";
  EXPECT_EQ(PluralOf(Language::kRussian, 2.5, 0), Plural::kFew) << "printf rounds it to 2";
  EXPECT_EQ(PluralOf(Language::kRussian, 20.6, 0), Plural::kOne) << "shown as 21";
  EXPECT_EQ(PluralOf(Language::kRussian, std::numeric_limits<double>::quiet_NaN(), 0),
            Plural::kOther);
}

// The rules look at the last two digits, and at the sign never.
TEST(PluralOf, RepeatsEveryHundredInRussianWhateverTheSign) {
  std::mt19937_64 random(100);
  for (int round = 0; round < 10000; ++round) {
    const auto number = static_cast<int64_t>(random() >> 2);
    EXPECT_EQ(PluralOf(Language::kRussian, number), PluralOf(Language::kRussian, number % 100));
    for (const Language language : kLanguages) {
      EXPECT_EQ(PluralOf(language, number), PluralOf(language, -number));
    }
  }
  // -9223372036854775808
  EXPECT_EQ(PluralOf(Language::kRussian, std::numeric_limits<int64_t>::min()), Plural::kMany);
  EXPECT_EQ(PluralOf(Language::kEnglish, -1), Plural::kOne);
}

TEST(FormFor, ChoosesTheForm) {
  constexpr PluralForms kAnswers = {
      .one = "ответ", .few = "ответа", .many = "ответов", .other = "ответа"};
  EXPECT_EQ(FormFor(Language::kRussian, 21, kAnswers), "ответ");
  EXPECT_EQ(FormFor(Language::kRussian, 3, kAnswers), "ответа");
  EXPECT_EQ(FormFor(Language::kRussian, 11, kAnswers), "ответов");
  EXPECT_EQ(FormFor(Language::kRussian, 1.5, 1, kAnswers), "ответа");
  EXPECT_EQ(FormFor(Language::kEnglish, 0, {.one = "answer", .other = "answers"}), "answers");
}

}  // namespace
}  // namespace selfology::language
