// Questions in a session: one for each answer, however often it is told, asked for or skipped.
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "services/coaching/question/question_fixture_test.h"

namespace selfology::question {
namespace {

using ::testing::ElementsAre;
using testing::EqualsProto;
using ::testing::SizeIs;

TEST_F(QuestionTest, ASessionGetsTenDifferentQuestions) {
  QuestionSelected question = Begin(1);
  EXPECT_EQ(question.user_id(), kUser);
  EXPECT_EQ(question.strategy(), v1::SELECTION_STRATEGY_ENTRY);
  EXPECT_EQ(question.language(), "en");
  EXPECT_EQ(question.max_questions(), 10);
  std::set<std::string> ids = {question.question_id()};
  for (int number = 2; number <= 10; ++number) {
    question = AnswerAndGoOn(question);
    EXPECT_EQ(question.question_number(), number);
    EXPECT_FALSE(question.question_text().empty());
    ids.insert(question.question_id());
  }
  EXPECT_EQ(question.strategy(), v1::SELECTION_STRATEGY_BALANCING);
  EXPECT_THAT(ids, SizeIs(10));
  Publish(AnswerTo(question));
  AwaitHandled("question_selection", 11);
  EXPECT_THAT(Published<QuestionSelected>(), SizeIs(10)) << "none after the last answer";
}

TEST_F(QuestionTest, TheNextQuestionComesInTheLanguageOfTheSession) {
  const QuestionSelected first = Begin(1, kUser, "ru");
  EXPECT_EQ(first.language(), "ru");
  EXPECT_EQ(first.question_text(), Get(first.question_id(), "ru")->question_text());
  const QuestionSelected second = AnswerAndGoOn(first, "en");
  EXPECT_EQ(second.question_text(), Get(second.question_id(), "en")->question_text());
}

TEST_F(QuestionTest, AnAnswerToldTwiceIsFollowedByOneQuestion) {
  const QuestionSelected first = Begin(1);
  Publish(AnswerTo(first));
  Publish(AnswerTo(first));
  Publish(AnswerTo(first));
  AwaitHandled("question_selection", 4);
  EXPECT_THAT(Published<QuestionSelected>(), SizeIs(2));
}

TEST_F(QuestionTest, NobodyIsAskedAgainInAnotherSession) {
  std::set<std::string> ids;
  for (int64_t session = 1; session <= 3; ++session) {
    QuestionSelected question = Begin(session);
    for (int number = 2; number <= 6; ++number) {
      EXPECT_TRUE(ids.insert(question.question_id()).second);
      question = AnswerAndGoOn(question);
    }
    ids.insert(question.question_id());
  }
}

TEST_F(QuestionTest, AskedForManyTimesAtOnceOneQuestionIsSelected) {
  const QuestionSelected first = Begin(1);
  std::vector<std::thread> callers;
  for (int i = 0; i < 6; ++i) {
    callers.emplace_back([&] {
      const auto selection = SelectNext(1, 1);
      EXPECT_TRUE(selection.ok()) << selection.status();
    });
  }
  Publish(AnswerTo(first));
  for (std::thread& caller : callers) caller.join();
  AwaitHandled("question_selection", 2);
  EXPECT_THAT(Published<QuestionSelected>(), SizeIs(2));
}

TEST_F(QuestionTest, APreviewShowsWhatWillBeChosenAndWritesNothing) {
  const QuestionSelected first = Begin(1);
  EXPECT_EQ(SelectNext(1, 0)->question().question_id(), first.question_id());
  const v1::Selection preview = SelectNext(1, 1, /*preview=*/true).value();
  EXPECT_THAT(Published<QuestionSelected>(), SizeIs(1));
  const v1::Selection selection = SelectNext(1, 1).value();
  EXPECT_THAT(selection.question(), EqualsProto(preview.question()));
  EXPECT_THAT(Published<QuestionSelected>(), SizeIs(2));
  EXPECT_THAT(SelectNext(1, 1).value(), EqualsProto(selection));
}

TEST_F(QuestionTest, RefusesSelectionsThatMakeNoSense) {
  EXPECT_EQ(ReasonOf(SelectNext(1, 0)), "SESSION_NOT_FOUND");
  Begin(1);
  Begin(2, kUser + 1);
  EXPECT_EQ(ReasonOf(SelectNext(2, 0)), "SESSION_NOT_FOUND") << "another person's";
  EXPECT_EQ(FieldOf(SelectNext(1, 2)), "answers_given");
  EXPECT_EQ(FieldOf(SelectNext(1, -1)), "answers_given");
  EXPECT_EQ(FieldOf(SelectNext(0, 0)), "session_id");
  for (int answers = 1; answers < 10; ++answers) EXPECT_TRUE(SelectNext(1, answers).ok());
  EXPECT_EQ(ReasonOf(SelectNext(1, 10)), "NO_QUESTIONS_LEFT");
}

TEST_F(QuestionTest, NothingIsAskedInASessionThatHasEnded) {
  const QuestionSelected first = Begin(1);
  SessionTimeout timeout;
  timeout.set_user_id(kUser);
  timeout.set_session_id(1);
  Publish(timeout);
  AwaitHandled("question_selection", 2);
  EXPECT_EQ(ReasonOf(SelectNext(1, 1)), "SESSION_NOT_ACTIVE");
  EXPECT_EQ(ReasonOf(Skip(1, first.question_id())), "NO_QUESTION_PENDING");
  EXPECT_EQ(SelectNext(1, 0)->question().question_id(), first.question_id())
      << "what was selected stays";
}

TEST_F(QuestionTest, ASkippedQuestionIsReplacedOnce) {
  const QuestionSelected first = Begin(1);
  const v1::Selection instead = Skip(1, first.question_id()).value();
  EXPECT_NE(instead.question().question_id(), first.question_id());
  EXPECT_EQ(instead.question_number(), 1);
  EXPECT_THAT(Skip(1, first.question_id()).value(), EqualsProto(instead));
  const auto events = Selected(1, 2);
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(events[1].replaces_question_id(), first.question_id());
  EXPECT_EQ(events[1].question_id(), instead.question().question_id());

  const QuestionSelected second = AnswerAndGoOn(events[1]);
  EXPECT_EQ(second.question_number(), 2);
  EXPECT_EQ(ReasonOf(Skip(1, events[1].question_id())), "NO_QUESTION_PENDING") << "answered";
  EXPECT_EQ(ReasonOf(Skip(1, "q_unknown")), "NO_QUESTION_PENDING");
  EXPECT_EQ(ReasonOf(Skip(7, first.question_id())), "NO_QUESTION_PENDING");
  EXPECT_THAT(Skip(1, first.question_id()).value(), EqualsProto(instead)) << "repeated much later";
}

TEST_F(QuestionTest, AHeavyQuestionComesToThoseWhoWelcomeIt) {
  QuestionSelected question = Begin(1);
  EXPECT_NE(Skip(1, question.question_id(), /*heavy_welcome=*/true)->question().energy_dynamics(),
            v1::ENERGY_DYNAMICS_HEAVY)
      << "too early";
  question = Selected(1, 2).back();
  while (question.question_number() < 7) {
    EXPECT_NE(question.energy_dynamics(), v1::ENERGY_DYNAMICS_HEAVY);
    question = AnswerAndGoOn(question);
  }
  const v1::Selection heavy = Skip(1, question.question_id(), /*heavy_welcome=*/true).value();
  EXPECT_EQ(heavy.question().energy_dynamics(), v1::ENERGY_DYNAMICS_HEAVY);
}

TEST_F(QuestionTest, DeepensIntoTheDomainsOfTheProfile) {
  QuestionSelected question = Begin(1);
  events::v1::ProfileUpdated updated;
  updated.set_user_id(kUser);
  for (const char* domain : {"IDENTITY", "EMOTIONS", "RELATIONSHIPS", "GROWTH", "WORK", "MONEY",
                             "HEALTH", "CREATIVITY", "VALUES", "SPIRITUALITY", "PAST", "FUTURE"}) {
    (*updated.mutable_profile()->mutable_domain_affinities())[domain] = 0.1;
  }
  (*updated.mutable_profile()->mutable_domain_affinities())["CREATIVITY"] = 0.95;
  Publish(updated);
  for (int number = 2; number <= 6; ++number) question = AnswerAndGoOn(question);
  EXPECT_EQ(question.strategy(), v1::SELECTION_STRATEGY_DEEPENING);
  EXPECT_EQ(question.domain(), "CREATIVITY");
}

TEST_F(QuestionTest, InterestsAreThoseOfTheLatestProfile) {
  Begin(1);
  events::v1::ProfileUpdated updated;
  updated.set_user_id(kUser);
  auto& affinities = *updated.mutable_profile()->mutable_domain_affinities();
  affinities["WORK"] = 0.5;
  affinities["PAST"] = 0.25;
  affinities["MONEY"] = 0.125;
  Publish(updated);
  affinities["WORK"] = 0.75;
  affinities.erase("PAST");
  Publish(updated);
  AwaitHandled("question_selection", 3);
  const auto rows =
      DatabaseAs("selfology_question").Read(Deadline(), [](postgres::Transaction& tx) {
        return tx.Query<std::string, double>(
            "SELECT domain, interest FROM question_interests ORDER BY domain");
      });
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(*rows, ElementsAre(std::tuple("MONEY", 0.125), std::tuple("WORK", 0.75)));
}

TEST_F(QuestionTest, ErasesEverythingAndStaysErased) {
  const QuestionSelected first = Begin(1);
  events::v1::ProfileUpdated updated;
  updated.set_user_id(kUser);
  (*updated.mutable_profile()->mutable_domain_affinities())["WORK"] = 0.5;
  Publish(updated);
  AwaitHandled("question_selection", 2);
  EXPECT_EQ(Erase(kUser), 3) << "a session, a selection, an interest";
  EXPECT_EQ(Erase(kUser), 0);

  // Events that were under way find nobody.
  Publish(AnswerTo(first));
  Publish(updated);
  AwaitHandled("question_selection", 4);
  EXPECT_EQ(Erase(kUser), 0);
  EXPECT_THAT(Published<QuestionSelected>(), SizeIs(1));
}

TEST_F(QuestionTest, WhatIsOnItsWayDoesNotBringAnErasedPersonBack) {
  SessionCreated created;
  created.set_user_id(kUser);
  created.set_session_id(1);
  created.set_max_answers(10);
  // Committed by the session service just before it erased; here only after the question service
  // did.
  postgres::Transaction under_way = DatabaseAs("selfology_mesh").Begin(Deadline());
  ASSERT_EQ(events::Publish(under_way, created), absl::OkStatus());
  ASSERT_EQ(under_way.Execute("SELECT").status(), absl::OkStatus());
  EXPECT_EQ(Erase(kUser), 0);
  ASSERT_EQ(under_way.Commit(), absl::OkStatus());
  AwaitHandled("question_selection", 1);
  EXPECT_EQ(Erase(kUser), 0);
  EXPECT_THAT(Published<QuestionSelected>(), SizeIs(0));

  // Who comes back begins anew.
  EXPECT_EQ(Begin(2).session_id(), 2);
}

}  // namespace
}  // namespace selfology::question
