#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/http/client.h"
#include "common/observe/metrics.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/profile/fake_qdrant_test.h"
#include "services/coaching/profile/vector_store.h"

namespace selfology::profile {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kLook[] = "GET /collections/user_profiles_512d";
constexpr char kMake[] = "PUT /collections/user_profiles_512d";
constexpr char kUpsert[] = "PUT /collections/user_profiles_512d/points";
constexpr char kDelete[] = "POST /collections/user_profiles_512d/points/delete";

// A unit vector at so many degrees from the first axis.
std::vector<double> At(double degrees) {
  std::vector<double> vector(kDimensions, 0);
  vector[0] = std::cos(degrees * M_PI / 180);
  vector[1] = std::sin(degrees * M_PI / 180);
  return vector;
}

Point PointOf(int64_t user, double degrees = 0) {
  return {.user_id = user,
          .vector = At(degrees),
          .summary = absl::StrCat("at ", degrees),
          .created_at = absl::FromUnixMillis(1'760'000'000'250)};
}

class QdrantVectorsTest : public ::testing::Test {
 protected:
  QdrantVectorsTest() {
    QdrantOptions options;
    options.url = qdrant_.url();
    options.retry.wait = [this](const Call&, absl::Duration delay) {
      waits_.push_back(delay);
      return true;
    };
    options.clock = [this] { return now_; };
    vectors_ = MakeQdrantVectors(std::move(options), http_, metrics_);
  }

  static Call Soon() { return Call::Background(absl::Seconds(60)); }
  absl::Status Upsert(const std::vector<Point>& points) { return vectors_->Upsert(Soon(), points); }
  std::vector<int64_t> Found(const SearchOptions& options) {
    const auto matches = vectors_->Search(Soon(), At(0), options);
    EXPECT_TRUE(matches.ok()) << matches.status();
    std::vector<int64_t> users;
    if (matches.ok()) {
      for (const Match& match : *matches) users.push_back(match.user_id);
    }
    return users;
  }

