#include "services/platform/user/teams/team_service.h"

#include <string>
#include <vector>

#include "common/timestamps/timestamp.h"
#include "selfology/user/v1/subscription_service_client.h"
#include "selfology/user/v1/team_service_client.h"
#include "services/platform/user/user_fixture_test.h"

namespace selfology::user {
namespace {

using events::v1::SubscriptionChanged;
using events::v1::TeamCreated;
using events::v1::TeamDeleted;
using events::v1::TeamMemberJoined;
using events::v1::TeamMemberLeft;
using events::v1::TeamRoleChanged;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kAnn = 101, kBob = 102, kEve = 103;

class TeamServiceTest : public UserTest {
 protected:
  void SetUp() override {
    UserTest::SetUp();
    teams_.emplace(Peer("user"));
    subscriptions_.emplace(Peer("user"));
  }

  template <typename Request>
  static Request In(int64_t team, int64_t who) {
    Request request;
    request.set_team_id(team);
    request.set_user_id(who);
    return request;
  }
  absl::StatusOr<v1::Team> Create(int64_t owner, const std::string& key = "key") {
    v1::CreateTeamRequest request;
    request.set_user_id(owner);
    request.set_name("The band");
    request.set_idempotency_key(key);
    const auto response = teams_->CreateTeam(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->team();
  }
  absl::Status Invite(int64_t team, int64_t who, int64_t whom,
                      v1::TeamRole role = v1::TEAM_ROLE_MEMBER) {
    auto request = In<v1::InviteToTeamRequest>(team, who);
    request.set_invited_user_id(whom);
    request.set_role(role);
    return teams_->InviteToTeam(Deadline(), request).status();
  }
  absl::Status Accept(int64_t team, int64_t who) {
    return teams_->AcceptTeamInvitation(Deadline(), In<v1::AcceptTeamInvitationRequest>(team, who))
        .status();
  }
  std::vector<std::string> MembersOf(int64_t team, int64_t who) {
    const auto response = teams_->GetTeam(Deadline(), In<v1::GetTeamRequest>(team, who));
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> members;
    for (const v1::TeamMember& member : response->members()) {
      members.push_back(absl::StrCat(member.user_id(), " ", v1::TeamRole_Name(member.role())));
    }
    return members;
  }
  void Pay(int64_t who, int64_t team, v1::Plan plan) {
    events::v1::PaymentReceived event;
    event.set_user_id(who);
    event.set_team_id(team);
    event.set_plan(plan);
    *event.mutable_paid_until() = timestamps::ToProto(Now() + absl::Hours(24 * 30));
    Publish(event);
    AwaitPublished<SubscriptionChanged>(++payments_);
  }
  v1::GetSubscriptionResponse Subscription(int64_t who) {
    v1::GetSubscriptionRequest request;
    request.set_user_id(who);
    return subscriptions_->GetSubscription(Deadline(), request).value();
  }

  std::optional<v1::TeamServiceClient> teams_;
  std::optional<v1::SubscriptionServiceClient> subscriptions_;
  size_t payments_ = 0;
};

TEST_F(TeamServiceTest, ATeamGrowsByInvitationsAndIsHandedOver) {
  const int64_t team = Create(kAnn)->team_id();
  EXPECT_EQ(Create(kAnn)->team_id(), team) << "sent twice";
  EXPECT_EQ(status::Reason(Accept(team, kBob)), "INVITATION_NOT_FOUND");
  ASSERT_TRUE(Invite(team, kAnn, kBob, v1::TEAM_ROLE_ADMIN).ok());
  ASSERT_TRUE(Accept(team, kBob).ok());
  ASSERT_TRUE(Invite(team, kBob, kEve).ok());
  ASSERT_TRUE(Accept(team, kEve).ok());
  EXPECT_EQ(status::Reason(Accept(team, kEve)), "INVITATION_NOT_FOUND") << "good once";
  EXPECT_THAT(MembersOf(team, kEve),
              ElementsAre("101 TEAM_ROLE_OWNER", "102 TEAM_ROLE_ADMIN", "103 TEAM_ROLE_MEMBER"));
  EXPECT_EQ(
      status::Reason(teams_->LeaveTeam(Deadline(), In<v1::LeaveTeamRequest>(team, kAnn)).status()),
      "TEAM_RULE_BROKEN");
  auto transfer = In<v1::TransferTeamRequest>(team, kAnn);
  transfer.set_new_owner_user_id(kEve);
  ASSERT_TRUE(teams_->TransferTeam(Deadline(), transfer).ok());
  ASSERT_TRUE(teams_->LeaveTeam(Deadline(), In<v1::LeaveTeamRequest>(team, kAnn)).ok());
  EXPECT_THAT(MembersOf(team, kBob), ElementsAre("103 TEAM_ROLE_OWNER", "102 TEAM_ROLE_ADMIN"));
  EXPECT_EQ(
      status::Reason(teams_->GetTeam(Deadline(), In<v1::GetTeamRequest>(team, kAnn)).status()),
      "TEAM_NOT_FOUND");
  EXPECT_EQ(status::Reason(
                teams_->DeleteTeam(Deadline(), In<v1::DeleteTeamRequest>(team, kBob)).status()),
            "TEAM_ROLE_REQUIRED");
  ASSERT_TRUE(teams_->DeleteTeam(Deadline(), In<v1::DeleteTeamRequest>(team, kEve)).ok());
  EXPECT_THAT(Published<TeamCreated>(), SizeIs(1));
  EXPECT_THAT(Published<TeamMemberJoined>(), SizeIs(2));
  EXPECT_THAT(Published<TeamRoleChanged>(), SizeIs(2));
  EXPECT_THAT(Published<TeamMemberLeft>(), SizeIs(1));
  EXPECT_THAT(Published<TeamDeleted>(), SizeIs(1));
}

TEST_F(TeamServiceTest, InvitationsExpire) {
  const int64_t team = Create(kAnn)->team_id();
  ASSERT_TRUE(Invite(team, kAnn, kBob).ok());
  v1::ListTeamInvitationsRequest list;
  list.set_user_id(kBob);
  ASSERT_THAT(teams_->ListTeamInvitations(Deadline(), list)->invitations(), SizeIs(1));
  EXPECT_EQ(teams_->ListTeamInvitations(Deadline(), list)->invitations(0).team_name(), "The band");
  Pass(absl::Hours(24 * 7));
  EXPECT_THAT(teams_->ListTeamInvitations(Deadline(), list)->invitations(), IsEmpty());
  EXPECT_EQ(status::Reason(Accept(team, kBob)), "INVITATION_NOT_FOUND");
}

TEST_F(TeamServiceTest, ThePlanSaysHowManyMayBelong) {
  const int64_t team = Create(kAnn)->team_id();
  for (int64_t other = 200; other < 204; ++other) ASSERT_TRUE(Invite(team, kAnn, other).ok());
  EXPECT_EQ(status::Reason(Invite(team, kAnn, 204)), "TEAM_RULE_BROKEN");
  EXPECT_TRUE(Invite(team, kAnn, 200).ok()) << "again";
  Pay(kAnn, team, v1::PLAN_TEAM);
  EXPECT_TRUE(Invite(team, kAnn, 204).ok());
  EXPECT_EQ(Subscription(kAnn).limits().plan(), v1::PLAN_TEAM) << "by the team";
  EXPECT_EQ(Subscription(kAnn).subscription().effective_plan(), v1::PLAN_FREE);
  EXPECT_EQ(Subscription(204).limits().plan(), v1::PLAN_FREE) << "invited is not joined";
}

TEST_F(TeamServiceTest, PaymentEventsChangeAPersonsSubscriptionOnce) {
  EXPECT_EQ(Subscription(kAnn).subscription().status(), v1::SUBSCRIPTION_STATUS_FREE);
  Pay(kAnn, 0, v1::PLAN_PERSONAL);
  EXPECT_EQ(Subscription(kAnn).subscription().status(), v1::SUBSCRIPTION_STATUS_ACTIVE);
  Republish();
  events::v1::PaymentFailed failed;
  failed.set_user_id(kAnn);
  Publish(failed);
  AwaitPublished<SubscriptionChanged>(2);
  EXPECT_EQ(Subscription(kAnn).subscription().status(), v1::SUBSCRIPTION_STATUS_PAST_DUE);
  EXPECT_EQ(Subscription(kAnn).limits().plan(), v1::PLAN_PERSONAL);
  events::v1::PaymentCancelled cancelled;
  cancelled.set_user_id(kAnn);
  Publish(cancelled);
  AwaitPublished<SubscriptionChanged>(3);
  EXPECT_EQ(Subscription(kAnn).subscription().status(), v1::SUBSCRIPTION_STATUS_CANCELLED);
  Pass(absl::Hours(24 * 31));
  EXPECT_EQ(Subscription(kAnn).limits().plan(), v1::PLAN_FREE);
  EXPECT_THAT(Published<SubscriptionChanged>(), SizeIs(3));
  EXPECT_THAT(subscriptions_->ListPlans(Deadline(), {})->plans(), SizeIs(3));
}

TEST_F(TeamServiceTest, AnErasedOwnersTeamGoesToTheNext) {
  const int64_t team = Create(kAnn)->team_id();
  const int64_t lonely = Create(kAnn, "another")->team_id();
  ASSERT_TRUE(Invite(team, kAnn, kBob).ok());
  ASSERT_TRUE(Accept(team, kBob).ok());
  v1::DeleteUserDataRequest request;
  request.set_user_id(kAnn);
  ASSERT_TRUE(accounts_->DeleteUserData(Deadline(), request).ok());
  EXPECT_THAT(MembersOf(team, kBob), ElementsAre("102 TEAM_ROLE_OWNER"));
  ASSERT_THAT(Published<TeamRoleChanged>(), SizeIs(1));
  EXPECT_EQ(Published<TeamRoleChanged>()[0].user_id(), kBob);
  EXPECT_EQ(Published<TeamRoleChanged>()[0].role(), "owner");
  EXPECT_THAT(Published<TeamDeleted>(), SizeIs(1));
  EXPECT_EQ(Count(absl::StrCat("SELECT count(*) FROM user_teams WHERE team_id = ", lonely)), 0);
}

}  // namespace
}  // namespace selfology::user
