// Posts' numbers, and who is likely to leave, over real servers.
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/analytics/v1/analytics_service_client.h"
#include "selfology/events/v1/analytics.pb.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/events/v1/social.pb.h"
#include "services/platform/analytics/module.h"
#include "testing/mesh_test.h"

namespace selfology::analytics {
namespace {

using events::v1::AnalyticsThresholdReached;
using events::v1::NotificationRequested;
using events::v1::SocialPostMeasured;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;

class PostsTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(MakeModule()));
    client_.emplace(Peer("analytics"));
  }

  SocialPostMeasured Measured(int64_t post, int64_t publication, int reading, int64_t likes,
                              int64_t views = 0,
                              social::v1::Platform platform = social::v1::PLATFORM_MASTODON) {
    SocialPostMeasured event;
    event.set_user_id(kUser);
    event.set_publication_id(publication);
    event.set_platform(platform);
    event.set_post_id(post);
    event.set_reading(reading);
    event.mutable_metrics()->set_likes(likes);
    event.mutable_metrics()->set_replies(1);
    event.mutable_metrics()->set_views(views);
    *event.mutable_metrics()->mutable_measured_at() =
        timestamps::ToProto(start_ + absl::Hours(reading));
    return event;
  }
  absl::StatusOr<v1::GetPostPerformanceResponse> Performance(int64_t user, int64_t post) {
    v1::GetPostPerformanceRequest request;
    request.set_user_id(user);
    request.set_post_id(post);
    return client_->GetPostPerformance(Deadline(), request);
  }

  const absl::Time start_ = timestamps::WholeMicroseconds(absl::Now()) - absl::Hours(100);
  std::optional<v1::AnalyticsServiceClient> client_;
};

TEST_F(PostsTest, ThePerformanceOfAPostIsItsLatestNumbersAtEachPlatform) {
  Publish(Measured(7, 1, 2, 20, 100));
  Publish(Measured(7, 1, 1, 10, 50));  // Comes late.
  Publish(Measured(7, 2, 1, 5));       // Another account there.
  Publish(Measured(7, 3, 1, 9, 0, social::v1::PLATFORM_BLUESKY));
  Publish(Measured(8, 4, 1, 1000000, 1));
  AwaitHandled("analytics_counting", 5);
  const auto post = Performance(kUser, 7);
  ASSERT_TRUE(post.ok()) << post.status();
  ASSERT_THAT(post->platforms(), SizeIs(2));
  EXPECT_EQ(post->platforms(0).platform(), social::v1::PLATFORM_MASTODON);
  EXPECT_EQ(post->platforms(0).likes(), 25);
  EXPECT_EQ(post->platforms(0).engagement(), 27);
  EXPECT_DOUBLE_EQ(post->platforms(0).engagement_rate(), 0.27);
  EXPECT_EQ(post->platforms(1).likes(), 9);
  EXPECT_EQ(post->total().engagement(), 37);
  EXPECT_EQ(post->total().views(), 100);
  EXPECT_EQ(timestamps::FromProto(post->total().measured_at()), start_ + absl::Hours(2));
  EXPECT_EQ(Performance(kUser + 1, 7).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Performance(kUser, 0).status().code(), absl::StatusCode::kInvalidArgument);
  v1::DeleteUserDataRequest erase;
  erase.set_user_id(kUser);
  ASSERT_TRUE(client_->DeleteUserData(Deadline(), erase).ok());
  EXPECT_EQ(Performance(kUser, 7).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(PostsTest, AViralPostIsToldOfOnce) {
  for (int i = 1; i <= 5; ++i) Publish(Measured(i, i, 1, 19));
  Publish(Measured(6, 6, 1, 98));  // 99: not five times 20.
  Publish(Measured(7, 7, 1, 99));
  Publish(Measured(7, 7, 2, 5000));
  AwaitHandled("analytics_counting", 8);
  Republish();
  const auto reached = AwaitPublished<AnalyticsThresholdReached>();
  ASSERT_THAT(reached, SizeIs(1));
  EXPECT_EQ(reached[0].threshold_id(), "social.viral");
  EXPECT_EQ(reached[0].dimension_value(), "7");
  EXPECT_EQ(reached[0].value(), 100);
  EXPECT_EQ(reached[0].threshold(), 100);
  const auto told = AwaitPublished<NotificationRequested>();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].kind(), "analytics.post.viral");
  EXPECT_EQ(told[0].user_id(), kUser);

  v1::PutThresholdRequest put;
  put.mutable_threshold()->set_threshold_id("social.viral");
  put.mutable_threshold()->set_metric("social.post.engagement");
  put.mutable_threshold()->set_value(30);
  ASSERT_TRUE(client_->PutThreshold(Deadline(), put).ok());
  Publish(Measured(8, 8, 1, 29));
  EXPECT_EQ(AwaitPublished<AnalyticsThresholdReached>(2)[1].dimension_value(), "8");
}

TEST_F(PostsTest, SaysWhoIsLikelyToLeaveOrWhyNot) {
  const auto predict = [&] {
    const auto churn = client_->PredictChurn(Deadline(), v1::PredictChurnRequest());
    EXPECT_TRUE(churn.ok()) << churn.status();
    return churn.value_or(v1::PredictChurnResponse());
  };
  EXPECT_THAT(predict().reason(), HasSubstr("30 are needed"));
  EXPECT_THAT(predict().people(), IsEmpty());
  // Of 60 people every third did little and then nothing.
  ASSERT_TRUE(DatabaseAs("selfology_analytics")
                  .Write(Deadline(),
                         [](postgres::Transaction& tx) {
                           tx.Queue(
                               "INSERT INTO analytics_user_days (metric, day, user_id, events)"
                               " SELECT 'track.read', (now() AT TIME ZONE 'UTC')::date - ago, p, 2"
                               " FROM generate_series(1, 60) p, generate_series(1, 40) ago"
                               " WHERE CASE WHEN p % 3 = 0 THEN ago IN (30, 35)"
                               " ELSE ago % (1 + p % 2) = 0 END");
                           // One of those who stayed does less now.
                           tx.Queue(
                               "DELETE FROM analytics_user_days WHERE user_id = 1 AND day >"
                               " (now() AT TIME ZONE 'UTC')::date - 20");
                           return absl::OkStatus();
                         })
                  .ok());
  const auto churn = predict();
  EXPECT_EQ(churn.learned_from(), 60);
  EXPECT_GE(churn.auc(), 0.75) << churn.reason();
  ASSERT_THAT(churn.people(), SizeIs(40));  // The others are gone already.
  EXPECT_EQ(churn.people(0).user_id(), 1);
  EXPECT_GT(churn.people(0).probability(), churn.people(39).probability());
  EXPECT_THAT(churn.factors(), SizeIs(5));
}

}  // namespace
}  // namespace selfology::analytics
