#include "common/otlp/exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "testing/eventually.h"
#include "testing/otlp/collector.h"

namespace selfology::otlp {
namespace {

using ::testing::SizeIs;

constexpr absl::Duration kPatience = absl::Seconds(30);

class ExporterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto collector = testing::OtlpCollector::Start();
    ASSERT_TRUE(collector.ok()) << collector.status();
    collector_ = *std::move(collector);
  }

  std::unique_ptr<Exporter> StartExporter(Exporter::Options options = {}) {
    if (options.endpoint.empty()) options.endpoint = collector_->endpoint();
    options.replica = "r";
    options.period = absl::Milliseconds(1);
    options.backoff = {.first = absl::Milliseconds(1), .max = absl::Milliseconds(5)};
    auto exporter = Exporter::Start(std::move(options), metrics_);
    EXPECT_TRUE(exporter.ok()) << exporter.status();
    return *std::move(exporter);
  }

  static observe::FinishedSpan SpanOf(int number) {
    return {.service = "session",
            .trace = {"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true},
            .name = absl::StrCat("span ", number)};
  }

  double Count(const std::string& result) {
    return metrics_.Counter("trace_spans_total", "", {{"result", result}}).Value();
  }

  observe::Metrics metrics_;
  std::unique_ptr<testing::OtlpCollector> collector_;
};

TEST_F(ExporterTest, SendsWhatItTakes) {
  const auto exporter = StartExporter();
  for (int i = 0; i < 3; ++i) exporter->Take(SpanOf(i));
  EXPECT_TRUE(testing::Eventually([&] { return collector_->spans().size() == 3; }, kPatience));
  EXPECT_EQ(collector_->spans()[0].service, "session");
  EXPECT_TRUE(testing::Eventually([&] { return Count("exported") == 3; }, kPatience));
}

TEST_F(ExporterTest, WhatIsQueuedIsSentBeforeItStops) {
  Exporter::Options options;
  options.max_batch = 100;
  const auto exporter = StartExporter(options);
  for (int i = 0; i < 1000; ++i) exporter->Take(SpanOf(i));
  exporter->Stop(absl::Now() + absl::Seconds(30));
  EXPECT_THAT(collector_->spans(), SizeIs(1000));
  for (const auto& request : collector_->requests()) {
    EXPECT_LE(request.resource_spans(0).scope_spans(0).spans_size(), 100);
  }
  exporter->Take(SpanOf(1000));
  EXPECT_EQ(Count("dropped"), 1);
}

TEST_F(ExporterTest, ABusyCollectorIsAskedAgainAndNothingComesTwice) {
  std::atomic<int> attempts = 0;
  collector_->SetJudge([&](const auto&, auto&) {
    return ++attempts < 4 ? absl::UnavailableError("busy") : absl::OkStatus();
  });
  const auto exporter = StartExporter();
  exporter->Take(SpanOf(0));
  EXPECT_TRUE(testing::Eventually([&] { return Count("exported") == 1; }, kPatience));
  EXPECT_THAT(collector_->spans(), SizeIs(1));
  EXPECT_EQ(metrics_.Counter("trace_export_failures_total", "").Value(), 3);
}

TEST_F(ExporterTest, WhatIsRefusedForGoodIsDroppedAndTheNextIsSent) {
  std::atomic<int> attempts = 0;
  collector_->SetJudge([&](const auto&, auto& response) {
    if (++attempts == 1) return absl::InvalidArgumentError("no spans, please");
    response.mutable_partial_success()->set_rejected_spans(1);
    return absl::OkStatus();
  });
  const auto exporter = StartExporter();
  exporter->Take(SpanOf(0));
  EXPECT_TRUE(testing::Eventually([&] { return Count("lost") == 1; }, kPatience));
  exporter->Take(SpanOf(1));
  EXPECT_TRUE(testing::Eventually([&] { return Count("rejected") == 1; }, kPatience));
  EXPECT_EQ(Count("exported"), 0);
  EXPECT_EQ(attempts, 2);
}

TEST_F(ExporterTest, AFullQueueDropsAndNobodyWaits) {
  absl::Notification asked;
  absl::Notification answer;
  collector_->SetJudge([&](const auto&, auto&) {
    if (!asked.HasBeenNotified()) asked.Notify();
    answer.WaitForNotification();
    return absl::OkStatus();
  });
  Exporter::Options options;
  options.max_queued = 10;
  options.max_batch = 1;
  const auto exporter = StartExporter(options);
  exporter->Take(SpanOf(0));
  asked.WaitForNotification();
  for (int i = 1; i <= 15; ++i) exporter->Take(SpanOf(i));
  EXPECT_EQ(Count("dropped"), 5);
  answer.Notify();
  exporter->Stop(absl::Now() + absl::Seconds(30));
  EXPECT_THAT(collector_->spans(), SizeIs(11));
}

TEST_F(ExporterTest, AnAbsentCollectorDelaysTheEndNoLongerThanIsSaid) {
  Exporter::Options options;
  options.endpoint = collector_->endpoint();
  collector_.reset();
  const auto exporter = StartExporter(options);
  for (int i = 0; i < 5; ++i) exporter->Take(SpanOf(i));
  exporter->Stop(absl::Now() + absl::Milliseconds(20));
  EXPECT_EQ(Count("lost"), 5);
}

TEST_F(ExporterTest, ACollectorThatDoesNotAnswerDelaysTheEndNoLongerThanIsSaid) {
  absl::Notification asked;
  absl::Notification ended;
  collector_->SetJudge([&](const auto&, auto&) {
    asked.Notify();
    ended.WaitForNotification();
    return absl::OkStatus();
  });
  const auto exporter = StartExporter();
  exporter->Take(SpanOf(0));
  asked.WaitForNotification();
  exporter->Stop(absl::Now() + absl::Milliseconds(20));
  EXPECT_EQ(Count("lost"), 1);
  ended.Notify();
  collector_.reset();  // Whose thread waits for `ended`.
}

TEST(ParseEndpointTest, TakesWhatOpenTelemetryWrites) {
  const auto target = [](std::string_view text) {
    const auto endpoint = ParseEndpoint(text);
    return endpoint.ok() ? absl::StrCat(endpoint->tls ? "tls " : "", endpoint->target) : "none";
  };
  EXPECT_EQ(target("http://collector:4317"), "collector:4317");
  EXPECT_EQ(target("http://collector:4317/"), "collector:4317");
  EXPECT_EQ(target("https://otel.example.org"), "tls otel.example.org:4317");
  EXPECT_EQ(target("collector:14317"), "collector:14317");
  EXPECT_EQ(target("http://[::1]:4317"), "[::1]:4317");
  EXPECT_EQ(target("http://[::1]"), "[::1]:4317");
  for (const char* bad : {"", "http://", "http://a:b", "http://a:0", "http://a:70000",
                          "http://a:1/v1/traces", "grpc://a:1", "http://user@a:1", "a b"}) {
    EXPECT_EQ(target(bad), "none") << bad;
  }
}

}  // namespace
}  // namespace selfology::otlp
