// The studio with the services around it: content plans, social publishes at stand-ins of platforms,
// analytics counts, queue has the jobs, security the audit.
#include <atomic>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/http/client.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "selfology/analytics/v1/analytics_service_client.h"
#include "selfology/content/v1/content_service_client.h"
#include "selfology/events/v1/social.pb.h"
#include "selfology/queue/v1/queue_service_client.h"
#include "selfology/security/v1/audit_service_client.h"
#include "selfology/social/v1/social_service_client.h"
#include "services/platform/analytics/module.h"
#include "services/platform/queue/module.h"
#include "services/platform/security/module.h"
#include "services/studio/content/module.h"
#include "services/studio/content/settings.h"
#include "services/studio/social/fake_platforms_test.h"
#include "services/studio/social/module.h"
#include "services/studio/social/settings.h"
#include "testing/eventually.h"
#include "testing/mesh_test.h"

namespace selfology {
namespace {

using events::v1::SocialPostMeasured;
using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;
constexpr absl::Duration kLongPatience = absl::Minutes(4);

// Likes, reposts, replies and views, by platform.
using Numbers = std::map<social::v1::Platform, std::vector<int64_t>>;

class StudioTest : public testing::MeshTest {
 protected:
  void SetUp() override {
    platforms_.clock = [this] { return Now(); };
    StartMesh(
        testing::Modules(content::MakeModule(content::ContentSettings()),
                         social::MakeModule({.addresses = {.telegram = platforms_.url(),
                                                           .telegram_web = platforms_.url(),
                                                           .bluesky = platforms_.url()},
                                             .private_servers = true,
                                             .idle = absl::Milliseconds(20)}),
                         analytics::MakeModule(), queue::MakeModule(), security::MakeModule()),
        [this](service::Settings& settings) { settings.clock = [this] { return Now(); }; });
    social_.emplace(Peer("social"));
    content_.emplace(Peer("content"));
  }
  void TearDown() override { StopMesh(); }

  absl::Time Now() const { return absl::Now() + absl::Minutes(skew_minutes_.load()); }

  template <typename Request>
  static Request Mine(const std::string& json = "{}") {
    Request request;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &request).ok()) << json;
    request.set_user_id(kUser);
    return request;
  }

  int64_t Connect(const std::string& platform, const std::string& login = "") {
    const auto account = social_->ConnectAccount(
        Deadline(), Mine<social::v1::ConnectAccountRequest>(absl::StrCat(
                        R"({"secret": "good", "platform": ")", platform, R"(", "server": ")",
                        platforms_.url(), R"(", "login": ")", login, R"("})")));
    EXPECT_TRUE(account.ok()) << account.status();
    return account.ok() ? account->account().account_id() : 0;
  }
  int64_t Create(const std::string& text, const std::vector<int64_t>& accounts) {
    content::v1::CreatePostRequest request = Mine<content::v1::CreatePostRequest>();
    request.set_text(text);
    request.set_idempotency_key(text);
    for (const int64_t account : accounts) request.add_account_ids(account);
    const auto post = content_->CreatePost(Deadline(), request);
    EXPECT_TRUE(post.ok()) << post.status();
    return post.ok() ? post->post().post_id() : 0;
  }
  content::v1::Post Get(int64_t post_id) {
    auto request = Mine<content::v1::GetPostRequest>();
    request.set_post_id(post_id);
    const auto post = content_->GetPost(Deadline(), request);
    EXPECT_TRUE(post.ok()) << post.status();
    return post.ok() ? post->post() : content::v1::Post();
  }
  // How many posts are in that state.
  int64_t CountPosts(content::v1::PostState state) {
    const auto analytics = content_->GetContentAnalytics(
        Deadline(), Mine<content::v1::GetContentAnalyticsRequest>(R"({"days": 365})"));
    EXPECT_TRUE(analytics.ok()) << analytics.status();
    if (!analytics.ok()) return 0;
    for (const auto& count : analytics->states()) {
      if (count.state() == state) return count.posts();
    }
    return 0;
  }

