// What becomes of an answer that is submitted.

#include "common/http/client.h"
#include "common/status/status.h"
#include "services/coaching/analysis/analysis_fixture_test.h"

namespace selfology::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AnalysisEventsTest : public AnalysisTest {
 protected:
  std::string MetricsPage() {
    http::Client client({});
    const auto page = client.Send(
        Deadline(), {.url = absl::StrCat("http://", host().http_address(), "/metrics")});
    return page.ok() ? page->body : page.status().ToString();
  }
};

TEST_F(AnalysisEventsTest, AnAnswerIsAnalysedInBothPhases) {
  Submit(AnAnswer(7));
  AwaitBothPhases(1);

  const auto instant = Published<AnswerAnalyzedInstant>();
  ASSERT_THAT(instant, SizeIs(1));
  EXPECT_EQ(instant[0].user_id(), kUser);
  EXPECT_EQ(instant[0].answer_id(), 7);
  EXPECT_EQ(instant[0].question_id(), "q_identity_7");
  EXPECT_EQ(instant[0].sentiment(), v1::SENTIMENT_POSITIVE);
  EXPECT_EQ(instant[0].language(), "en");

  const auto deep = Published<AnswerAnalyzedDeep>();
  ASSERT_THAT(deep, SizeIs(1));
  EXPECT_THAT(deep[0].insights(), ElementsAre("You love to create."));
  EXPECT_EQ(deep[0].revision(), 1);
  EXPECT_EQ(deep[0].model_used(), "gpt-4o");
  EXPECT_EQ(deep[0].tokens_used(), 1000);
  EXPECT_EQ(deep[0].domain(), "IDENTITY");

  const auto traits = Published<TraitExtracted>();
  ASSERT_THAT(traits, SizeIs(1));
  ASSERT_THAT(traits[0].evidence(), SizeIs(1));
  EXPECT_EQ(traits[0].evidence(0).quote(), "creating art");
  EXPECT_EQ(traits[0].evidence(0).answer_id(), 7);
  EXPECT_GT(traits[0].traits().at("openness").value(), 0.5) << "what the evidence comes to";
  EXPECT_DOUBLE_EQ(traits[0].domain_affinities().at("CREATIVITY"), 0.9);
  EXPECT_EQ(traits[0].trigger(), "creative_answers");
  EXPECT_EQ(traits[0].revision(), 1);
  EXPECT_DOUBLE_EQ(traits[0].cost_usd(), 0.004);

  const v1::Analysis analysis = Get(7);
  EXPECT_EQ(analysis.status(), v1::ANALYSIS_STATUS_COMPLETE);
  EXPECT_EQ(analysis.deep().summary(), "Lives for art.");
  EXPECT_EQ(analysis.revision(), 1);
}

TEST_F(AnalysisEventsTest, AnEventThatComesTwiceIsAnalysedOnce) {
  const session::v1::Answer answer = AnAnswer(7);
  Submit(answer);
  AwaitBothPhases(1);
  Submit(answer);
  AwaitBothPhases(2);
  EXPECT_THAT(Published<AnswerAnalyzedInstant>(), SizeIs(1));
  EXPECT_THAT(Published<AnswerAnalyzedDeep>(), SizeIs(1));
  EXPECT_THAT(ai_->Asked(ai::v1::TASK_DEEP_ANALYSIS), SizeIs(1)) << "the AI is paid once";
}

// One person's events are handled in order: when a new answer has been, all before it have.
TEST_F(AnalysisEventsTest, EventsPublishedAgainAreNotPaidForAgain) {
  const auto expect_asked = [&](size_t answers) {
    EXPECT_THAT(ai_->Asked(ai::v1::TASK_INSTANT_ANALYSIS), SizeIs(answers));
    EXPECT_THAT(ai_->Asked(ai::v1::TASK_DEEP_ANALYSIS), SizeIs(answers));
  };
  Submit(AnAnswer(7));
  AwaitBothPhases(1);
  EXPECT_GT(Republish(), 0);
  Submit(AnAnswer(8));
  AwaitBothPhases(2);
  expect_asked(2);
  // Redis lost everything: all comes again.
  ASSERT_TRUE(redis().Command(Deadline(), {"FLUSHALL"}).ok());
  Submit(AnAnswer(9));
  AwaitBothPhases(3);
  expect_asked(3);

  v1::DeleteUserDataRequest erase;
  erase.set_user_id(kUser);
  ASSERT_TRUE(analysis_->DeleteUserData(Deadline(), erase).ok());
  // As if this service had never seen them.
  const auto forgotten = DatabaseAs("").Write(Deadline(), [](postgres::Transaction& tx) {
    return tx.Execute("DELETE FROM selfology.inbox");
  });
  ASSERT_TRUE(forgotten.ok()) << forgotten.status();
  EXPECT_GT(Republish(), 0);
  Submit(AnAnswer(10));
  AwaitBothPhases(4);
  expect_asked(4);
}

