#include "services/coaching/coaching_dialog/guide.h"

#include <string>

#include "common/text/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::coaching_dialog {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kLast = Guide::kMenuExample;

bool IsRussian(std::string_view text) {
  return text.find('\xd0') != text.npos || text.find('\xd1') != text.npos;
}

TEST(GuideTest, SaysEverythingInBothLanguagesWithTheSamePlaces) {
  for (int i = 0; i <= static_cast<int>(kLast); ++i) {
    const std::string_view english = Phrase(Language::kEnglish, static_cast<Guide>(i));
    const std::string_view russian = Phrase(Language::kRussian, static_cast<Guide>(i));
    EXPECT_FALSE(english.empty()) << i;
    EXPECT_FALSE(IsRussian(english)) << english;
    EXPECT_TRUE(IsRussian(russian)) << russian;
    EXPECT_THAT(std::string(russian), AllOf(Not(HasSubstr("(на)")), Not(HasSubstr("(а)"))));
    for (const char* place : {"$0", "$1", "$2", "$3", "$4", "<b>", "</b>", "<i>", "</i>"}) {
      EXPECT_EQ(english.find(place) == std::string_view::npos,
                russian.find(place) == std::string_view::npos)
          << english << " " << place;
    }
  }
}

TEST(GuideTest, LabelsFitOnButtons) {
  for (const Language language : kLanguages) {
    for (int i = static_cast<int>(Guide::kButtonWhy); i <= static_cast<int>(kLast); ++i) {
      EXPECT_LE(text::Characters(Phrase(language, static_cast<Guide>(i))), 64);
    }
  }
}

TEST(GuideTest, GuidanceIsTheQuestionsOrSomethingOfUse) {
  question::v1::Question question;
  for (const Language language : kLanguages) {
    EXPECT_THAT(guide::Why(language, question), Not(HasSubstr("$")));
    EXPECT_THAT(guide::Rephrased(language, question), Not(HasSubstr("$")));
    EXPECT_THAT(guide::Example(language, question), Not(HasSubstr("$")));
  }
  question.set_why("It shows <what> you want.");
  question.set_rephrased("What now?");
  question.set_example("A walk & a book.");
  EXPECT_THAT(guide::Why(Language::kEnglish, question),
              HasSubstr("It shows &lt;what&gt; you want."));
  EXPECT_THAT(guide::Rephrased(Language::kRussian, question),
              AllOf(HasSubstr("Другими словами"), HasSubstr("What now?")));
  EXPECT_THAT(guide::Example(Language::kEnglish, question), HasSubstr("A walk &amp; a book."));
}

events::v1::QuestionSelected Selected(int number, question::v1::SelectionStrategy strategy) {
  events::v1::QuestionSelected event;
  event.set_question_number(number);
  event.set_strategy(strategy);
  return event;
}

TEST(GuideTest, AHeavyQuestionIsOfferedWhereOneWouldBeGiven) {
  constexpr int kLong = 200;
  const auto deepening = question::v1::SELECTION_STRATEGY_DEEPENING;
  EXPECT_TRUE(guide::IsTimeForHeavy(Selected(7, deepening), 0)) << "the way down is there";
  EXPECT_TRUE(guide::IsTimeForHeavy(Selected(6, deepening), kLong)) << "they have opened up";
  EXPECT_TRUE(guide::IsTimeForHeavy(Selected(8, deepening), kLong));
  EXPECT_FALSE(guide::IsTimeForHeavy(Selected(6, deepening), 20));
  EXPECT_FALSE(guide::IsTimeForHeavy(Selected(9, deepening), kLong)) << "none may come after it";
  EXPECT_FALSE(
      guide::IsTimeForHeavy(Selected(5, question::v1::SELECTION_STRATEGY_EXPLORATION), kLong));
  events::v1::QuestionSelected instead = Selected(7, deepening);
  instead.set_replaces_question_id("q6");
  EXPECT_FALSE(guide::IsTimeForHeavy(instead, kLong)) << "they have just skipped one";
}

TEST(GuideTest, StatementsComeWithEveryOtherQuestion) {
  std::string with;
  for (int number = 1; number <= 10; ++number) {
    if (guide::IsTimeForStatements(Selected(number, question::v1::SELECTION_STRATEGY_ENTRY))) {
      with += std::to_string(number);
    }
  }
  EXPECT_EQ(with, "3579");
}

TEST(GuideTest, RatingsSurviveTheirButtons) {
  const std::string data =
      guide::RatingButton({.rating = 4, .left = 1, .statement_id = "mini_ipip_07"});
  EXPECT_EQ(data, "rate:4:1:mini_ipip_07");
  const auto rating = guide::ParseRating(data.substr(5));
  ASSERT_TRUE(rating.has_value());
  EXPECT_EQ(rating->rating, 4);
  EXPECT_EQ(rating->left, 1);
  EXPECT_EQ(rating->statement_id, "mini_ipip_07");
  for (const char* bad : {"", "4", "4:1", "4:1:", "0:1:s", "6:1:s", "x:1:s", "4:x:s"}) {
    EXPECT_FALSE(guide::ParseRating(bad).has_value()) << bad;
  }
}

TEST(GuideTest, AStatementSaysWhereOneIsAndWhatTheTapsMean) {
  trait::v1::GetNextStatementResponse next;
  EXPECT_FALSE(
      guide::StatementMessage(Language::kEnglish, next, 1, Guide::kStatement, "k").has_value());
  next.mutable_statement()->set_statement_id("s1");
  next.mutable_statement()->set_text("I like order & quiet.");
  for (const char* choice : {"very inaccurate", "b", "c", "d", "very accurate"}) {
    next.mutable_statement()->add_choices(choice);
  }
  next.set_rated_count(2);
  next.set_statement_count(20);
  const auto message = guide::StatementMessage(Language::kEnglish, next, 1, Guide::kStatement, "k");
  ASSERT_TRUE(message.has_value());
  EXPECT_THAT(message->message_text(),
              AllOf(HasSubstr("3 of 20"), HasSubstr("I like order &amp; quiet."),
                    HasSubstr("1 — very inaccurate, 5 — very accurate")));
  EXPECT_EQ(message->lifecycle(), v1::MESSAGE_LIFECYCLE_SYSTEM);
  EXPECT_EQ(message->tag(), "statement");
  EXPECT_EQ(message->mark(), "") << "the question goes on waiting";
  ASSERT_EQ(message->button_rows_size(), 2);
  EXPECT_EQ(message->button_rows(0).buttons_size(), 5);
  EXPECT_EQ(message->button_rows(0).buttons(4).callback_data(), "rate:5:1:s1");
}

}  // namespace
}  // namespace selfology::coaching_dialog