  // The three views of the numbers.
  Numbers OfContent() {
    Numbers numbers;
    const auto analytics = content_->GetContentAnalytics(
        Deadline(), Mine<content::v1::GetContentAnalyticsRequest>(R"({"days": 365})"));
    EXPECT_TRUE(analytics.ok()) << analytics.status();
    if (!analytics.ok()) return numbers;
    for (const auto& one : analytics->platforms()) {
      numbers[one.platform()] = {one.metrics().likes(), one.metrics().reposts(),
                                 one.metrics().replies(), one.metrics().views()};
    }
    return numbers;
  }
  Numbers OfSocial() {
    Numbers numbers;
    const auto metrics = social_->GetMetrics(Deadline(), Mine<social::v1::GetMetricsRequest>());
    EXPECT_TRUE(metrics.ok()) << metrics.status();
    if (!metrics.ok()) return numbers;
    for (const auto& one : metrics->accounts()) {
      numbers[one.platform()] = {one.metrics().likes(), one.metrics().reposts(),
                                 one.metrics().replies(), one.metrics().views()};
    }
    return numbers;
  }
  Numbers OfAnalytics(int64_t post_id) {
    Numbers numbers;
    auto request = Mine<analytics::v1::GetPostPerformanceRequest>();
    request.set_post_id(post_id);
    const auto post = analytics::v1::AnalyticsServiceClient(Peer("analytics"))
                          .GetPostPerformance(Deadline(), request);
    if (!post.ok()) return numbers;
    for (const auto& one : post->platforms()) {
      numbers[one.platform()] = {one.likes(), one.reposts(), one.replies(), one.views()};
    }
    return numbers;
  }
  void AwaitNumbers(int64_t post_id, const Numbers& wanted) {
    Await("the numbers in each view", [&] {
      return OfContent() == wanted && OfSocial() == wanted && OfAnalytics(post_id) == wanted;
    });
    EXPECT_EQ(OfContent(), wanted);
    EXPECT_EQ(OfSocial(), wanted);
    EXPECT_EQ(OfAnalytics(post_id), wanted);
  }

  social::FakePlatforms platforms_;
  std::atomic<int> skew_minutes_ = 0;
  std::optional<social::v1::SocialServiceClient> social_;
  std::optional<content::v1::ContentServiceClient> content_;
};

TEST_F(StudioTest, OneJobPublishes500PostsAndAFailingPlatformHoldsUpNone) {
  constexpr int kPosts = 500;
  const std::vector<int64_t> accounts = {Connect("PLATFORM_MASTODON"),
                                         Connect("PLATFORM_BLUESKY", "me")};
  platforms_.Fail("bluesky", std::vector<social::Fault>(kPosts, social::Fault::k422));
  std::vector<std::string> ids;
  for (int i = 0; i < kPosts; ++i) {
    ids.push_back(absl::StrCat("\"", Create(absl::StrCat("post ", i), accounts), "\""));
  }
  auto enqueue = queue::v1::EnqueueJobRequest();
  enqueue.mutable_job()->set_kind("bulk_publish");
  enqueue.mutable_job()->set_user_id(kUser);
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                  absl::StrCat(R"({"platforms": ["mastodon", "bluesky"], "content_ids": [)",
                               absl::StrJoin(ids, ","), "]}"),
                  enqueue.mutable_job()->mutable_payload())
                  .ok());
  enqueue.set_idempotency_key("1");
  const queue::v1::QueueServiceClient jobs(Peer("queue"));
  const auto job = jobs.EnqueueJob(Deadline(), enqueue);
  ASSERT_TRUE(job.ok()) << job.status();
  queue::v1::GetJobRequest get;
  get.set_job_id(job->job().job_id());
  ASSERT_TRUE(testing::Eventually(
      [&] {
        const auto found = jobs.GetJob(Deadline(), get);
        return found.ok() && found->job().status() == queue::v1::JOB_STATUS_COMPLETED;
      },
      kLongPatience));
  ASSERT_TRUE(testing::Eventually(
      [&] { return CountPosts(content::v1::POST_STATE_PARTLY_PUBLISHED) == kPosts; },
      kLongPatience))
      << CountPosts(content::v1::POST_STATE_PARTLY_PUBLISHED) << " of them";
  std::set<std::string> texts;
  for (const auto& post : platforms_.posts("mastodon")) texts.insert(post.text);
  EXPECT_THAT(texts, SizeIs(kPosts));
  EXPECT_THAT(platforms_.posts("mastodon"), SizeIs(kPosts));
  EXPECT_EQ(platforms_.calls("mastodon"), kPosts);
  EXPECT_THAT(platforms_.posts("bluesky"), IsEmpty());
  EXPECT_EQ(platforms_.calls("bluesky"), kPosts);

  // One more is one too many.
  ids.push_back("\"1\"");
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                  absl::StrCat(R"({"platforms": ["mastodon"], "content_ids": [)",
                               absl::StrJoin(ids, ","), "]}"),
                  enqueue.mutable_job()->mutable_payload())
                  .ok());
  enqueue.set_idempotency_key("2");
  const auto more = jobs.EnqueueJob(Deadline(), enqueue);
  ASSERT_TRUE(more.ok()) << more.status();
  get.set_job_id(more->job().job_id());
  Await("its refusal", [&] {
    const auto found = jobs.GetJob(Deadline(), get);
    return found.ok() && found->job().status() == queue::v1::JOB_STATUS_DEAD &&
           found->job().last_error().find("500") != std::string::npos;
  });
}

