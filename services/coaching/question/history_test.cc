#include "services/coaching/question/history.h"

#include <string>

#include "gtest/gtest.h"

namespace selfology::question {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'760'000'000);

Selected Chosen(int64_t session_id, std::string question_id, int number,
                std::string replaced_by = "") {
  return {.session_id = session_id,
          .question_id = std::move(question_id),
          .number = number,
          .strategy = v1::SELECTION_STRATEGY_ENTRY,
          .selected_at = kNow,
          .answer_length = std::nullopt,
          .replaced_by = std::move(replaced_by)};
}

TEST(HistoryTest, TheHolderOfAPlaceIsTheOneThatWasNotSkipped) {
  const History history = {Chosen(1, "a", 1), Chosen(2, "b", 1), Chosen(2, "c", 2, "d"),
                           Chosen(2, "d", 2)};
  EXPECT_EQ(Holder(history, 2, 2)->question_id, "d");
  EXPECT_EQ(Holder(history, 2, 3), nullptr);
  EXPECT_EQ(Find(history, 2, "c")->replaced_by, "d");
  EXPECT_EQ(Find(history, 1, "c"), nullptr) << "of another session";
  EXPECT_EQ(LatestNumber(history, 2), 2);
  EXPECT_EQ(LatestNumber(history, 3), 0);
}

class PickTest : public ::testing::Test {
 protected:
  std::optional<Selected> Next(int answers_given, const Selected* skipped = nullptr) {
    SessionState session;
    session.session_id = 5;
    return Pick(bank_, history_, {}, session, answers_given, skipped, kNow);
  }

  const Bank bank_ = ShippedBank().value();
  History history_;
};

TEST_F(PickTest, TakesItsPlaceInTheSession) {
  const Selected first = Next(0).value();
  EXPECT_EQ(first.session_id, 5);
  EXPECT_EQ(first.number, 1);
  EXPECT_EQ(first.strategy, v1::SELECTION_STRATEGY_ENTRY);
  EXPECT_EQ(first.selected_at, kNow);
  EXPECT_EQ(Next(0).value(), first) << "asked again, it chooses the same";
}

TEST_F(PickTest, NeverChoosesWhatAnotherSessionHad) {
  std::set<std::string> ids;
  for (int64_t session = 1; session <= 4; ++session) {
    for (int number = 1; number <= 10; ++number) {
      SessionState state;
      state.session_id = session;
      history_.push_back(Pick(bank_, history_, {}, state, number - 1, nullptr, kNow).value());
      history_.back().answer_length = 100;
      EXPECT_TRUE(ids.insert(history_.back().question_id).second);
    }
  }
}

TEST_F(PickTest, AReplacementIsAnotherQuestionAndNoHarder) {
  for (int i = 0; i < 5; ++i) {
    const Selected skipped = history_.empty() ? Next(0).value() : history_.back();
    if (history_.empty()) history_.push_back(skipped);
    const Selected instead = Next(0, &skipped).value();
    EXPECT_NE(instead.question_id, skipped.question_id);
    EXPECT_EQ(instead.number, 1);
    EXPECT_LE(bank_.Find(instead.question_id)->depth_level(),
              bank_.Find(skipped.question_id)->depth_level());
    history_.back().replaced_by = instead.question_id;
    history_.push_back(instead);
  }
}

TEST(InterestsTest, TheProfileCountsMoreThanTheLengthOfAnswers) {
  const Interests interests =
      InterestsOf({{"WORK", 0.2}}, {{"WORK", 900}, {"PAST", 300}, {"PAST", 500}, {"MONEY", 100}});
  EXPECT_EQ(interests.at("WORK"), 0.2);
  EXPECT_DOUBLE_EQ(interests.at("PAST"), 400.0 / 900);
  EXPECT_DOUBLE_EQ(interests.at("MONEY"), 100.0 / 900);
  EXPECT_TRUE(InterestsOf({}, {}).empty());
}

}  // namespace
}  // namespace selfology::question
