#include "services/studio/content/publication_jobs.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "selfology/content/v1/content_service_client.h"
#include "selfology/events/v1/content.pb.h"
#include "selfology/events/v1/social.pb.h"
#include "services/studio/content/fake_social_test.h"
#include "services/studio/content/module.h"
#include "services/studio/content/settings.h"
#include "testing/mesh_test.h"

namespace selfology::content {
namespace {

using events::v1::ContentPublicationRequested;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;

class PublicationJobsTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    ContentSettings settings;
    settings.works_jobs = false;
    StartMesh(
        ::selfology::testing::Modules(MakeModule(settings), std::make_unique<FakeSocialModule>()));
    client_.emplace(Peer("content"));
    posts_.emplace(DatabaseAs("selfology_content"), Peer("social"), [] { return absl::Now(); });
    jobs_.emplace(PublicationJobs::Around{.database = DatabaseAs("selfology_content"),
                                          .posts = *posts_,
                                          .social = Peer("social"),
                                          .clock = [] { return absl::Now(); }});
  }
  void TearDown() override { StopMesh(); }

  v1::Post Create(const std::string& text, std::vector<int64_t> accounts,
                  bool needs_approval = false) {
    v1::CreatePostRequest request;
    request.set_user_id(kUser);
    request.set_text(text);
    for (const int64_t account : accounts) request.add_account_ids(account);
    request.set_needs_approval(needs_approval);
    request.set_idempotency_key(text);
    const auto response = client_->CreatePost(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->post() : v1::Post();
  }
  v1::Post Get(int64_t post_id) {
    v1::GetPostRequest request;
    request.set_user_id(kUser);
    request.set_post_id(post_id);
    const auto response = client_->GetPost(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->post() : v1::Post();
  }

  using Work = absl::StatusOr<jobs::Result> (PublicationJobs::*)(const Call&, const jobs::Job&);
  absl::Status Done(Work work, const std::string& payload, int64_t user_id = kUser) {
    queue::v1::LeasedJob leased;
    leased.set_user_id(user_id);
    EXPECT_TRUE(
        google::protobuf::util::JsonStringToMessage(payload, leased.mutable_payload()).ok());
    queue::v1::WorkerServiceClient nobody(Peer("content"));
    return ((*jobs_).*work)(Deadline(), jobs::Job(leased, nobody)).status();
  }

  void AwaitState(int64_t post_id, v1::PostState state) {
    Await(v1::PostState_Name(state), [&] { return Get(post_id).state() == state; });
  }
  void TellPublished(int64_t post_id, int64_t account_id) {
    events::v1::SocialPostPublished event;
    event.set_user_id(kUser);
    event.set_post_id(post_id);
    event.set_account_id(account_id);
    event.set_platform(account_id == 1 ? social::v1::PLATFORM_MASTODON
                                       : social::v1::PLATFORM_BLUESKY);
    event.set_publication_id(10 + account_id);
    Publish(event);
  }

  std::optional<v1::ContentServiceClient> client_;
  std::optional<ContentService> posts_;
  std::optional<PublicationJobs> jobs_;
};

TEST_F(PublicationJobsTest, SchedulesAtTheAccountsOfThePlatformsOnce) {
  const v1::Post post = Create("hello", {});
  const std::string payload =
      absl::StrCat(R"({"content_id": ")", post.post_id(), R"(", "platforms": ["bluesky"]})");
  ASSERT_TRUE(Done(&PublicationJobs::Schedule, payload).ok());
  AwaitState(post.post_id(), v1::POST_STATE_PUBLISHING);
  EXPECT_THAT(Get(post.post_id()).account_ids(), ElementsAre(2));
  ASSERT_TRUE(Done(&PublicationJobs::Schedule, payload).ok()) << "the same job again";
  EXPECT_THAT(Published<ContentPublicationRequested>(), SizeIs(1));
}

TEST_F(PublicationJobsTest, ALaterTimeIsPlanned) {
  const v1::Post post = Create("later", {1});
  ASSERT_TRUE(Done(&PublicationJobs::Schedule,
                   absl::StrCat(R"({"content_id": ")", post.post_id(),
                                R"(", "platforms": ["mastodon"], "scheduled_time": ")",
                                absl::FormatTime(absl::RFC3339_sec, absl::Now() + absl::Hours(2),
                                                 absl::UTCTimeZone()),
                                R"("})"))
                  .ok());
  EXPECT_EQ(Get(post.post_id()).state(), v1::POST_STATE_SCHEDULED);
  EXPECT_THAT(Published<ContentPublicationRequested>(), IsEmpty());
}

TEST_F(PublicationJobsTest, OneThatCannotBePublishedHoldsUpNoOther) {
  const v1::Post bad = Create("to be approved", {1}, /*needs_approval=*/true);
  const v1::Post good = Create("good", {1});
  const absl::Status done = Done(&PublicationJobs::PublishSeveral,
                                 absl::StrCat(R"({"content_ids": [")", bad.post_id(), R"(", ")",
                                              good.post_id(), R"("], "platforms": ["mastodon"]})"));
  EXPECT_EQ(done.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(done.message()), HasSubstr(absl::StrCat("post ", bad.post_id())));
  AwaitState(good.post_id(), v1::POST_STATE_PUBLISHING);
  EXPECT_EQ(Get(bad.post_id()).state(), v1::POST_STATE_DRAFT);
}

