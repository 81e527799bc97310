// What a team's members may do with its posts by their roles in it, and others by grants: security, the
// studio's posts and the kernel that asks. Who is in the team is told by the events of the service that
// owns teams.

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/content.pb.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/security/v1/access_service_client.h"
#include "services/platform/security/module.h"
#include "services/studio/content/fake_social_test.h"
#include "services/studio/content/module.h"
#include "services/studio/content/settings.h"
#include "tests/teams/team_calls_test.h"

namespace selfology {
namespace {

using ::testing::SizeIs;

constexpr int64_t kOwner = 11;
constexpr int64_t kEditor = 12;
constexpr int64_t kMember = 13;
constexpr int64_t kViewer = 14;
constexpr int64_t kStranger = 15;

class RolesTest : public TeamCallsTest {
 protected:
  void SetUp() override {
    content::ContentSettings content;
    content.works_jobs = false;
    Start(testing::Modules(security::MakeModule(), content::MakeModule(content),
                           std::make_unique<content::FakeSocialModule>()));
    team_ = 9;
    events::v1::TeamCreated created;
    created.set_team_id(team_);
    created.set_user_id(kOwner);
    Publish(created);
    for (const auto& [who, role] : {std::pair(kEditor, "editor"), std::pair(kMember, "member"),
                                    std::pair(kViewer, "viewer")}) {
      events::v1::TeamMemberJoined joined;
      joined.set_team_id(team_);
      joined.set_user_id(who);
      joined.set_role(role);
      Publish(joined);
    }
    Await("security to know the team", [&] {
      return Reason(List(kOwner)) == "OK" && Reason(List(kEditor)) == "OK" &&
             Reason(List(kMember)) == "OK" && Reason(List(kViewer)) == "OK";
    });
  }
};

TEST_F(RolesTest, MembersDoWhatTheirRolesAllowAndOthersNothing) {
  const content::v1::Post post = Create(kMember, "Roses in May.");
  EXPECT_EQ(post.team_id(), team_);
  EXPECT_EQ(post.user_id(), kMember);
  EXPECT_TRUE(post.needs_approval());
  for (const int64_t who : {kOwner, kEditor, kMember, kViewer}) {
    EXPECT_EQ(Get(who, post.post_id()), "OK");
    EXPECT_THAT(List(who)->posts(), SizeIs(1));
  }
  EXPECT_EQ(Edit(kViewer, post, "Tulips."), kDenied);
  EXPECT_EQ(Edit(kEditor, post, "Roses in June."), "OK");

  EXPECT_EQ(Get(kStranger, post.post_id()), kDenied);
  EXPECT_EQ(Reason(List(kStranger)), kDenied);
  EXPECT_EQ(Edit(kStranger, post, "Nettles."), kDenied);
  // Nor by leaving the team out, or by naming a member.
  content::v1::GetPostRequest bare;
  bare.set_post_id(post.post_id());
  bare.set_user_id(kStranger);
  EXPECT_EQ(Reason(posts_->GetPost(As(kStranger), bare)), "NOT_FOUND");
  bare.set_user_id(kMember);
  EXPECT_EQ(Reason(posts_->GetPost(As(kStranger), bare)), kDenied);
  bare.set_team_id(team_);
  EXPECT_EQ(Reason(posts_->GetPost(As(kStranger), bare)), kDenied);
  // A team's posts are not among a person's own.
  content::v1::ListPostsRequest own;
  own.set_user_id(kMember);
  EXPECT_THAT(posts_->ListPosts(As(kMember), own)->posts(), SizeIs(0));
}

TEST_F(RolesTest, WhatIsTakenAwayWorksNoMore) {
  const content::v1::Post post = Create(kMember, "Roses in May.");
  events::v1::TeamRoleChanged changed;
  changed.set_team_id(team_);
  changed.set_user_id(kMember);
  changed.set_role("viewer");
  Publish(changed);
  Await("the role to be gone", [&] { return Edit(kMember, post, "Tulips.") == kDenied; });
  EXPECT_EQ(Get(kMember, post.post_id()), "OK") << "viewers look";
  events::v1::TeamMemberLeft left;
  left.set_team_id(team_);
  left.set_user_id(kMember);
  Publish(left);
  Await("the member to be gone", [&] { return Get(kMember, post.post_id()) == kDenied; });
  EXPECT_EQ(Get(kViewer, post.post_id()), "OK") << "the post stays the team's";
}

TEST_F(RolesTest, AGrantIsForOnePost) {
  const content::v1::Post post = Create(kMember, "Roses in May.");
  const content::v1::Post other = Create(kMember, "Tulips in April.");
  security::v1::AccessServiceClient access(Peer("security"));
  security::v1::GrantAccessRequest grant;
  grant.mutable_principal()->set_person_id(kStranger);
  grant.set_pattern("studio.posts.read");
  grant.set_resource(absl::StrCat("content/", post.post_id()));
  EXPECT_EQ(Reason(access.GrantAccess(As(kStranger), grant)), kDenied);
  const auto granted = access.GrantAccess(AsService(), grant);
  ASSERT_TRUE(granted.ok()) << granted.status();
  EXPECT_EQ(Get(kStranger, post.post_id()), "OK");
  EXPECT_EQ(Get(kStranger, other.post_id()), kDenied);
  EXPECT_EQ(Edit(kStranger, post, "Nettles."), kDenied) << "it is for reading";
  EXPECT_EQ(Reason(List(kStranger)), kDenied);

  // A person's own post is shared the same way, by naming whose it is.
  content::v1::CreatePostRequest own;
  own.set_user_id(kMember);
  own.set_text("Mine.");
  own.set_idempotency_key("own");
  const auto mine = posts_->CreatePost(As(kMember), own);
  ASSERT_TRUE(mine.ok()) << mine.status();
  content::v1::GetPostRequest get;
  get.set_user_id(kMember);
  get.set_post_id(mine->post().post_id());
  EXPECT_EQ(Reason(posts_->GetPost(As(kStranger), get)), kDenied);
  grant.set_resource(absl::StrCat("content/", get.post_id()));
  ASSERT_TRUE(access.GrantAccess(AsService(), grant).ok());
  EXPECT_EQ(Reason(posts_->GetPost(As(kStranger), get)), "OK");

  security::v1::RevokeAccessRequest revoke;
  revoke.set_grant_id(granted->grant().grant_id());
  ASSERT_TRUE(access.RevokeAccess(AsService(), revoke).ok());
  EXPECT_EQ(Get(kStranger, post.post_id()), kDenied);
}

TEST_F(RolesTest, APostIsApprovedByWhoMayAndSentBackWithAReason) {
  content::v1::Post post = Create(kMember, "Roses in May.", {1});
  EXPECT_EQ(Schedule(kMember, post), "FAILED_PRECONDITION") << "it was not approved";
  EXPECT_EQ(Submit(kViewer, post.post_id()), kDenied);
  EXPECT_EQ(Submit(kMember, post.post_id()), "OK");
  EXPECT_EQ(Reason(Review(kMember, post, true)), kDenied) << "members do not approve";
  EXPECT_EQ(Reason(Review(kStranger, post, true)), kDenied);
  EXPECT_EQ(Reason(Review(kEditor, post, false)), "INVALID_ARGUMENT") << "without a reason";
  const auto back = Review(kEditor, post, false, "Which roses?");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->post().state(), content::v1::POST_STATE_DRAFT);
  EXPECT_EQ(back->post().review_note(), "Which roses?");

