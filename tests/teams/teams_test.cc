// A team from its beginning to its end: a post that is written, approved and published on the team's account,
// by REST, too; connections; with users, security, the studio, integration and the REST gateway in one process.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/http/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "selfology/events/v1/content.pb.h"
#include "selfology/integration/v1/connection_service_client.h"
#include "selfology/social/v1/social_service_client.h"
#include "selfology/user/v1/account_service_client.h"
#include "selfology/user/v1/team_service_client.h"
#include "services/edge/api_gateway/settings.h"
#include "services/platform/integration/module.h"
#include "services/platform/integration/settings.h"
#include "services/platform/security/module.h"
#include "services/platform/user/module.h"
#include "services/studio/content/module.h"
#include "services/studio/content/settings.h"
#include "services/studio/social/fake_platforms_test.h"
#include "services/studio/social/module.h"
#include "services/studio/social/settings.h"
#include "tests/teams/team_calls_test.h"

namespace selfology {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class TeamsTest : public TeamCallsTest {
 protected:
  void SetUp() override {
    content::ContentSettings content;
    content.works_jobs = false;
    Start(testing::Modules(user::MakeModule(), security::MakeModule(), content::MakeModule(content),
                           social::MakeModule({.addresses = {.telegram = platforms_.url(),
                                                             .telegram_web = platforms_.url(),
                                                             .bluesky = platforms_.url()},
                                               .private_servers = true,
                                               .idle = absl::Milliseconds(20)}),
                           integration::MakeModule({.local_provider_listen = "127.0.0.1:0",
                                                    .works_jobs = false,
                                                    .look = absl::Seconds(1)}),
                           api_gateway::MakeModule({.on_listening = [this](const std::string& at) {
                             address_ = at;
                           }})));
    teams_.emplace(Peer("user"));
    social_.emplace(Peer("social"));
    owner_ = Register("owner");
    editor_ = Register("editor");
    member_ = Register("member");
    viewer_ = Register("viewer");
    stranger_ = Register("stranger");
    user::v1::CreateTeamRequest create;
    create.set_user_id(owner_);
    create.set_name("Gardeners");
    create.set_idempotency_key("1");
    const auto created = teams_->CreateTeam(As(owner_), create);
    ASSERT_TRUE(created.ok()) << created.status();
    team_ = created->team().team_id();
    Join(editor_, user::v1::TEAM_ROLE_EDITOR);
    Join(member_, user::v1::TEAM_ROLE_MEMBER);
    Join(viewer_, user::v1::TEAM_ROLE_VIEWER);
    Await("security to know the team", [&] {
      return Reason(List(viewer_)) == "OK" && Reason(List(member_)) == "OK" &&
             Reason(List(editor_)) == "OK" && Reason(List(owner_)) == "OK";
    });
  }
  int64_t Register(const std::string& name) {
    user::v1::RegisterRequest request;
    request.set_email(absl::StrCat(name, "@example.com"));
    request.set_password("zanzibar teapot 42");
    request.set_first_name(name);
    const auto response =
        user::v1::AccountServiceClient(Peer("user")).Register(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->user_id() : 0;
  }

  void Join(int64_t user_id, user::v1::TeamRole role) {
    user::v1::InviteToTeamRequest invite;
    invite.set_user_id(owner_);
    invite.set_team_id(team_);
    invite.set_invited_user_id(user_id);
    invite.set_role(role);
    const auto invited = teams_->InviteToTeam(As(owner_), invite);
    ASSERT_TRUE(invited.ok()) << invited.status();
    user::v1::AcceptTeamInvitationRequest accept;
    accept.set_user_id(user_id);
    accept.set_team_id(team_);
    const auto accepted = teams_->AcceptTeamInvitation(As(user_id), accept);
    ASSERT_TRUE(accepted.ok()) << accepted.status();
  }

  absl::StatusOr<social::v1::ConnectAccountResponse> Connect(int64_t user_id) {
    auto request = Of<social::v1::ConnectAccountRequest>(user_id);
    request.set_platform(social::v1::PLATFORM_MASTODON);
    request.set_server(platforms_.url());
    request.set_secret("good");
    return social_->ConnectAccount(As(user_id), request);
  }
  nlohmann::json Rest(const std::string& method, const std::string& path, int64_t user_id,
                      const std::string& body, int status) {
    http::Headers headers;
    headers.Set("Authorization", absl::StrCat("Bearer ", signer_.Person(user_id)));
    const auto sent = http_.Send(Deadline(), {.method = method,
                                              .url = absl::StrCat("http://", address_, path),
                                              .headers = std::move(headers),
                                              .body = body});
    EXPECT_TRUE(sent.ok()) << sent.status();
    if (!sent.ok()) return {};
    EXPECT_EQ(sent->status, status) << sent->body;
    return nlohmann::json::parse(sent->body, nullptr, false);
  }

  social::FakePlatforms platforms_;
  std::string address_;
  http::Client http_{{}};
  int64_t owner_ = 0, editor_ = 0, member_ = 0, viewer_ = 0, stranger_ = 0;

  std::optional<user::v1::TeamServiceClient> teams_;
  std::optional<social::v1::SocialServiceClient> social_;
};

TEST_F(TeamsTest, APostIsApprovedByAnEditorAndPublishedOnTheTeamsAccount) {
  EXPECT_EQ(Reason(Connect(member_)), kDenied);
  const auto connected = Connect(owner_);
  ASSERT_TRUE(connected.ok()) << connected.status();
  const int64_t account = connected->account().account_id();
  EXPECT_EQ(connected->account().team_id(), team_);
  EXPECT_THAT(
      social_->GetAccounts(As(viewer_), Of<social::v1::GetAccountsRequest>(viewer_))->accounts(),
      SizeIs(1));
  content::v1::Post post = Create(member_, "Roses in May.", {account});
  EXPECT_EQ(Schedule(member_, post), "FAILED_PRECONDITION") << "it was not approved";
  EXPECT_EQ(Submit(viewer_, post.post_id()), kDenied);
  EXPECT_EQ(Submit(member_, post.post_id()), "OK");
  EXPECT_EQ(Reason(Review(member_, post, true)), kDenied) << "members do not approve";

  // Sent back with a reason, by REST.
  const std::string review = absl::StrCat("/api/content/posts/", post.post_id(), "/review");
  Rest("POST", review, editor_,
       absl::StrCat(R"({"team_id": )", team_, R"(, "expected_revision": 1, "approved": false})"),
       400);
  const nlohmann::json back =
      Rest("POST", review, editor_,
           absl::StrCat(R"({"team_id": )", team_,
                        R"(, "expected_revision": 1, "approved": false, "note": "Which roses?"})"),
           200);
  EXPECT_EQ(back["post"]["state"], "draft");
  EXPECT_EQ(back["post"]["review_note"], "Which roses?");
  Rest("GET", absl::StrCat("/api/content/posts/", post.post_id(), "?team_id=", team_), stranger_,
       "", 403);

  EXPECT_EQ(Edit(member_, post, "Red roses in May."), "OK");
  EXPECT_EQ(Submit(member_, post.post_id()), "OK");
  post.set_revision(2);
  const auto approved = Review(editor_, post, true);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->post().reviewed_by_user_id(), editor_);
  EXPECT_EQ(Schedule(member_, post), "OK");
  Await("the post to be published", [&] {
    auto get = Of<content::v1::GetPostRequest>(viewer_);
    get.set_post_id(post.post_id());
    const auto now = posts_->GetPost(As(viewer_), get);
    return now.ok() && now->post().state() == content::v1::POST_STATE_PUBLISHED;
  });
  ASSERT_THAT(platforms_.posts("mastodon"), SizeIs(1));
  EXPECT_THAT(platforms_.posts("mastodon")[0].text, HasSubstr("Red roses"));
  EXPECT_THAT(
      social_->ListPublications(As(viewer_), Of<social::v1::ListPublicationsRequest>(viewer_))
          ->publications(),
      SizeIs(1));
  EXPECT_EQ(Reason(social_->ListPublications(As(stranger_),
                                             Of<social::v1::ListPublicationsRequest>(stranger_))),
            kDenied);