TEST_F(AnalysisEventsTest, FeedbackDoesNotWaitForASlowAi) {
  Start(absl::Milliseconds(50));
  ai_->Be(FakeAi::Mood::kHangs);
  Submit(AnAnswer(7));
  AwaitHandled("analysis_worker", 1);
  const auto instant = Published<AnswerAnalyzedInstant>();
  ASSERT_THAT(instant, SizeIs(1)) << "while the deep phase still waits for the AI";
  EXPECT_EQ(instant[0].model_used(), "rules");
  EXPECT_THAT(instant[0].key_themes(), ElementsAre("creativity", "altruism"));
  EXPECT_THAT(instant[0].brief_insight(), HasSubstr("alive when creating art"));
  EXPECT_THAT(MetricsPage(), HasSubstr("instant_analysis_duration_seconds_count{by=\"rules\"} 1"));
  EXPECT_EQ(Get(7).status(), v1::ANALYSIS_STATUS_INSTANT);

  ai_->Be(FakeAi::Mood::kAnswers);
  ai_->Release();
  AwaitHandled("analysis_worker.deep", 1);
  EXPECT_EQ(Get(7).status(), v1::ANALYSIS_STATUS_COMPLETE);
}

TEST_F(AnalysisEventsTest, RulesStandInWhenTheAiIsDownAndTheAiIsAskedAgainLater) {
  ai_->Be(FakeAi::Mood::kDown);
  Submit(AnAnswer(7));
  AwaitBothPhases(1);
  EXPECT_EQ(Published<AnswerAnalyzedInstant>()[0].model_used(), "rules");
  const auto traits = Published<TraitExtracted>();
  ASSERT_THAT(traits, SizeIs(1));
  EXPECT_EQ(traits[0].model_used(), "rules");
  ASSERT_FALSE(traits[0].evidence().empty()) << "signs by rules";
  EXPECT_THAT(std::string(kText), HasSubstr(traits[0].evidence(0).quote()));
  EXPECT_EQ(Get(7).status(), v1::ANALYSIS_STATUS_COMPLETE);

  ASSERT_TRUE(CatchUpNow().ok());
  EXPECT_EQ(Get(7).revision(), 1) << "not yet";
  Pass(absl::Minutes(11));
  EXPECT_EQ(status::Reason(CatchUpNow()), "FALLBACK_CHAIN_EXHAUSTED") << "still down";
  ai_->Be(FakeAi::Mood::kAnswers);
  ASSERT_TRUE(CatchUpNow().ok());
  EXPECT_EQ(Get(7).revision(), 1) << "an hour between attempts";
  Pass(absl::Hours(2));
  ASSERT_TRUE(CatchUpNow().ok());
  const v1::Analysis analysis = Get(7);
  EXPECT_EQ(analysis.revision(), 2);
  EXPECT_EQ(analysis.deep().model_used(), "gpt-4o");
  EXPECT_EQ(Published<TraitExtracted>()[1].revision(), 2);

  Pass(absl::Hours(100));
  ASSERT_TRUE(CatchUpNow().ok());
  EXPECT_EQ(Get(7).revision(), 2) << "done";
}

TEST_F(AnalysisEventsTest, NonsenseOfTheAiIsNotTaken) {
  ai_->Be(FakeAi::Mood::kTalksNonsense);
  Submit(AnAnswer(7));
  AwaitBothPhases(1);
  EXPECT_EQ(Published<AnswerAnalyzedInstant>()[0].model_used(), "rules");
  EXPECT_EQ(Published<AnswerAnalyzedDeep>()[0].model_used(), "rules");
}

TEST_F(AnalysisEventsTest, AnAnswerThatNobodyCanReadHasFailed) {
  ai_->Be(FakeAi::Mood::kDown);
  Submit(AnAnswer(7, "asdf qwer"));
  AwaitBothPhases(1);
  EXPECT_THAT(Published<AnswerAnalyzedDeep>(), IsEmpty());
  EXPECT_THAT(Published<TraitExtracted>(), IsEmpty());
  const v1::Analysis analysis = Get(7);
  EXPECT_EQ(analysis.status(), v1::ANALYSIS_STATUS_FAILED);
  EXPECT_EQ(analysis.failure_reason(), "FALLBACK_CHAIN_EXHAUSTED");
  EXPECT_EQ(analysis.instant().brief_insight(), "") << "there is nothing to say to it";
}

