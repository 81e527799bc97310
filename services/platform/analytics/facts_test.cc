#include "services/platform/analytics/facts.h"

#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "selfology/analytics/v1/analytics_service.pb.h"
#include "services/platform/analytics/threshold_rules.h"

namespace selfology::analytics {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(FactsTest, TakesShortTextsEnumsAndNumbersButNoIds) {
  v1::SeriesQuery query;
  query.set_metric("session.completed");
  query.set_measure(v1::MEASURE_PEOPLE);
  query.set_time_zone(std::string(65, 'x'));
  const Facts facts = FactsOf(query);
  EXPECT_THAT(facts.dimensions,
              ElementsAre(Pair("measure", "people"), Pair("metric", "session.completed")));
  v1::Threshold threshold;
  threshold.set_threshold_id("viral");
  threshold.set_window_hours(3);
  threshold.set_value(0.5);
  EXPECT_THAT(FactsOf(threshold).dimensions, IsEmpty());
  EXPECT_THAT(FactsOf(threshold).numbers,
              ElementsAre(Pair("times_median", 0), Pair("value", 0.5), Pair("window_hours", 3)));
  v1::FunnelStep step;
  step.mutable_median_time()->set_seconds(2);
  step.mutable_median_time()->set_nanos(500'000'000);
  EXPECT_EQ(FactsOf(step).numbers.at("median_time_seconds"), 2.5);
}

TEST(FactsTest, TakesTrackedPropertiesOrSaysWhyNot) {
  google::protobuf::Struct properties;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                  R"({"platform": "facebook", "likes": 45, "paid": true})", &properties)
                  .ok());
  status::FieldViolations bad;
  const Facts facts = FactsOf(properties, bad);
  EXPECT_TRUE(bad.empty());
  EXPECT_THAT(facts.dimensions, ElementsAre(Pair("paid", "true"), Pair("platform", "facebook")));
  EXPECT_THAT(facts.numbers, ElementsAre(Pair("likes", 45)));
  EXPECT_EQ(NumbersJson(facts), R"({"likes":45})");

  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                  R"({"Bad Name": 1, "list": [1], "empty": "", "null": null})", &properties)
                  .ok());
  FactsOf(properties, bad);
  EXPECT_THAT(status::Violations(bad.ToStatus()), SizeIs(4));
}

TEST(ThresholdTest, IsAValueOrTimesTheMedian) {
  v1::Threshold threshold;
  threshold.set_value(1000);
  EXPECT_EQ(Reach(threshold, {5, 5, 5}), 1000);
  threshold.set_value(0);
  threshold.set_times_median(3);
  EXPECT_EQ(Reach(threshold, {100, 10, 20}), 60);
  EXPECT_EQ(Reach(threshold, {100, 10, 20, 30}), 75);
  EXPECT_EQ(Reach(threshold, {0, 0, 1}), 10);
  EXPECT_EQ(Reach(threshold, {}), 10);
}

}  // namespace
}  // namespace selfology::analytics
