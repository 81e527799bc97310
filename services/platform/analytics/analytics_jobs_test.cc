#include "services/platform/analytics/analytics_jobs.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "services/platform/analytics/module.h"
#include "testing/mesh_test.h"

namespace selfology::analytics {
namespace {

constexpr int64_t kUser = 123456;

class AnalyticsJobsTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(MakeModule()));
    const auto clock = [] { return absl::Now(); };
    postgres::Database& database = DatabaseAs("selfology_analytics");
    analytics_.emplace(database, clock);
    reports_.emplace(database, clock);
    runner_.emplace(database, Peer("analytics"), clock);  // There is no file service.
    jobs_.emplace(*analytics_, *reports_, *runner_);
  }
  void TearDown() override { StopMesh(); }

  using Work = absl::StatusOr<jobs::Result> (AnalyticsJobs::*)(const Call&, const jobs::Job&);
  absl::Status Done(Work work, const std::string& payload, int64_t user_id = kUser,
                    int64_t job_id = 7) {
    queue::v1::LeasedJob leased;
    leased.mutable_lease()->set_job_id(job_id);
    leased.set_user_id(user_id);
    EXPECT_TRUE(
        google::protobuf::util::JsonStringToMessage(payload, leased.mutable_payload()).ok());
    queue::v1::WorkerServiceClient nobody(Peer("analytics"));
    return ((*jobs_).*work)(Deadline(), jobs::Job(leased, nobody)).status();
  }
  int64_t Events() {
    const auto row =
        DatabaseAs("selfology_analytics").Read(Deadline(), [](postgres::Transaction& tx) {
          return tx.QueryOne<int64_t>(
              "SELECT count(*) FROM analytics_events WHERE metric = 'track.content_engagement'"
              " AND numbers->>'likes' = '45' AND dimensions->>'platform' = 'facebook'");
        });
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? std::get<0>(row->value()) : -1;
  }

  std::optional<AnalyticsService> analytics_;
  std::optional<ReportService> reports_;
  std::optional<ReportRunner> runner_;
  std::optional<AnalyticsJobs> jobs_;
};

TEST_F(AnalyticsJobsTest, EngagementIsCountedOnceForEachJob) {
  const std::string payload = R"({"event_type": "content_engagement", "content_id": "123",
      "platform": "facebook", "engagement_data": {"likes": 45, "shares": 12, "comments": 8}})";
  ASSERT_TRUE(Done(&AnalyticsJobs::TakeEngagement, payload).ok());
  ASSERT_TRUE(Done(&AnalyticsJobs::TakeEngagement, payload).ok()) << "the same job again";
  EXPECT_EQ(Events(), 1);
  ASSERT_TRUE(Done(&AnalyticsJobs::TakeEngagement, payload, kUser, 8).ok());
  EXPECT_EQ(Events(), 2);
  EXPECT_EQ(Done(&AnalyticsJobs::TakeEngagement,
                 R"({"content_id": "1", "platform": "x", "engagement_data": {"likes": -1}})")
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(AnalyticsJobsTest, AReportIsAskedForAgainUntilItIsMade) {
  v1::CreateReportRequest create;
  create.set_user_id(kUser);
  create.mutable_report()->set_title("Week");
  v1::ReportSection& section = *create.mutable_report()->add_sections();
  section.set_title("Read");
  section.set_metric("track.read");
  create.set_idempotency_key("1");
  const auto report = reports_->CreateReport(Deadline(), create);
  ASSERT_TRUE(report.ok()) << report.status();
  const std::string payload =
      absl::StrCat(R"({"report_id": ")", report->report().report_id(), R"("})");
  EXPECT_EQ(Done(&AnalyticsJobs::MakeReport, payload).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Done(&AnalyticsJobs::MakeReport, payload, kUser + 1).code(),
            absl::StatusCode::kNotFound);
}

TEST_F(AnalyticsJobsTest, RollUpsAreNotOnePersons) {
  const std::string payload = R"({"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"})";
  EXPECT_EQ(Done(&AnalyticsJobs::Aggregate, payload).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(Done(&AnalyticsJobs::Aggregate, payload, 0).ok());
  EXPECT_EQ(Done(&AnalyticsJobs::Aggregate, "{}", 0).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace selfology::analytics
