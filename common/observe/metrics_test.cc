#include "common/observe/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace selfology::observe {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MetricsTest, TheSameNameAndLabelsAreTheSameSeries) {
  Metrics metrics;
  metrics.Counter("ai_cost_usd_total", "Money", {{"model", "a"}}).Increment(0.25);
  metrics.Counter("ai_cost_usd_total", "Money", {{"model", "a"}}).Increment(0.5);
  metrics.Counter("ai_cost_usd_total", "Money", {{"model", "b"}}).Increment();
  EXPECT_EQ(metrics.Counter("ai_cost_usd_total", "Money", {{"model", "a"}}).Value(), 0.75);
  const std::string text = metrics.Expose();
  EXPECT_THAT(text, HasSubstr("# TYPE ai_cost_usd_total counter"));
  EXPECT_THAT(text, HasSubstr("ai_cost_usd_total{model=\"a\"} 0.75"));
  EXPECT_THAT(text, HasSubstr("ai_cost_usd_total{model=\"b\"} 1"));
}

TEST(MetricsTest, GaugesGoBothWays) {
  Metrics metrics;
  const Gauge pending = metrics.Gauge("event_outbox_pending_count", "Events to publish");
  pending.Set(5);
  pending.Increment();
  pending.Decrement(3);
  EXPECT_EQ(pending.Value(), 3);
}

TEST(MetricsTest, HistogramsTakeDurationsInSeconds) {
  Metrics metrics;
  const Histogram latency =
      metrics.Histogram("instant_analysis_duration_seconds", "Latency", LatencyBuckets());
  latency.Observe(absl::Milliseconds(250));
  latency.Observe(0.5);
  EXPECT_EQ(latency.Count(), 2u);
  EXPECT_EQ(latency.Sum(), 0.75);
  EXPECT_THAT(metrics.Expose(),
              HasSubstr("instant_analysis_duration_seconds_bucket{le=\"0.3\"} 1"));
}

TEST(MetricsTest, RefusedNamesGiveHandlesThatDoNothing) {
  Metrics metrics;
  testing::internal::CaptureStderr();
  metrics.Counter("taken", "A counter").Increment();
  metrics.Gauge("taken", "Not a gauge").Set(5);
  metrics.Counter("no spaces", "Bad name").Increment();
  metrics.Counter("labels", "Bad label", {{"le-le", "x"}}).Increment();
  metrics.Histogram("order", "Bad buckets", {2, 1}).Observe(1);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("invalid metric not registered"));
  EXPECT_EQ(metrics.Counter("taken", "A counter").Value(), 1);
  EXPECT_THAT(metrics.Expose(), Not(HasSubstr("no spaces")));
}

TEST(MetricsTest, DefaultHandlesDoNothing) {
  Counter().Increment();
  Gauge().Set(1);
  Histogram().Observe(1);
  EXPECT_EQ(Counter().Value() + Gauge().Value() + Histogram().Sum(), 0);
}

TEST(MetricsTest, CountersAndGaugesCanBeRead) {
  Metrics metrics;
  metrics.Counter("sent_total", "x", {{"to", "a"}}).Increment(2);
  metrics.Counter("sent_total", "x", {{"to", "b"}}).Increment(3);
  metrics.Gauge("waiting", "x").Set(7);
  metrics.Gauge("other", "x").Set(1);
  metrics.Histogram("slow_seconds", "x", {1}).Observe(1);
  const Metrics::Samples samples = metrics.Read({"sent_total", "waiting", "slow_seconds", "none"});
  ASSERT_EQ(samples.size(), 2u);
  ASSERT_EQ(samples.at("waiting").size(), 1u);
  EXPECT_EQ(samples.at("waiting")[0].value, 7);
  std::map<std::string, double> sent;
  for (const Metrics::Sample& sample : samples.at("sent_total")) {
    sent[sample.labels.at("to")] = sample.value;
  }
  EXPECT_EQ(sent, (std::map<std::string, double>{{"a", 2}, {"b", 3}}));
}

TEST(RequestsTest, FeedTheSpecsHistogram) {
  Metrics metrics;
  Requests requests(&metrics, "rpc_server");
  requests.Record("session.SubmitAnswer", absl::StatusCode::kOk, absl::Milliseconds(10));
  requests.Record("session.SubmitAnswer", absl::StatusCode::kNotFound, absl::Milliseconds(30));
  EXPECT_EQ(requests.totals().requests, 2u);
  EXPECT_EQ(requests.totals().errors, 1u);
  EXPECT_EQ(requests.totals().MeanLatency(), absl::Milliseconds(20));
  EXPECT_THAT(metrics.Expose(),
              HasSubstr("request_duration_seconds_count{code=\"NOT_FOUND\",kind=\"rpc_server\","
                        "operation=\"session.SubmitAnswer\"} 1"));
}

TEST(RequestsTest, WorkWithoutMetrics) {
  Requests requests(nullptr, "redis");
  EXPECT_EQ(requests.totals().MeanLatency(), absl::ZeroDuration());
  requests.Record("GET", static_cast<absl::StatusCode>(1000), absl::Seconds(1));
  EXPECT_EQ(requests.totals().errors, 1u);
}

TEST(RequestsTest, OperationsStayFewWhateverTheyAreCalled) {
  Metrics metrics;
  Requests requests(&metrics, "http_client");
  for (int i = 0; i < 2000; ++i) {
    requests.Record(absl::StrCat("op", i), absl::StatusCode::kOk, absl::Seconds(1));
  }
  const std::string text = metrics.Expose();
  EXPECT_THAT(text, HasSubstr("operation=\"other\"} 1488"));
  EXPECT_THAT(text, Not(HasSubstr("op1999")));
}

TEST(RequestsTest, CountsFromManyThreads) {
  Metrics metrics;
  Requests requests(&metrics, "postgres");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 1000; ++i) {
        requests.Record(absl::StrCat("q", i % 7), static_cast<absl::StatusCode>(t),
                        absl::Milliseconds(1));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(requests.totals().requests, 4000u);
  EXPECT_EQ(requests.totals().errors, 3000u);
}

}  // namespace
}  // namespace selfology::observe
