#include "services/growth/challenge/challenge_service.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/challenge/v1/challenge_service_client.h"
#include "selfology/events/v1/challenge.pb.h"
#include "selfology/events/v1/security.pb.h"
#include "selfology/events/v1/system.pb.h"
#include "selfology/events/v1/task.pb.h"
#include "services/growth/challenge/module.h"
#include "services/growth/challenge/peers_fake_test.h"
#include "testing/mesh_test.h"

namespace selfology::challenge {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;
constexpr int64_t kOther = 7;

class ChallengeServiceTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(
                  MakeModule(),
                  std::make_unique<FakeModule>("safety_dialog", std::make_shared<SafetyFake>()),
                  std::make_unique<FakeModule>("task", std::make_shared<TaskFake>(tasks_)),
                  std::make_unique<FakeModule>("gamification", ledger_)),
              [this](service::Settings& settings) {
                settings.clock = [this] { return absl::Now() + absl::Seconds(ahead_.load()); };
              });
    client_.emplace(Peer("challenge"));
    for (int i = 1; i <= 12; ++i) {
      task::v1::Task& task = tasks_->emplace_back();
      task.set_task_id(i);
      task.set_user_id(kUser);
      task.set_title(absl::StrCat("Task of number ", i, i % 2 == 0 ? " with more words" : ""));
      task.set_status(i % 3 == 0 ? task::v1::TASK_STATUS_COMPLETED : task::v1::TASK_STATUS_OPEN);
      task.mutable_created_at()->set_seconds(1'700'000'000 + i * 1000);
      task.mutable_due_at()->set_seconds(1'900'000'000 + i * 1000);
      if (i % 3 == 0) task.mutable_closed_at()->set_seconds(1'750'000'000 + i * 1000);
    }
  }

  void Pass(absl::Duration time) { ahead_ += absl::ToInt64Seconds(time); }

  v1::GenerateChallengesResponse Generate(const std::string& key, int count = 1,
                                          v1::ChallengeKind kind = v1::CHALLENGE_KIND_UNSPECIFIED,
                                          v1::ChallengeMode mode = v1::CHALLENGE_MODE_PERSONAL) {
    v1::GenerateChallengesRequest request;
    request.set_user_id(kUser);
    request.set_count(count);
    request.set_kind(kind);
    request.set_mode(mode);
    request.set_idempotency_key(key);
    const auto response = client_->GenerateChallenges(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::GenerateChallengesResponse();
  }

  v1::CreateChallengeRequest Duel(int64_t prize) {
    v1::CreateChallengeRequest request;
    request.set_user_id(kUser);
    request.set_kind(v1::CHALLENGE_KIND_DEED);
    request.set_mode(v1::CHALLENGE_MODE_DUEL);
    request.set_title("Who is first?");
    request.set_text("Two tasks each.");
    request.set_task_count(2);
    request.set_prize(prize);
    request.set_idempotency_key("duel");
    return request;
  }

  v1::GetChallengeResponse Get(int64_t id, int64_t user_id = kUser) {
    v1::GetChallengeRequest request;
    request.set_user_id(user_id);
    request.set_challenge_id(id);
    const auto response = client_->GetChallenge(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::GetChallengeResponse();
  }

  absl::Status Join(int64_t id, int64_t user_id) {
    v1::JoinChallengeRequest request;
    request.set_user_id(user_id);
    request.set_challenge_id(id);
    return client_->JoinChallenge(Deadline(), request).status();
  }

  void Complete(int64_t task_id, int64_t user_id = kUser) {
    events::v1::TaskCompleted event;
    event.set_user_id(user_id);
    event.set_task_id(task_id);
    Publish(event);
  }

  const std::shared_ptr<std::vector<task::v1::Task>> tasks_ =
      std::make_shared<std::vector<task::v1::Task>>();
  const std::shared_ptr<LedgerFake> ledger_ = std::make_shared<LedgerFake>();
  std::atomic<int64_t> ahead_ = 0;
  std::optional<v1::ChallengeServiceClient> client_;
};

TEST_F(ChallengeServiceTest, GeneratesWhatRestsOnThePersonsTasksOnceForAKey) {
  const auto first = Generate("1", 5);
  ASSERT_THAT(first.challenges(), SizeIs(5)) << first.ShortDebugString();
  for (const v1::Challenge& challenge : first.challenges()) {
    EXPECT_GT(challenge.evidence_size(), 0);
    EXPECT_EQ(challenge.model_used(), "local");
    EXPECT_GE(challenge.difficulty().success_chance(), kLeastChance - 0.01);
    EXPECT_LE(challenge.difficulty().success_chance(), kMostChance + 0.01);
  }
  const auto again = Generate("1", 5);
  ASSERT_THAT(again.challenges(), SizeIs(5));
  EXPECT_EQ(again.challenges(0).challenge_id(), first.challenges(0).challenge_id());
  EXPECT_THAT(Published<events::v1::ChallengeCreated>(), SizeIs(5));
  const auto daily = Generate("a", 1, v1::CHALLENGE_KIND_UNSPECIFIED, v1::CHALLENGE_MODE_DAILY);
  const auto same = Generate("b", 1, v1::CHALLENGE_KIND_UNSPECIFIED, v1::CHALLENGE_MODE_DAILY);
  ASSERT_THAT(daily.challenges(), SizeIs(1));
  EXPECT_EQ(daily.challenges(0).challenge_id(), same.challenges(0).challenge_id());
  v1::ListChallengesRequest list;
  list.set_user_id(kUser);
  list.set_page_size(4);
  EXPECT_THAT(client_->ListChallenges(Deadline(), list)->challenges(), SizeIs(4));
}

TEST_F(ChallengeServiceTest, ADeedIsProvenByEventsAndNotByWord) {
  const auto made = Generate("1", 1, v1::CHALLENGE_KIND_DEED);
  ASSERT_THAT(made.challenges(), SizeIs(1));
  const v1::Challenge& deed = made.challenges(0);
  std::vector<int64_t> tasks(deed.proof().task_ids().begin(), deed.proof().task_ids().end());
  for (int64_t task = 100; static_cast<int>(tasks.size()) < deed.proof().count(); ++task) {
    tasks.push_back(task);
  }
  Complete(tasks[0]);
  Complete(tasks[0]);
  for (size_t i = 1; i < tasks.size(); ++i) Complete(tasks[i]);
  const auto completed = AwaitPublished<events::v1::ChallengeCompleted>();
  EXPECT_EQ(completed[0].challenge_id(), deed.challenge_id());
  const auto now = Get(deed.challenge_id());
  EXPECT_EQ(now.challenge().state(), v1::CHALLENGE_STATE_ENDED);
  EXPECT_EQ(now.participation().state(), v1::PARTICIPATION_STATE_SUCCEEDED);
  EXPECT_EQ(now.participation().proof_event_ids_size(), deed.proof().count());
  EXPECT_GT(deed.difficulty().rating(), now.challenge().difficulty().rating())
      << "it is easier than was thought";
}

TEST_F(ChallengeServiceTest, WhatItRestsOnGoneItIsWithdrawn) {
  const auto made = Generate("1", 1, v1::CHALLENGE_KIND_DEED);
  ASSERT_THAT(made.challenges(), SizeIs(1));
  events::v1::TaskDeleted event;
  event.set_user_id(kUser);
  event.set_task_id(made.challenges(0).evidence(0).id());
  Publish(event);
  AwaitPublished<events::v1::ChallengeWithdrawn>();
  EXPECT_EQ(Get(made.challenges(0).challenge_id()).challenge().state(),
            v1::CHALLENGE_STATE_WITHDRAWN);
}

TEST_F(ChallengeServiceTest, AQuizIsAnsweredOnce) {
  const auto made = Generate("1", 1, v1::CHALLENGE_KIND_QUIZ);
  ASSERT_THAT(made.challenges(), SizeIs(1));
  v1::AnswerQuizRequest answer;
  answer.set_user_id(kUser);
  answer.set_challenge_id(made.challenges(0).challenge_id());
  answer.set_option(1);
  EXPECT_EQ(Get(answer.challenge_id()).participation().right_option(), 0) << "not told before";
  const auto first = client_->AnswerQuiz(Deadline(), answer);
  ASSERT_TRUE(first.ok()) << first.status();
  const int right = first->participation().right_option();
  EXPECT_GT(right, 0);
  EXPECT_EQ(first->participation().state(),
            right == 1 ? v1::PARTICIPATION_STATE_SUCCEEDED : v1::PARTICIPATION_STATE_FAILED);
  answer.set_option(right == 1 ? 2 : right);
  EXPECT_EQ(client_->AnswerQuiz(Deadline(), answer)->SerializeAsString(),
            first->SerializeAsString());
}

TEST_F(ChallengeServiceTest, ADuelsPrizeIsHeldAndPaidToWhoIsFirst) {
  ledger_->Give(kUser, 100);
  const auto made = client_->CreateChallenge(Deadline(), Duel(30));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->challenge().state(), v1::CHALLENGE_STATE_OPEN);
  EXPECT_EQ(ledger_->BalanceOf(kUser), 70);
  ASSERT_TRUE(client_->CreateChallenge(Deadline(), Duel(30)).ok()) << "twice is as once";
  EXPECT_EQ(ledger_->BalanceOf(kUser), 70);
  const int64_t id = made->challenge().challenge_id();
  ASSERT_TRUE(Join(id, kUser).ok());
  ASSERT_TRUE(Join(id, kOther).ok());
  EXPECT_EQ(Join(id, 8).code(), absl::StatusCode::kFailedPrecondition);
  Complete(1);
  Complete(50, kOther);
  Complete(51, kOther);
  Await("the prize to be paid", [&] { return ledger_->BalanceOf(kOther) == 30; });
  EXPECT_EQ(ledger_->Total(), 100);
  EXPECT_EQ(Get(id).challenge().winner_id(), kOther);
  EXPECT_EQ(Get(id).participation().state(), v1::PARTICIPATION_STATE_FAILED);
}

TEST_F(ChallengeServiceTest, APrizeThatNobodyWonGoesBack) {
  ledger_->Give(kUser, 100);
  const auto made = client_->CreateChallenge(Deadline(), Duel(30));
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_TRUE(Join(made->challenge().challenge_id(), kOther).ok());
  Pass(absl::Hours(24 * 8));
  Await("the prize to be back", [&] { return ledger_->BalanceOf(kUser) == 100; });
  EXPECT_TRUE(AwaitPublished<events::v1::ChallengeFailed>()[0].time_was_up());
}

TEST_F(ChallengeServiceTest, WithoutTheCoinsNothingOpens) {
  const auto made = client_->CreateChallenge(Deadline(), Duel(30));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->challenge().state(), v1::CHALLENGE_STATE_UNFUNDED);
  EXPECT_EQ(Join(made->challenge().challenge_id(), kOther).code(), absl::StatusCode::kNotFound);
}

TEST_F(ChallengeServiceTest, ReportedTwiceItIsHiddenAndAnAppealBringsItBack) {
  const auto made = client_->CreateChallenge(Deadline(), Duel(0));
  ASSERT_TRUE(made.ok()) << made.status();
  const int64_t id = made->challenge().challenge_id();
  v1::ReportChallengeRequest report;
  report.set_challenge_id(id);
  report.set_reason("Unkind.");
  for (const int64_t user : {kOther, kOther, int64_t{8}}) {
    report.set_user_id(user);
    const auto reported = client_->ReportChallenge(Deadline(), report);
    ASSERT_TRUE(reported.ok()) << reported.status();
    EXPECT_EQ(reported->hidden(), user == 8) << "two persons, not two reports";
  }
  EXPECT_EQ(Join(id, 9).code(), absl::StatusCode::kNotFound);
  v1::AppealDecisionRequest appeal;
  appeal.set_user_id(kUser);
  appeal.set_challenge_id(id);
  appeal.set_reason("It was a joke.");
  ASSERT_TRUE(client_->AppealDecision(Deadline(), appeal).ok());
  v1::ListDecisionsRequest list;
  list.set_waiting(true);
  EXPECT_THAT(client_->ListDecisions(Deadline(), list)->decisions(), SizeIs(1));
  v1::DecideAppealRequest decide;
  decide.set_challenge_id(id);
  decide.set_appellant_id(kUser);
  decide.set_overturn(true);
  decide.set_reason("Agreed.");
  const auto decided = client_->DecideAppeal(Deadline(), decide);
  ASSERT_TRUE(decided.ok()) << decided.status();
  EXPECT_EQ(decided->decision().action(), "overturned");
  EXPECT_TRUE(Join(id, 9).ok());
  EXPECT_THAT(client_->ListDecisions(Deadline(), list)->decisions(), IsEmpty());
  list.set_waiting(false);
  EXPECT_THAT(client_->ListDecisions(Deadline(), list)->decisions(), SizeIs(5));
  EXPECT_THAT(Published<events::v1::AuditFactNoted>(), ::testing::Not(IsEmpty()));
}

TEST_F(ChallengeServiceTest, TheSafetyGateReadsEveryText) {
  v1::CreateChallengeRequest request = Duel(0);
  request.set_text("Something forbidden.");
  EXPECT_EQ(client_->CreateChallenge(Deadline(), request).status().code(),
            absl::StatusCode::kFailedPrecondition);
  for (task::v1::Task& task : *tasks_) task.set_title(absl::StrCat("forbidden ", task.title()));
  const auto made = Generate("1", 3, v1::CHALLENGE_KIND_QUIZ);
  EXPECT_THAT(made.challenges(), IsEmpty());
}

TEST_F(ChallengeServiceTest, NamesAllThatIsWrongAndErasesAPerson) {
  const absl::Status bad =
      client_->CreateChallenge(Deadline(), v1::CreateChallengeRequest()).status();
  EXPECT_THAT(status::Violations(bad), SizeIs(6)) << bad;
  ASSERT_THAT(Generate("1", 2).challenges(), SizeIs(2));
  v1::DeleteUserDataRequest erase;
  erase.set_user_id(kUser);
  const auto erased = client_->DeleteUserData(Deadline(), erase);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_GT(erased->deleted_rows(), 4);
  EXPECT_EQ(client_->DeleteUserData(Deadline(), erase)->deleted_rows(), 0);
  v1::ListChallengesRequest list;
  list.set_user_id(kUser);
  EXPECT_THAT(client_->ListChallenges(Deadline(), list)->challenges(), IsEmpty());
}

}  // namespace
}  // namespace selfology::challenge
