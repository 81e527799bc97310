#include "services/platform/user/teams/team_rules.h"

#include <algorithm>
#include <random>
#include <string>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::user {
namespace {

constexpr int64_t kOwner = 1, kAdmin = 2, kMember = 3, kStranger = 4;
constexpr int kLimit = 10;

Members Three() {
  return {{kOwner, v1::TEAM_ROLE_OWNER},
          {kAdmin, v1::TEAM_ROLE_ADMIN},
          {kMember, v1::TEAM_ROLE_MEMBER}};
}

std::string Reason(const absl::Status& status) { return status::Reason(status); }

TEST(TeamRulesTest, InvitingNeedsARoleAboveWhatIsGiven) {
  const Members members = Three();
  const auto invite = [&](int64_t actor, v1::TeamRole role) {
    return Reason(MayInvite(members, actor, kStranger, role, 3, kLimit));
  };
  EXPECT_EQ(invite(kOwner, v1::TEAM_ROLE_ADMIN), "OK");
  EXPECT_EQ(invite(kAdmin, v1::TEAM_ROLE_MEMBER), "OK");
  EXPECT_EQ(invite(kAdmin, v1::TEAM_ROLE_ADMIN), "TEAM_ROLE_REQUIRED");
  EXPECT_EQ(invite(kMember, v1::TEAM_ROLE_MEMBER), "TEAM_ROLE_REQUIRED");
  EXPECT_EQ(invite(kStranger, v1::TEAM_ROLE_MEMBER), "TEAM_NOT_FOUND");
  EXPECT_EQ(invite(kOwner, v1::TEAM_ROLE_OWNER), "INVALID_ARGUMENT");
  EXPECT_EQ(Reason(MayInvite(members, kOwner, kMember, v1::TEAM_ROLE_MEMBER, 3, kLimit)),
            "TEAM_RULE_BROKEN");
  EXPECT_EQ(Reason(MayInvite(members, kOwner, kStranger, v1::TEAM_ROLE_MEMBER, 3, 3)),
            "TEAM_RULE_BROKEN");
}

TEST(TeamRulesTest, TheOwnerCannotLeaveAndIsNotRemoved) {
  Members members = Three();
  EXPECT_EQ(Reason(Leave(members, kOwner)), "TEAM_RULE_BROKEN");
  EXPECT_EQ(Reason(Remove(members, kAdmin, kOwner)), "TEAM_ROLE_REQUIRED");
  EXPECT_EQ(Reason(Remove(members, kOwner, kOwner)), "TEAM_RULE_BROKEN");
  EXPECT_EQ(Reason(ChangeRole(members, kOwner, kOwner, v1::TEAM_ROLE_MEMBER)), "TEAM_RULE_BROKEN");
  EXPECT_EQ(members, Three());
}

TEST(TeamRulesTest, AfterATransferTheFormerOwnerIsAnAdmin) {
  Members members = Three();
  EXPECT_EQ(Reason(Transfer(members, kAdmin, kMember)), "TEAM_ROLE_REQUIRED");
  EXPECT_EQ(Reason(Transfer(members, kOwner, kStranger)), "INVALID_ARGUMENT");
  ASSERT_TRUE(Transfer(members, kOwner, kMember).ok());
  EXPECT_EQ(members, (Members{{kOwner, v1::TEAM_ROLE_ADMIN},
                              {kAdmin, v1::TEAM_ROLE_ADMIN},
                              {kMember, v1::TEAM_ROLE_OWNER}}));
  ASSERT_TRUE(Transfer(members, kMember, kMember).ok()) << "to themselves: as it was";
  EXPECT_EQ(OwnerOf(members), kMember);
}

TEST(TeamRulesTest, AnErasedOwnersPlaceGoesToAnAdminFirst) {
  Members members = Three();
  EXPECT_TRUE(Erase(members, kOwner));
  EXPECT_EQ(OwnerOf(members), kAdmin);
  EXPECT_TRUE(Erase(members, kAdmin));
  EXPECT_EQ(OwnerOf(members), kMember);
  EXPECT_FALSE(Erase(members, kMember));
}

// Whatever is tried in whatever order: one owner, within the limit, and nobody gets further than
// their role allows.
TEST(TeamRulesTest, RandomDeedsKeepTheTeamSound) {
  std::mt19937 random(20);
  int done = 0;
  for (int team = 0; team < 500; ++team) {
    Members members = {{1, v1::TEAM_ROLE_OWNER}};
    for (int deed = 0; deed < 60; ++deed) {
      const Members before = members;
      const auto anyone = [&] { return static_cast<int64_t>(random() % 8 + 1); };
      const int64_t actor = anyone(), other = anyone();
      const auto role = static_cast<v1::TeamRole>(random() % 4);
      absl::Status status;
      bool may_change_owner = false;
      switch (random() % 7) {
        case 0:
        case 1:
          status = MayInvite(members, actor, other, role, static_cast<int>(members.size()), 6);
          if (status.ok()) status = Join(members, other, role, 6);
          break;
        case 2:
          status = ChangeRole(members, actor, other, role);
          break;
        case 3:
          status = Remove(members, actor, other);
          break;
        case 4:
          status = Leave(members, actor);
          break;
        case 5:
          status = Transfer(members, actor, other);
          may_change_owner = OwnerOf(before) == actor;
          break;
        case 6:
          may_change_owner = OwnerOf(before) == other;
          if (!Erase(members, other)) members = {{anyone(), v1::TEAM_ROLE_OWNER}};
          break;
      }
      done += status.ok();
      if (!status.ok()) ASSERT_EQ(members, before) << status;
      ASSERT_EQ(
          std::count_if(members.begin(), members.end(),
                        [](const auto& member) { return member.second == v1::TEAM_ROLE_OWNER; }),
          1);
      ASSERT_LE(members.size(), 6u);
      if (!may_change_owner) ASSERT_EQ(OwnerOf(members), OwnerOf(before));
      for (const auto& [user_id, has] : members) ASSERT_NE(has, v1::TEAM_ROLE_UNSPECIFIED);
    }
  }
  EXPECT_GT(done, 3'000) << "too little happened to prove anything";
}

}  // namespace
}  // namespace selfology::user