TEST_F(StudioTest, EachViewOfAPostsNumbersSaysTheSameAlsoOnceItIsGone) {
  const int64_t mastodon = Connect("PLATFORM_MASTODON");
  const int64_t bluesky = Connect("PLATFORM_BLUESKY", "me");
  const int64_t post = Create("liked", {mastodon, bluesky});
  auto schedule = Mine<content::v1::SchedulePostRequest>();
  schedule.set_post_id(post);
  schedule.set_expected_revision(Get(post).revision());
  schedule.set_now(true);
  ASSERT_TRUE(content_->SchedulePost(Deadline(), schedule).ok());
  Await("the post to be out",
        [&] { return Get(post).state() == content::v1::POST_STATE_PUBLISHED; });
  skew_minutes_ += 6;
  AwaitNumbers(post, {{social::v1::PLATFORM_MASTODON, {3, 2, 1, 0}},
                      {social::v1::PLATFORM_BLUESKY, {5, 1, 2, 0}}});
  platforms_.likes = 40;
  skew_minutes_ += 25;
  AwaitNumbers(post, {{social::v1::PLATFORM_MASTODON, {40, 2, 1, 0}},
                      {social::v1::PLATFORM_BLUESKY, {5, 1, 2, 0}}});

  // Somebody removes it at Mastodon: a 404 ends its numbers, and those that were read stay.
  ASSERT_THAT(platforms_.posts("mastodon"), SizeIs(1));
  http::Client client({});
  const auto removed =
      client.Send(Deadline(), {.method = "DELETE",
                               .url = absl::StrCat(platforms_.url(), "/api/v1/statuses/",
                                                   platforms_.posts("mastodon")[0].id),
                               .headers = {{"Authorization", "Bearer good"}}});
  ASSERT_TRUE(removed.ok() && removed->status == 200);
  const auto to_be_read = [&] {
    const auto rows =
        DatabaseAs("selfology_social").Read(Deadline(), [&](postgres::Transaction& tx) {
          return tx.QueryOne<int64_t>(
              "SELECT count(*) FROM social_publications WHERE account_id ="
              " $1 AND measure_at IS NOT NULL",
              mastodon);
        });
    return rows.ok() ? std::get<0>(**rows) : -1;
  };
  EXPECT_EQ(to_be_read(), 1);
  skew_minutes_ += 120;
  Await("the end of its numbers", [&] { return to_be_read() == 0; });
  // Bluesky's go on to the last of the eight.
  Await("eight readings", [&] {
    skew_minutes_ += 6 * 60;
    int readings = 0;
    for (const auto& event : Published<SocialPostMeasured>()) {
      readings += event.account_id() == bluesky ? 1 : 0;
    }
    return readings == 8;
  });
  int of_mastodon = 0;
  for (const auto& event : Published<SocialPostMeasured>()) {
    of_mastodon += event.account_id() == mastodon ? 1 : 0;
  }
  EXPECT_EQ(of_mastodon, 2);
  const Numbers last = {{social::v1::PLATFORM_MASTODON, {40, 2, 1, 0}},
                        {social::v1::PLATFORM_BLUESKY, {5, 1, 2, 0}}};
  AwaitNumbers(post, last);
  // And by its owner: what people did stays.
  const content::v1::Post known = Get(post);
  for (const auto& result : known.results()) {
    auto remove = Mine<social::v1::RemovePublicationRequest>();
    remove.set_publication_id(result.publication_id());
    ASSERT_TRUE(social_->RemovePublication(Deadline(), remove).ok());
  }
  Await("content to know", [&] {
    const content::v1::Post now = Get(post);
    return now.results_size() == 2 && now.results(0).reason() == "it was removed" &&
           now.results(1).reason() == "it was removed";
  });
  AwaitNumbers(post, last);
}

TEST_F(StudioTest, TheAuditHasWhatWasConnectedPublishedAndDisconnected) {
  const int64_t account = Connect("PLATFORM_MASTODON");
  auto publish = Mine<social::v1::PublishRequest>();
  publish.add_account_ids(account);
  publish.set_text("hello");
  publish.set_idempotency_key("1");
  ASSERT_TRUE(social_->Publish(Deadline(), publish).ok());
  AwaitPublished<events::v1::SocialPostPublished>();
  auto disconnect = Mine<social::v1::DisconnectAccountRequest>();
  disconnect.set_account_id(account);
  ASSERT_TRUE(social_->DisconnectAccount(Deadline(), disconnect).ok());
  const security::v1::AuditServiceClient audit(Peer("security"));
  std::vector<std::string> words;
  Await("the records", [&] {
    security::v1::ListAuditRecordsRequest request;
    request.set_person_id(kUser);
    const auto records = audit.ListAuditRecords(Deadline(), request);
    words.clear();
    if (!records.ok()) return false;
    for (const auto& record : records->records()) {
      if (!record.action().starts_with("social.")) continue;
      words.push_back(absl::StrCat(record.action(), " ", record.outcome()));
    }
    return words.size() == 3;
  });
  EXPECT_THAT(words,
              ::testing::ElementsAre("social.account.disconnected ok", "social.post.published ok",
                                     "social.account.connected ok"))
      << "the newest first";
}

}  // namespace
}  // namespace selfology
