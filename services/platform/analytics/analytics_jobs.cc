#include "services/platform/analytics/analytics_jobs.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "google/protobuf/struct.pb.h"
#include "selfology/queue/v1/job_types.pb.h"

namespace selfology::analytics {
namespace {

constexpr char kEngagementEvent[] = "content_engagement";
// Longer than the pause after a first failure (report_runner.cc): looks count as attempts.
constexpr absl::Duration kLook = absl::Minutes(1);
constexpr int kRunsLookedAt = 100;

std::string KeyOf(const jobs::Job& job) { return absl::StrCat("job/", job.id()); }

jobs::Result ResultWith(const char* name, double number) {
  google::protobuf::Struct result;
  (*result.mutable_fields())[name].set_number_value(number);
  return result;
}

}  // namespace

void AnalyticsJobs::AddTo(jobs::Worker& worker) {
  worker.On("engagement_calculation",
            [this](const Call& call, jobs::Job& job) { return TakeEngagement(call, job); });
  worker.On("report_generation",
            [this](const Call& call, jobs::Job& job) { return MakeReport(call, job); });
  worker.On("data_aggregation",
            [this](const Call& call, jobs::Job& job) { return Aggregate(call, job); });
}

absl::StatusOr<jobs::Result> AnalyticsJobs::TakeEngagement(const Call& call, const jobs::Job& job) {
  queue::v1::EngagementCalculation wanted;
  RETURN_IF_ERROR(job.ReadPayload(wanted));
  status::FieldViolations bad;
  if (wanted.content_id().empty()) bad.Add("content_id", "must be given");
  if (wanted.platform().empty()) bad.Add("platform", "must be given");
  const queue::v1::EngagementData& data = wanted.engagement_data();
  if (std::min({data.likes(), data.shares(), data.comments(), data.views()}) < 0) {
    bad.Add("engagement_data", "must not be below 0");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  v1::TrackRequest request;
  request.set_user_id(job.user_id());
  request.set_event(wanted.event_type().empty() ? kEngagementEvent : wanted.event_type());
  auto& properties = *request.mutable_properties()->mutable_fields();
  properties["content_id"].set_string_value(wanted.content_id());
  properties["platform"].set_string_value(wanted.platform());
  properties["likes"].set_number_value(static_cast<double>(data.likes()));
  properties["shares"].set_number_value(static_cast<double>(data.shares()));
  properties["comments"].set_number_value(static_cast<double>(data.comments()));
  properties["views"].set_number_value(static_cast<double>(data.views()));
  if (wanted.has_timestamp()) *request.mutable_occurred_at() = wanted.timestamp();
  request.set_idempotency_key(KeyOf(job));
  RETURN_IF_ERROR(analytics_.Track(call, request).status());
  return ResultWith("engagement",
                    static_cast<double>(data.likes() + data.shares() + data.comments()));
}

absl::StatusOr<jobs::Result> AnalyticsJobs::MakeReport(const Call& call, const jobs::Job& job) {
  queue::v1::ReportGeneration wanted;
  RETURN_IF_ERROR(job.ReadPayload(wanted));
  ASSIGN_OR_RETURN(const int64_t user_id, job.Person(wanted.user_id()));
  v1::RunReportRequest request;
  request.set_user_id(user_id);
  request.set_report_id(wanted.report_id());
  request.set_idempotency_key(KeyOf(job));
  ASSIGN_OR_RETURN(const v1::RunReportResponse begun, reports_.RunReport(call, request));
  // It may also be another replica that makes it.
  RETURN_IF_ERROR(runner_.Run(call));
  v1::ListReportRunsRequest list;
  list.set_user_id(user_id);
  list.set_report_id(wanted.report_id());
  list.set_page_size(kRunsLookedAt);
  ASSIGN_OR_RETURN(const v1::ListReportRunsResponse runs, reports_.ListReportRuns(call, list));
  for (const v1::ReportRun& run : runs.runs()) {
    if (run.run_id() != begun.run().run_id()) continue;
    if (run.state() == v1::REPORT_RUN_STATE_FAILED) {
      return absl::FailedPreconditionError(run.reason());
    }
    if (run.state() == v1::REPORT_RUN_STATE_DONE) {
      return ResultWith("run_id", static_cast<double>(run.run_id()));
    }
    return status::WithRetryAfter(absl::UnavailableError("the report is being made"), kLook);
  }
  return absl::NotFoundError("the report is gone");
}

absl::StatusOr<jobs::Result> AnalyticsJobs::Aggregate(const Call& call, const jobs::Job& job) {
  queue::v1::DataAggregation wanted;
  RETURN_IF_ERROR(job.ReadPayload(wanted));
  if (job.user_id() != 0) return absl::PermissionDeniedError("roll-ups are not one person's");
  v1::RebuildRollupsRequest request;
  if (wanted.has_from()) *request.mutable_from() = wanted.from();
  if (wanted.has_to()) *request.mutable_to() = wanted.to();
  ASSIGN_OR_RETURN(const v1::RebuildRollupsResponse counted,
                   analytics_.RebuildRollups(call, request));
  return ResultWith("events", static_cast<double>(counted.events()));
}

}  // namespace selfology::analytics