  EXPECT_EQ(Edit(kMember, post, "Red roses in May."), "OK");
  EXPECT_EQ(Submit(kMember, post.post_id()), "OK");
  post.set_revision(2);
  const auto approved = Review(kEditor, post, true);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->post().reviewed_by_user_id(), kEditor);
  EXPECT_EQ(Schedule(kMember, post), "OK");
  const auto requested = AwaitPublished<events::v1::ContentPublicationRequested>(1);
  EXPECT_EQ(requested[0].team_id(), team_);
  EXPECT_EQ(requested[0].text(), "Red roses in May.");

  const auto reviewed = AwaitPublished<events::v1::ContentPostReviewed>(2);
  EXPECT_FALSE(reviewed[0].approved());
  EXPECT_EQ(reviewed[0].note(), "Which roses?");
  EXPECT_TRUE(reviewed[1].approved());
  EXPECT_EQ(reviewed[1].user_id(), kMember);
  EXPECT_EQ(reviewed[1].reviewer_user_id(), kEditor);
  EXPECT_EQ(reviewed[1].team_id(), team_);
  AwaitAudit("post.sent_back", kEditor);
  AwaitAudit("post.approved", kEditor);
}

TEST_F(RolesTest, NobodyApprovesTheirOwnWhereTheTeamSaysSo) {
  const content::v1::Post first = Create(kEditor, "Roses in May.");
  ASSERT_EQ(Submit(kEditor, first.post_id()), "OK");
  EXPECT_EQ(Reason(Review(kEditor, first, true)), "OK") << "nobody has said otherwise";

  auto rules = Of<content::v1::SetReviewRulesRequest>(kEditor);
  rules.mutable_rules()->set_others_only(true);
  EXPECT_EQ(Reason(posts_->SetReviewRules(As(kEditor), rules)), kDenied);
  rules.set_user_id(kOwner);
  ASSERT_EQ(Reason(posts_->SetReviewRules(As(kOwner), rules)), "OK");
  const auto kept =
      posts_->GetReviewRules(As(kViewer), Of<content::v1::GetReviewRulesRequest>(kViewer));
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_TRUE(kept->rules().others_only());

  const content::v1::Post second = Create(kEditor, "Tulips in April.");
  ASSERT_EQ(Submit(kEditor, second.post_id()), "OK");
  EXPECT_EQ(Reason(Review(kEditor, second, true)), kDenied);
  EXPECT_EQ(Reason(Review(kOwner, second, true)), "OK");
  // Whose words are the last ones wrote it, too.
  content::v1::Post third = Create(kMember, "Asters in autumn.");
  ASSERT_EQ(Edit(kEditor, third, "Blue asters in autumn."), "OK");
  third.set_revision(2);
  ASSERT_EQ(Submit(kMember, third.post_id()), "OK");
  EXPECT_EQ(Reason(Review(kEditor, third, true)), kDenied);
  EXPECT_EQ(Reason(Review(kOwner, third, true)), "OK");
}

TEST_F(RolesTest, WhenATeamEndsItsPostsAreTheirAuthorsAgain) {
  const content::v1::Post post = Create(kMember, "Roses in May.", {1});
  ASSERT_EQ(Submit(kMember, post.post_id()), "OK");
  events::v1::TeamDeleted deleted;
  deleted.set_team_id(team_);
  Publish(deleted);
  content::v1::ListPostsRequest own;
  own.set_user_id(kMember);
  Await("the post to be its author's", [&] {
    const auto posts = posts_->ListPosts(As(kMember), own);
    return posts.ok() && posts->posts_size() == 1 && posts->posts(0).team_id() == 0 &&
           posts->posts(0).state() == content::v1::POST_STATE_DRAFT;
  });
  Await("nobody to be a member", [&] { return Get(kOwner, post.post_id()) == kDenied; });
}

}  // namespace
}  // namespace selfology
