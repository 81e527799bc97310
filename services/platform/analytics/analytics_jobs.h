// Jobs of the queue that the analytics service works: engagement_calculation, report_generation and
// data_aggregation.
//
//   AnalyticsJobs jobs(analytics, reports, runner);
//   jobs.AddTo(*worker);
//
// A job that comes again counts and makes nothing twice. Errors: INVALID_ARGUMENT, NOT_FOUND,
// PERMISSION_DENIED for roll-ups, which are everybody's, and FAILED_PRECONDITION for a report that was
// given up, for which it is a dead letter; UNAVAILABLE while a report is being made; the database's.
// Threads: thread-safe.
#pragma once

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/jobs/worker.h"
#include "services/platform/analytics/analytics_service.h"
#include "services/platform/analytics/reports/report_runner.h"
#include "services/platform/analytics/reports/report_service.h"

namespace selfology::analytics {

class AnalyticsJobs {
 public:
  // All outlive it.
  AnalyticsJobs(AnalyticsService& analytics, ReportService& reports, ReportRunner& runner)
      : analytics_(analytics), reports_(reports), runner_(runner) {}

  void AddTo(jobs::Worker& worker);

  // Becomes the event track.content_engagement, with its numbers.
  absl::StatusOr<jobs::Result> TakeEngagement(const Call& call, const jobs::Job& job);
  absl::StatusOr<jobs::Result> MakeReport(const Call& call, const jobs::Job& job);
  // Of whole days, of all metrics.
  absl::StatusOr<jobs::Result> Aggregate(const Call& call, const jobs::Job& job);

 private:
  AnalyticsService& analytics_;
  ReportService& reports_;
  ReportRunner& runner_;
};

}  // namespace selfology::analytics