  const auto reviewed = AwaitPublished<events::v1::ContentPostReviewed>(2);
  EXPECT_FALSE(reviewed[0].approved());
  EXPECT_EQ(reviewed[0].note(), "Which roses?");
  EXPECT_TRUE(reviewed[1].approved());
  EXPECT_EQ(reviewed[1].user_id(), member_);
  EXPECT_EQ(reviewed[1].reviewer_user_id(), editor_);
  EXPECT_EQ(reviewed[1].team_id(), team_);
  AwaitAudit("post.sent_back", editor_);
  AwaitAudit("post.approved", editor_);
}

TEST_F(TeamsTest, ConnectionsAreForThoseWhoseRolesAllowIt) {
  integration::v1::ConnectionServiceClient connections(Peer("integration"));
  auto start = Of<integration::v1::StartConnectionRequest>(member_);
  start.set_provider("local");
  start.set_idempotency_key("1");
  EXPECT_EQ(Reason(connections.StartConnection(As(member_), start)), kDenied);
  start.set_user_id(owner_);
  EXPECT_EQ(Reason(connections.StartConnection(As(owner_), start)), "OK");
  using integration::v1::ListConnectionsRequest;
  EXPECT_EQ(Reason(connections.ListConnections(As(viewer_), Of<ListConnectionsRequest>(viewer_))),
            "OK");
  EXPECT_EQ(
      Reason(connections.ListConnections(As(stranger_), Of<ListConnectionsRequest>(stranger_))),
      kDenied);
  integration::v1::ProxyServiceClient proxy(Peer("integration"));
  auto call = Of<integration::v1::CallProviderRequest>(member_);
  call.set_connection_id("con_none");
  call.set_method("GET");
  call.set_path("/");
  EXPECT_EQ(Reason(proxy.CallProvider(As(member_), call)), kDenied);
  call.set_user_id(editor_);
  EXPECT_EQ(Reason(proxy.CallProvider(As(editor_), call)), "NOT_FOUND")
      << "there is none of that id";
}

TEST_F(TeamsTest, WhatATeamHadEndsWithIt) {
  const auto connected = Connect(owner_);
  ASSERT_TRUE(connected.ok()) << connected.status();
  const content::v1::Post post =
      Create(member_, "Roses in May.", {connected->account().account_id()});
  ASSERT_EQ(Submit(member_, post.post_id()), "OK");
  ASSERT_TRUE(teams_->DeleteTeam(As(owner_), Of<user::v1::DeleteTeamRequest>(owner_)).ok());
  content::v1::ListPostsRequest own;
  own.set_user_id(member_);
  Await("the post to be its author's", [&] {
    const auto posts = posts_->ListPosts(As(member_), own);
    return posts.ok() && posts->posts_size() == 1 && posts->posts(0).team_id() == 0 &&
           posts->posts(0).state() == content::v1::POST_STATE_DRAFT;
  });
  Await("the account to be gone", [&] {
    const auto accounts =
        social_->GetAccounts(AsService(), Of<social::v1::GetAccountsRequest>(owner_));
    return accounts.ok() && accounts->accounts().empty();
  });
  Await("nobody to be a member", [&] { return Get(owner_, post.post_id()) == kDenied; });
}

}  // namespace
}  // namespace selfology