TEST_F(PublicationJobsTest, WhatIsOutGoesToFurtherPlatforms) {
  const v1::Post post = Create("out", {1});
  const std::string sync =
      absl::StrCat(R"({"content_id": ")", post.post_id(), R"(", "source_platform": "mastodon",)",
                   R"( "platforms": ["mastodon", "bluesky"]})");
  EXPECT_EQ(Done(&PublicationJobs::Synchronize, sync).code(), absl::StatusCode::kFailedPrecondition)
      << "it is not out";
  ASSERT_TRUE(Done(&PublicationJobs::Schedule, absl::StrCat(R"({"content_id": ")", post.post_id(),
                                                            R"(", "platforms": ["mastodon"]})"))
                  .ok());
  AwaitPublished<ContentPublicationRequested>();
  TellPublished(post.post_id(), 1);
  AwaitState(post.post_id(), v1::POST_STATE_PUBLISHED);
  ASSERT_TRUE(Done(&PublicationJobs::Synchronize, sync).ok());
  const auto requested = AwaitPublished<ContentPublicationRequested>(2);
  EXPECT_EQ(requested[1].account_id(), 2) << "only where it was missing";
  AwaitState(post.post_id(), v1::POST_STATE_PUBLISHING);
  EXPECT_EQ(Done(&PublicationJobs::Synchronize, sync).code(), absl::StatusCode::kUnavailable);
  TellPublished(post.post_id(), 2);
  AwaitState(post.post_id(), v1::POST_STATE_PUBLISHED);
  ASSERT_TRUE(Done(&PublicationJobs::Synchronize, sync).ok());
  EXPECT_THAT(Published<ContentPublicationRequested>(), SizeIs(2));
}

TEST_F(PublicationJobsTest, NobodyPublishesForAnother) {
  const v1::Post post = Create("mine", {1});
  const std::string payload =
      absl::StrCat(R"({"content_id": ")", post.post_id(),
                   R"(", "platforms": ["mastodon"], "user_id": ")", kUser, R"("})");
  EXPECT_EQ(Done(&PublicationJobs::Schedule, payload, kUser + 1).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Done(&PublicationJobs::Schedule,
                 absl::StrCat(R"({"content_id": ")", post.post_id(), R"(", "platforms": ["x"]})"),
                 kUser + 1)
                .code(),
            absl::StatusCode::kNotFound);
  EXPECT_TRUE(Done(&PublicationJobs::Schedule, payload, 0).ok()) << "a service may";
}

}  // namespace
}  // namespace selfology::content
