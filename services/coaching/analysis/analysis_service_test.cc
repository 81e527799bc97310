// The endpoints, over gRPC.

#include <set>

#include "common/status/status.h"
#include "services/coaching/analysis/analysis_fixture_test.h"

namespace selfology::analysis {
namespace {

using ::selfology::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AnalysisServiceTest : public AnalysisTest {
 protected:
  static std::string BadField(const absl::Status& status) {
    const auto violations = status::Violations(status);
    return violations.empty() ? "" : violations[0].field;
  }
};

TEST_F(AnalysisServiceTest, LooksAtAnyTextAndStoresNothing) {
  v1::AnalyzeInstantRequest request;
  request.set_answer_text(kText);
  const auto response = analysis_->AnalyzeInstant(Deadline(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->analysis().brief_insight(), "You feel most alive when creating art.");
  EXPECT_EQ(response->analysis().model_used(), "gpt-4o");

  ai_->Be(FakeAi::Mood::kDown);
  EXPECT_EQ(analysis_->AnalyzeInstant(Deadline(), request)->analysis().model_used(), "rules");
  v1::ListAnalysesRequest list;
  list.set_user_id(kUser);
  EXPECT_THAT(analysis_->ListAnalyses(Deadline(), list)->analyses(), IsEmpty());
}

TEST_F(AnalysisServiceTest, StopsAskingAnAiThatKeepsMissingTheBudget) {
  ai_->Be(FakeAi::Mood::kDown);
  v1::AnalyzeInstantRequest request;
  request.set_answer_text(kText);
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(analysis_->AnalyzeInstant(Deadline(), request).ok());
  EXPECT_THAT(ai_->Asked(ai::v1::TASK_INSTANT_ANALYSIS), SizeIs(5)) << "then the breaker is open";
}

TEST_F(AnalysisServiceTest, AnalysesAnAnswerNowAndOnce) {
  sessions_->Add(AnAnswer(7));
  const auto first = analysis_->AnalyzeAnswer(Deadline(), For<v1::AnalyzeAnswerRequest>(7));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->analysis().status(), v1::ANALYSIS_STATUS_COMPLETE);
  EXPECT_EQ(first->analysis().instant().brief_insight(), "You feel most alive when creating art.");
  EXPECT_EQ(first->analysis().revision(), 1);
  const auto again = analysis_->AnalyzeAnswer(Deadline(), For<v1::AnalyzeAnswerRequest>(7));
  EXPECT_THAT(*again, EqualsProto(*first));
  // The event that comes late finds everything done.
  Publish(Submitted(AnAnswer(7)));
  AwaitBothPhases(1);
  EXPECT_THAT(Published<AnswerAnalyzedInstant>(), SizeIs(1));
  EXPECT_THAT(Published<AnswerAnalyzedDeep>(), SizeIs(1));
  EXPECT_THAT(Published<TraitExtracted>(), SizeIs(1));
}

TEST_F(AnalysisServiceTest, SaysWhyAnAnswerCannotBeAnalysed) {
  EXPECT_EQ(status::Reason(
                analysis_->AnalyzeAnswer(Deadline(), For<v1::AnalyzeAnswerRequest>(9)).status()),
            "ANSWER_NOT_FOUND");
  EXPECT_EQ(
      status::Reason(
          analysis_->ReanalyzeAnswer(Deadline(), For<v1::ReanalyzeAnswerRequest>(9)).status()),
      "ANALYSIS_NOT_FOUND");
  sessions_->Add(AnAnswer(7));
  ai_->Be(FakeAi::Mood::kDown);
  EXPECT_EQ(status::Reason(
                analysis_->AnalyzeAnswer(Deadline(), For<v1::AnalyzeAnswerRequest>(7)).status()),
            "FALLBACK_CHAIN_EXHAUSTED");
  ai_->Be(FakeAi::Mood::kTalksNonsense);
  EXPECT_EQ(status::Reason(
                analysis_->AnalyzeAnswer(Deadline(), For<v1::AnalyzeAnswerRequest>(7)).status()),
            "ANALYSIS_FAILED");
  EXPECT_EQ(Get(7).status(), v1::ANALYSIS_STATUS_INSTANT) << "the quick look is kept";
}

TEST_F(AnalysisServiceTest, ReanalysesFromTheRevisionThatWasSeen) {
  sessions_->Add(AnAnswer(7));
  ASSERT_TRUE(analysis_->AnalyzeAnswer(Deadline(), For<v1::AnalyzeAnswerRequest>(7)).ok());
  auto request = For<v1::ReanalyzeAnswerRequest>(7);
  request.set_after_revision(1);
  request.set_premium(true);
  const auto better = analysis_->ReanalyzeAnswer(Deadline(), request);
  ASSERT_TRUE(better.ok()) << better.status();
  EXPECT_EQ(better->analysis().revision(), 2);
  EXPECT_EQ(better->analysis().deep().model_used(), "claude-sonnet-4");
  const auto again = analysis_->ReanalyzeAnswer(Deadline(), request);
  EXPECT_THAT(*again, EqualsProto(*better));
  EXPECT_THAT(Published<AnswerAnalyzedDeep>(), SizeIs(2));
  EXPECT_EQ(Published<TraitExtracted>()[1].revision(), 2);
}

TEST_F(AnalysisServiceTest, ARevisionReplacesWhatTheOneBeforeSawAndIsNoNewSighting) {
  sessions_->Add(AnAnswer(7));
  ASSERT_TRUE(analysis_->AnalyzeAnswer(Deadline(), For<v1::AnalyzeAnswerRequest>(7)).ok());
  for (int revision = 1; revision < 4; ++revision) {
    auto request = For<v1::ReanalyzeAnswerRequest>(7);
    request.set_after_revision(revision);
    ASSERT_TRUE(analysis_->ReanalyzeAnswer(Deadline(), request).ok());
  }
  EXPECT_EQ(Get(7).revision(), 4);
  EXPECT_THAT(Published<InsightGenerated>(), IsEmpty());
}

TEST_F(AnalysisServiceTest, ListsAnalysesInPagesNewestFirst) {
  for (int id = 1; id <= 5; ++id) {
    session::v1::Answer answer = AnAnswer(id);
    answer.set_session_id(id == 1 ? 1 : 2);
    sessions_->Add(answer);
    ASSERT_TRUE(analysis_->AnalyzeAnswer(Deadline(), For<v1::AnalyzeAnswerRequest>(id)).ok());
  }
  v1::ListAnalysesRequest request;
  request.set_user_id(kUser);
  request.set_session_id(2);
  request.set_page_size(3);
  std::vector<int64_t> ids;
  for (int pages = 0; pages < 2; ++pages) {
    const auto page = analysis_->ListAnalyses(Deadline(), request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Analysis& analysis : page->analyses()) ids.push_back(analysis.answer_id());
    request.set_page_token(page->next_page_token());
  }
  EXPECT_THAT(ids, ElementsAre(5, 4, 3, 2));
  EXPECT_EQ(request.page_token(), "");
  request.set_status(v1::ANALYSIS_STATUS_FAILED);
  EXPECT_THAT(analysis_->ListAnalyses(Deadline(), request)->analyses(), IsEmpty());
}

TEST_F(AnalysisServiceTest, ListsInsights) {
  for (int id = 1; id <= 3; ++id) {
    sessions_->Add(OfCreating(id));
    ASSERT_TRUE(analysis_->AnalyzeAnswer(Deadline(), For<v1::AnalyzeAnswerRequest>(id)).ok());
  }
  v1::ListInsightsRequest request;
  request.set_user_id(kUser);
  const auto response = analysis_->ListInsights(Deadline(), request);
  ASSERT_TRUE(response.ok());
  ASSERT_EQ(response->insights_size(), 1);
  EXPECT_EQ(response->insights(0).insight_type(), v1::INSIGHT_TYPE_PATTERN);
  EXPECT_EQ(response->insights(0).language(), "en");
  EXPECT_TRUE(response->insights(0).has_created_at());
  request.set_insight_type(v1::INSIGHT_TYPE_CONTRADICTION);
  EXPECT_THAT(analysis_->ListInsights(Deadline(), request)->insights(), IsEmpty());
}

TEST_F(AnalysisServiceTest, ErasesAPerson) {
  for (int id = 1; id <= 3; ++id) {
    sessions_->Add(OfCreating(id));
    ASSERT_TRUE(analysis_->AnalyzeAnswer(Deadline(), For<v1::AnalyzeAnswerRequest>(id)).ok());
  }
  v1::DeleteUserDataRequest request;
  request.set_user_id(kUser);
  const auto response = analysis_->DeleteUserData(Deadline(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->deleted_rows(), 3 + 3 + 1) << "analyses, patterns, insights";
  EXPECT_EQ(analysis_->DeleteUserData(Deadline(), request)->deleted_rows(), 0);
  EXPECT_EQ(
      status::Reason(analysis_->GetAnalysis(Deadline(), For<v1::GetAnalysisRequest>(1)).status()),
      "ANALYSIS_NOT_FOUND");
}

TEST_F(AnalysisServiceTest, APersonWhoComesBackIsAnalysedAgain) {
  v1::DeleteUserDataRequest request;
  request.set_user_id(kUser);
  ASSERT_TRUE(analysis_->DeleteUserData(Deadline(), request).ok());
  Submit(AnAnswer(8));
  AwaitBothPhases(1);
  EXPECT_EQ(Get(8).status(), v1::ANALYSIS_STATUS_COMPLETE);
}

TEST_F(AnalysisServiceTest, KeepsPeopleApart) {
  sessions_->Add(AnAnswer(7));
  ASSERT_TRUE(analysis_->AnalyzeAnswer(Deadline(), For<v1::AnalyzeAnswerRequest>(7)).ok());
  auto request = For<v1::GetAnalysisRequest>(7);
  request.set_user_id(kUser + 1);
  EXPECT_TRUE(absl::IsNotFound(analysis_->GetAnalysis(Deadline(), request).status()));
}

TEST_F(AnalysisServiceTest, NamesBadFields) {
  EXPECT_EQ(BadField(analysis_->AnalyzeInstant(Deadline(), {}).status()), "answer_text");
  v1::AnalyzeInstantRequest longest;
  longest.set_answer_text(std::string(4097, 'a'));
  EXPECT_EQ(BadField(analysis_->AnalyzeInstant(Deadline(), longest).status()), "answer_text");
  EXPECT_EQ(BadField(analysis_->AnalyzeAnswer(Deadline(), {}).status()), "user_id");
  EXPECT_EQ(BadField(analysis_->GetAnalysis(Deadline(), For<v1::GetAnalysisRequest>(0)).status()),
            "answer_id");
  auto negative = For<v1::ReanalyzeAnswerRequest>(7);
  negative.set_after_revision(-1);
  EXPECT_EQ(BadField(analysis_->ReanalyzeAnswer(Deadline(), negative).status()), "after_revision");
  EXPECT_EQ(BadField(analysis_->ListInsights(Deadline(), {}).status()), "user_id");
  EXPECT_EQ(BadField(analysis_->DeleteUserData(Deadline(), {}).status()), "user_id");
}

}  // namespace
}  // namespace selfology::analysis