  FakeQdrant qdrant_;
  observe::Metrics metrics_;
  http::Client http_{{.metrics = &metrics_}};
  absl::Time now_ = absl::FromUnixSeconds(1'760'000'000);
  std::vector<absl::Duration> waits_;
  std::unique_ptr<VectorStore> vectors_;
};

TEST_F(QdrantVectorsTest, MakesTheCollectionOnceWhenItIsMissing) {
  ASSERT_TRUE(Upsert({PointOf(1)}).ok());
  ASSERT_TRUE(Upsert({PointOf(2)}).ok());
  EXPECT_THAT(qdrant_.requests(), ElementsAre(kLook, kMake, kLook, kUpsert, kUpsert));
}

TEST_F(QdrantVectorsTest, TakesTheCollectionThatIsThere) {
  qdrant_.CreateCollection(kDimensions, "Cosine");
  ASSERT_TRUE(Upsert({PointOf(1)}).ok());
  EXPECT_THAT(qdrant_.requests(), ElementsAre(kLook, kUpsert));
}

TEST_F(QdrantVectorsTest, AnotherReplicaMayMakeTheCollectionFirst) {
  qdrant_.CreateCollection(kDimensions, "Cosine");
  qdrant_.Next(FakeQdrant::Status(404));  // Not yet, at the first look; then HTTP 409.
  EXPECT_TRUE(Upsert({PointOf(1)}).ok());
  EXPECT_THAT(qdrant_.requests(), ElementsAre(kLook, kMake, kLook, kUpsert));
  EXPECT_THAT(waits_, IsEmpty());
}

TEST_F(QdrantVectorsTest, WorksWithNoCollectionOfAnotherShape) {
  for (const auto& [size, distance] :
       std::vector<std::pair<int, std::string>>{{256, "Cosine"}, {kDimensions, "Dot"}}) {
    qdrant_.CreateCollection(size, distance);
    const absl::Status status = Upsert({PointOf(1)});
    EXPECT_EQ(status::Reason(status), "SERVICE_DEGRADED");
    EXPECT_THAT(std::string(status.message()), HasSubstr("512 dimensions and distance Cosine"));
    EXPECT_THAT(qdrant_.points(), IsEmpty());
  }
  EXPECT_THAT(waits_, IsEmpty());
}

TEST_F(QdrantVectorsTest, MakesACollectionThatWasDroppedAgain) {
  ASSERT_TRUE(Upsert({PointOf(1)}).ok());
  qdrant_.DropCollection();
  EXPECT_TRUE(Upsert({PointOf(2)}).ok());
  EXPECT_THAT(qdrant_.points(), SizeIs(1));
}

TEST_F(QdrantVectorsTest, APointCarriesWhoseItIsItsSummaryAndWhenTheProfileWasMade) {
  ASSERT_TRUE(Upsert({PointOf(7, 30)}).ok());
  const auto points = qdrant_.points();
  ASSERT_THAT(points, SizeIs(1));
  EXPECT_EQ(points.at(7).vector, At(30));
  EXPECT_EQ(points.at(7).payload, (nlohmann::json{{"user_id", 7},
                                                  {"profile_summary", "at 30"},
                                                  {"created_at", "2025-10-09T08:53:20.25+00:00"}}));
}

TEST_F(QdrantVectorsTest, AnUpsertMadeTwiceStoresOneOfEach) {
  ASSERT_TRUE(Upsert({PointOf(1, 10), PointOf(2, 20)}).ok());
  ASSERT_TRUE(Upsert({PointOf(1, 10), PointOf(2, 25)}).ok());
  const auto points = qdrant_.points();
  EXPECT_THAT(points, SizeIs(2));
  EXPECT_EQ(points.at(2).payload["profile_summary"], "at 25");
}

TEST_F(QdrantVectorsTest, AVectorOfTheWrongSizeIsRefusedAndNotTriedAgain) {
  Point point = PointOf(1);
  point.vector.pop_back();
  EXPECT_EQ(status::Reason(Upsert({point})), "SERVICE_DEGRADED");
  EXPECT_THAT(waits_, IsEmpty());
  EXPECT_THAT(qdrant_.points(), IsEmpty());
}

TEST_F(QdrantVectorsTest, FindsTheNearestFirst) {
  ASSERT_TRUE(Upsert({PointOf(1, 80), PointOf(2, 10), PointOf(3, 40), PointOf(4, 180)}).ok());
  const auto matches = vectors_->Search(Soon(), At(0), {});
  ASSERT_TRUE(matches.ok()) << matches.status();
  ASSERT_THAT(*matches, SizeIs(4));
  EXPECT_EQ(matches->front().user_id, 2);
  EXPECT_NEAR(matches->front().score, std::cos(10 * M_PI / 180), 1e-9);
  EXPECT_EQ(matches->front().summary, "at 10");
  EXPECT_NEAR(matches->back().score, -1, 1e-9);
  EXPECT_THAT(Found({.limit = 2}), ElementsAre(2, 3));
  EXPECT_THAT(Found({.min_score = 0.5}), ElementsAre(2, 3));
  EXPECT_THAT(Found({.except_user = 2}), ElementsAre(3, 1, 4));
  EXPECT_THAT(Found({.limit = 1, .min_score = 0.5, .except_user = 2}), ElementsAre(3));
}

TEST_F(QdrantVectorsTest, APersonIsDeletedAndNobodyElse) {
  ASSERT_TRUE(Upsert({PointOf(1), PointOf(2)}).ok());
  EXPECT_TRUE(vectors_->Delete(Soon(), 1).ok());
  EXPECT_TRUE(vectors_->Delete(Soon(), 1).ok());
  EXPECT_THAT(Found({}), ElementsAre(2));
  EXPECT_THAT(qdrant_.requests(), ::testing::Contains(Eq(kDelete)).Times(2));
}

TEST_F(QdrantVectorsTest, TriesAgainWhatMayPass) {
  ASSERT_TRUE(Upsert({PointOf(1)}).ok());
  for (const int code : {500, 502, 503, 408, 429}) {
    waits_.clear();
    qdrant_.Next(FakeQdrant::Status(code));
    qdrant_.Next(FakeQdrant::Status(code));
    EXPECT_TRUE(Upsert({PointOf(code)}).ok()) << code;
    // About 1 s and 2 s.
    ASSERT_THAT(waits_, SizeIs(2)) << code;
    EXPECT_GE(waits_[0], absl::Milliseconds(800));
    EXPECT_LE(waits_[0], absl::Milliseconds(1200));
    EXPECT_GE(waits_[1], absl::Milliseconds(1600));
    EXPECT_LE(waits_[1], absl::Milliseconds(2400));
    EXPECT_TRUE(qdrant_.points().contains(code));
  }
}

TEST_F(QdrantVectorsTest, TriesAgainAfterALostConnection) {
  ASSERT_TRUE(Upsert({PointOf(1)}).ok());
  qdrant_.Next(FakeQdrant::Drop());
  EXPECT_THAT(Found({}), ElementsAre(1));
  EXPECT_THAT(waits_, SizeIs(1));
}

TEST_F(QdrantVectorsTest, WaitsAsLongAsQdrantAsks) {
  qdrant_.Next(FakeQdrant::Status(429, {{"Retry-After", "7"}}));
  EXPECT_TRUE(Upsert({PointOf(1)}).ok());
  ASSERT_THAT(waits_, SizeIs(1));
  EXPECT_GE(waits_[0], absl::Seconds(7));
}

TEST_F(QdrantVectorsTest, GivesUpAfterThreeAttempts) {
  ASSERT_TRUE(Upsert({PointOf(1)}).ok());
  const size_t before = qdrant_.requests().size();
  qdrant_.Always(FakeQdrant::Status(503));
  const absl::Status status = Upsert({PointOf(2)});
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_EQ(status::Reason(status), "SERVICE_DEGRADED");
  EXPECT_EQ(qdrant_.requests().size(), before + 3);
  EXPECT_THAT(waits_, SizeIs(2));
}

TEST_F(QdrantVectorsTest, AHangIsNotWaitedForPastTheDeadline) {
  qdrant_.Always(qdrant_.Hang());
  const absl::Status status =
      vectors_->Upsert(Call::Background(absl::Milliseconds(100)), {PointOf(1)});
  EXPECT_EQ(status::Reason(status), "SERVICE_DEGRADED");
  EXPECT_THAT(qdrant_.requests(), SizeIs(1));
  EXPECT_THAT(waits_, IsEmpty());
}

TEST_F(QdrantVectorsTest, AfterFiveFailuresItIsLeftAloneForAMinute) {
  qdrant_.Always(FakeQdrant::Status(503));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Upsert({PointOf(1)}).ok());
  const size_t asked = qdrant_.requests().size();
  qdrant_.Always(nullptr);