TEST_F(AnalysisEventsTest, APatternThatRecursBecomesAnInsightOnce) {
  for (int id = 1; id <= 5; ++id) Submit(OfCreating(id));
  AwaitBothPhases(5);
  const auto insights = Published<InsightGenerated>();
  ASSERT_THAT(insights, SizeIs(1));
  EXPECT_EQ(insights[0].insight_type(), v1::INSIGHT_TYPE_PATTERN);
  EXPECT_EQ(insights[0].answer_id(), 3) << "the third time";
  EXPECT_THAT(insights[0].content(), HasSubstr("I spent day 1 creating masks"));
  EXPECT_THAT(insights[0].content(), HasSubstr("I spent day 3 creating masks"));
  EXPECT_GT(insights[0].insight_id(), 0);
  const auto asked = ai_->Asked(ai::v1::TASK_DEEP_ANALYSIS);
  EXPECT_THAT(asked.back().messages(0).content(), HasSubstr("known_patterns"))
      << "so that it is recognised";
}

TEST_F(AnalysisEventsTest, TheSameAnswerThriceIsNoInsight) {
  for (int id = 1; id <= 4; ++id) Submit(AnAnswer(id));
  AwaitBothPhases(4);
  EXPECT_THAT(Published<InsightGenerated>(), IsEmpty());
}

TEST_F(AnalysisEventsTest, FeedbackThatTheWordsDoNotCarryIsNotSaid) {
  Submit(AnAnswer(7, "I've had three ECGs this year and I haven't told my husband."));
  AwaitBothPhases(1);
  const auto instant = Published<AnswerAnalyzedInstant>();
  ASSERT_THAT(instant, SizeIs(1));
  EXPECT_THAT(instant[0].brief_insight(), HasSubstr("Thank"));
}

TEST_F(AnalysisEventsTest, LongAndDeepAnswersGoToTheBestModel) {
  session::v1::Answer answer = AnAnswer(
      7,
      "I realised that I help others so that I do not have to look at myself. My father was "
      "strict, I still hear his "
      "voice when I fail, and I am afraid of being judged; but I am proud of what I achieved at "
      "work and I love my "
      "children, although I am exhausted and often angry. I ask myself why I cannot rest, because "
      "money was always "
      "tight when I was a child, and I think I learned that love must be earned. I dream of a life "
      "in which I paint, "
      "travel and trust people, and I am grateful that I can at least see the pattern now.");
  answer.set_depth_level(question::v1::DEPTH_LEVEL_CORE);
  Submit(answer);
  AwaitBothPhases(1);
  EXPECT_EQ(ai_->Asked(ai::v1::TASK_DEEP_ANALYSIS)[0].tier(), ai::v1::TIER_PREMIUM);
  EXPECT_EQ(Published<AnswerAnalyzedDeep>()[0].model_used(), "claude-sonnet-4");
}

TEST_F(AnalysisEventsTest, SpeaksThePersonsLanguage) {
  ai_->Be(FakeAi::Mood::kDown);
  session::v1::Answer answer = AnAnswer(7, "Я оживаю, когда рисую и помогаю другим.");
  answer.set_language("ru");
  Submit(answer);
  AwaitBothPhases(1);
  const auto instant = Published<AnswerAnalyzedInstant>();
  EXPECT_EQ(instant[0].language(), "ru");
  EXPECT_THAT(instant[0].key_themes(), ElementsAre("творчество", "забота о других"));
}

TEST_F(AnalysisEventsTest, NothingIsStoredOnceThePersonIsErased) {
  ai_->Be(FakeAi::Mood::kHangs);
  Start(absl::Milliseconds(20));
  Submit(AnAnswer(7));
  AwaitHandled("analysis_worker", 1);
  v1::DeleteUserDataRequest request;
  request.set_user_id(kUser);
  ASSERT_TRUE(analysis_->DeleteUserData(Deadline(), request).ok());
  ai_->Be(FakeAi::Mood::kAnswers);
  ai_->Release();
  AwaitHandled("analysis_worker.deep", 1);
  EXPECT_TRUE(absl::IsNotFound(
      analysis_->GetAnalysis(Deadline(), For<v1::GetAnalysisRequest>(7)).status()));
  EXPECT_THAT(Published<AnswerAnalyzedDeep>(), IsEmpty());
}

}  // namespace
}  // namespace selfology::analysis
