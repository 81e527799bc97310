#include "services/coaching/trait/trait_service.h"

#include <optional>
#include <set>
#include <string>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/events/v1/profile.pb.h"
#include "selfology/trait/v1/trait_service_client.h"
#include "services/coaching/trait/module.h"
#include "testing/mesh_test.h"

namespace selfology::trait {
namespace {

using events::v1::StatementRated;
using events::v1::TraitEvolutionDetected;
using events::v1::TraitExtracted;
using events::v1::TraitPatternIdentified;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;

class TraitServiceTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(MakeModule()));
    traits_.emplace(Peer("trait"));
  }

  void Show(double openness, int64_t answer_id = 1) {
    TraitExtracted event;
    event.set_user_id(kUser);
    event.set_answer_id(answer_id);
    event.set_trigger("creative_answers");
    auto& estimate = (*event.mutable_traits())["openness"];
    estimate.set_value(openness);
    estimate.set_confidence(0.75);
    Publish(event);
    AwaitHandled("trait_evolution", ++shown_);
  }

  absl::StatusOr<v1::ListTraitHistoryResponse> ListHistory() {
    v1::ListTraitHistoryRequest request;
    request.set_user_id(kUser);
    return traits_->ListTraitHistory(Deadline(), request);
  }

  absl::StatusOr<v1::RateStatementResponse> Rate(const std::string& statement_id, int32_t rating) {
    v1::RateStatementRequest request;
    request.set_user_id(kUser);
    request.set_statement_id(statement_id);
    request.set_rating(rating);
    return traits_->RateStatement(Deadline(), request);
  }

  std::optional<v1::TraitServiceClient> traits_;
  size_t shown_ = 0;
};

TEST_F(TraitServiceTest, RecordsWhatAnAnswerShowsWithTheValueBefore) {
  Show(0.70);
  Show(0.82, 2);
  const auto history = ListHistory();
  ASSERT_TRUE(history.ok()) << history.status();
  ASSERT_THAT(history->records(), SizeIs(2));
  const v1::TraitRecord& newest = history->records(0);
  EXPECT_EQ(newest.trait_name(), "openness");
  EXPECT_DOUBLE_EQ(newest.old_value(), 0.70);
  EXPECT_DOUBLE_EQ(newest.new_value(), 0.82);
  EXPECT_EQ(newest.answer_id(), 2);
  EXPECT_EQ(newest.trigger(), "creative_answers");
  EXPECT_FALSE(history->records(1).has_old_value());
}

TEST_F(TraitServiceTest, FindsTheValueBeforeHoweverLongAgo) {
  Show(0.70);
  const absl::Status aged =
      DatabaseAs("selfology_trait").Write(Deadline(), [](postgres::Transaction& tx) {
        return tx.Execute("UPDATE trait_history SET timestamp = timestamp - interval '1 year'")
            .status();
      });
  ASSERT_TRUE(aged.ok()) << aged;
  Show(0.82, 2);
  const auto history = ListHistory();
  ASSERT_TRUE(history.ok()) << history.status();
  ASSERT_THAT(history->records(), SizeIs(2));
  EXPECT_DOUBLE_EQ(history->records(0).old_value(), 0.70);
}

TEST_F(TraitServiceTest, TellsASignificantChangeOnce) {
  Show(0.70);
  Show(0.72);
  EXPECT_THAT(Published<TraitEvolutionDetected>(), IsEmpty());
  Show(0.82);
  Show(0.83);
  const auto detected = Published<TraitEvolutionDetected>();
  ASSERT_THAT(detected, SizeIs(1));
  ASSERT_THAT(detected[0].significant_changes(), SizeIs(1));
  EXPECT_NEAR(detected[0].significant_changes(0).change(), 0.12, 1e-9);
  EXPECT_EQ(detected[0].analysis_period_days(), 7);

  v1::GetTraitEvolutionRequest request;
  request.set_user_id(kUser);
  const auto evolution = traits_->GetTraitEvolution(Deadline(), request);
  ASSERT_TRUE(evolution.ok()) << evolution.status();
  EXPECT_THAT(evolution->changes(), SizeIs(1));
}

TEST_F(TraitServiceTest, PublishesAShapeWhenItIsNew) {
  for (const double value : {0.50, 0.51, 0.50, 0.51}) Show(value);
  auto identified = Published<TraitPatternIdentified>();
  ASSERT_THAT(identified, SizeIs(1));
  EXPECT_EQ(identified[0].pattern().type(), v1::TRAIT_PATTERN_TYPE_STABLE);
  EXPECT_EQ(identified[0].previous_type(), v1::TRAIT_PATTERN_TYPE_UNSPECIFIED);
  for (const double value : {0.70, 0.80, 0.90}) Show(value);
  identified = Published<TraitPatternIdentified>();
  ASSERT_THAT(identified, SizeIs(2));
  EXPECT_EQ(identified[1].pattern().type(), v1::TRAIT_PATTERN_TYPE_INCREASING);
  EXPECT_EQ(identified[1].previous_type(), v1::TRAIT_PATTERN_TYPE_STABLE);
}

