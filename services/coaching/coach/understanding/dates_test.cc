#include "services/coaching/coach/understanding/dates.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::coach {
namespace {

using language::Language;

constexpr absl::CivilDay kMonday(2026, 11, 30);

std::string Found(std::string_view text) {
  const Utterance message(text);
  std::string found;
  for (const DateMention& date : FindDates(message, kMonday)) found += DayText(date.day) + " ";
  return found;
}

TEST(FindDatesTest, ReadsEnglishAndRussian) {
  for (const auto& [text, day] : std::initializer_list<std::pair<const char*, const char*>>{
           {"exam on Friday", "2026-12-04 "},
           {"tomorrow", "2026-12-01 "},
           {"this Monday", "2026-11-30 "},
           {"on Monday", "2026-12-07 "},
           {"next Friday", "2026-12-11 "},
           {"in two weeks", "2026-12-14 "},
           {"in a couple of days", "2026-12-02 "},
           {"on December 5th", "2026-12-05 "},
           {"3 of January", "2027-01-03 "},
           {"last Friday", "2026-11-27 "},
           {"next week", "2026-12-07 "},
           {"экзамен в пятницу", "2026-12-04 "},
           {"послезавтра", "2026-12-02 "},
           {"через три дня", "2026-12-03 "},
           {"через неделю", "2026-12-07 "},
           {"5 декабря и 3 января", "2026-12-05 2027-01-03 "},
           {"на следующей неделе", "2026-12-07 "},
           {"I may go, he went in first", ""}}) {
    EXPECT_EQ(Found(text), day) << text;
  }
}

TEST(DayTest, IsWrittenAndReadAndSaid) {
  EXPECT_EQ(ParseDay("2026-12-04"), absl::CivilDay(2026, 12, 4));
  for (const std::string_view bad : {"", "2026-02-30", "2026-2-3", "tomorrow", "2026-12-04 "}) {
    EXPECT_FALSE(ParseDay(bad).has_value()) << bad;
  }
  EXPECT_EQ(SpokenDay(kMonday, kMonday, Language::kEnglish), "today");
  EXPECT_EQ(SpokenDay(kMonday + 4, kMonday, Language::kEnglish), "on Friday, 4 December");
  EXPECT_EQ(NamedDay(kMonday, Language::kRussian), "понедельник, 30 ноября");
  EXPECT_EQ(SpokenDay(kMonday + 1, kMonday, Language::kRussian), "завтра");
  EXPECT_EQ(SpokenDay(kMonday + 1 + 7, kMonday, Language::kRussian), "во вторник, 8 декабря");
}

}  // namespace
}  // namespace selfology::coach