  const auto refused = vectors_->Search(Soon(), At(0), {});
  EXPECT_EQ(status::Reason(refused.status()), "SERVICE_DEGRADED");
  EXPECT_EQ(status::RetryAfter(refused.status()), absl::Seconds(60));
  EXPECT_FALSE(vectors_->Healthy(Soon()).ok());
  EXPECT_EQ(qdrant_.requests().size(), asked);

  now_ += absl::Seconds(61);
  EXPECT_TRUE(vectors_->Healthy(Soon()).ok());
  EXPECT_TRUE(Upsert({PointOf(1)}).ok());
  EXPECT_THAT(Found({}), ElementsAre(1));
}

TEST_F(QdrantVectorsTest, AReplyThatMakesNoSenseIsAnError) {
  qdrant_.CreateCollection(kDimensions, "Cosine");
  ASSERT_TRUE(Upsert({PointOf(1)}).ok());
  for (const char* reply :
       {"", "no JSON", "[]", "{}", R"({"result":[]})", R"({"result":{"points":{}}})",
        R"({"result":{"points":[1]}})", R"({"result":{"points":[{"id":"x","score":1}]}})",
        R"({"result":{"points":[{"id":1,"score":"high"}]}})"}) {
    qdrant_.Next(FakeQdrant::Raw(reply));
    const auto matches = vectors_->Search(Soon(), At(0), {});
    EXPECT_EQ(status::Reason(matches.status()), "SERVICE_DEGRADED") << reply;
    now_ += absl::Seconds(61);
  }
  // A payload may be anything, or absent.
  qdrant_.Next(FakeQdrant::Raw(
      R"({"result":{"points":[{"id":1,"score":1,"payload":null},{"id":2,"score":0}]}})"));
  EXPECT_THAT(Found({}), ElementsAre(1, 2));
}

}  // namespace
}  // namespace selfology::profile