TEST_F(TraitServiceTest, PagesThroughTheHistory) {
  for (int i = 0; i < 5; ++i) Show(0.5 + 0.01 * i, i + 1);
  v1::ListTraitHistoryRequest request;
  request.set_user_id(kUser);
  request.set_page_size(2);
  std::vector<int64_t> answers;
  do {
    const auto page = traits_->ListTraitHistory(Deadline(), request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& record : page->records()) answers.push_back(record.answer_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(answers, (std::vector<int64_t>{5, 4, 3, 2, 1}));
}

TEST_F(TraitServiceTest, KeepsChangesOfWords) {
  TraitExtracted event;
  event.set_user_id(kUser);
  for (const char* style : {"visual", "visual", "verbal"}) {
    event.set_answer_id(event.answer_id() + 1);
    event.mutable_adaptive_traits()->set_learning_style(style);
    event.mutable_unique_signature()->set_energy_rhythm("evening-peaks");
    Publish(event);
    AwaitHandled("trait_evolution", ++shown_);
  }
  v1::ListTraitHistoryRequest request;
  request.set_user_id(kUser);
  request.set_trait_category(v1::TRAIT_CATEGORY_ADAPTIVE_TRAITS);
  const auto history = traits_->ListTraitHistory(Deadline(), request);
  ASSERT_TRUE(history.ok()) << history.status();
  ASSERT_THAT(history->records(), SizeIs(2)) << "the same word again is no change";
  EXPECT_EQ(history->records(0).old_word(), "visual");
  EXPECT_EQ(history->records(0).new_word(), "verbal");
  EXPECT_EQ(history->records(0).answer_id(), 3);
  EXPECT_EQ(history->records(1).old_word(), "");
  EXPECT_THAT(ListHistory()->records(), SizeIs(3));
  v1::DeleteUserDataRequest erase;
  erase.set_user_id(kUser);
  EXPECT_EQ(traits_->DeleteUserData(Deadline(), erase)->deleted_rows(), 5);
}

TEST_F(TraitServiceTest, AsksForEveryStatementOnce) {
  std::set<std::string> asked;
  v1::GetNextStatementRequest next;
  next.set_user_id(kUser);
  next.set_language("ru");
  for (;;) {
    const auto response = traits_->GetNextStatement(Deadline(), next);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->rated_count(), static_cast<int>(asked.size()));
    EXPECT_EQ(response->statement_count(), 20);
    if (!response->has_statement()) break;
    EXPECT_THAT(response->statement().choices(), SizeIs(5));
    ASSERT_TRUE(asked.insert(response->statement().statement_id()).second);
    const auto rated = Rate(response->statement().statement_id(), 4);
    ASSERT_TRUE(rated.ok()) << rated.status();
  }
  EXPECT_THAT(asked, SizeIs(20));
  EXPECT_THAT(Published<StatementRated>(), SizeIs(20));
}

TEST_F(TraitServiceTest, TellsARatingAndWhatReplacesIt) {
  ASSERT_TRUE(Rate("mini_ipip_16", 5).ok());
  ASSERT_TRUE(Rate("mini_ipip_16", 5).ok());
  EXPECT_EQ(Rate("mini_ipip_16", 2)->rated_count(), 1);
  const auto rated = Published<StatementRated>();
  ASSERT_THAT(rated, SizeIs(2)) << "the same again tells nothing";
  EXPECT_EQ(rated[0].trait_name(), "extraversion");
  EXPECT_TRUE(rated[0].reversed());
  EXPECT_EQ(rated[0].statement_text(), "Keep in the background.");
  EXPECT_EQ(rated[1].rating(), 2);
  EXPECT_EQ(status::Reason(Rate("mini_ipip_21", 3).status()), "STATEMENT_NOT_FOUND");
  EXPECT_THAT(status::Violations(Rate("", 6).status()), SizeIs(2));
  v1::DeleteUserDataRequest erase;
  erase.set_user_id(kUser);
  EXPECT_EQ(traits_->DeleteUserData(Deadline(), erase)->deleted_rows(), 1);
}

TEST_F(TraitServiceTest, NamesWhatIsWrongWithARequest) {
  v1::GetTraitEvolutionRequest request;
  request.set_period_days(1000);
  request.set_min_change(2);
  const absl::Status bad = traits_->GetTraitEvolution(Deadline(), request).status();
  EXPECT_EQ(bad.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status::Violations(bad), SizeIs(3));
}

TEST_F(TraitServiceTest, ErasesAPersonForGood) {
  Show(0.5);
  Show(0.7);
  v1::DeleteUserDataRequest request;
  request.set_user_id(kUser);
  EXPECT_EQ(traits_->DeleteUserData(Deadline(), request)->deleted_rows(), 2);
  EXPECT_EQ(traits_->DeleteUserData(Deadline(), request)->deleted_rows(), 0);
  v1::ListTraitHistoryRequest list;
  list.set_user_id(kUser);
  EXPECT_THAT(traits_->ListTraitHistory(Deadline(), list)->records(), IsEmpty());
}

}  // namespace
}  // namespace selfology::trait
