// The RPCs of workers; see proto/selfology/queue/v1/worker_service.proto for what each does.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "selfology/queue/v1/worker_service_endpoints.h"
#include "services/platform/queue/lease_store.h"
#include "services/platform/queue/ready_signal.h"

namespace selfology::queue {

class WorkerService final : public v1::WorkerServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database, the metrics and the signal must outlive it.
  WorkerService(postgres::Database& database, Clock clock, observe::Metrics& metrics,
                ReadySignal& signal);

  absl::StatusOr<v1::LeaseJobsResponse> LeaseJobs(const Call& call,
                                                  const v1::LeaseJobsRequest& request) override;
  absl::StatusOr<v1::ExtendLeasesResponse> ExtendLeases(
      const Call& call, const v1::ExtendLeasesRequest& request) override;
  absl::StatusOr<v1::CompleteJobsResponse> CompleteJobs(
      const Call& call, const v1::CompleteJobsRequest& request) override;
  absl::StatusOr<v1::FailJobsResponse> FailJobs(const Call& call,
                                                const v1::FailJobsRequest& request) override;
  absl::StatusOr<v1::ReportProgressResponse> ReportProgress(
      const Call& call, const v1::ReportProgressRequest& request) override;

 private:
  // What is to be had now, perhaps nothing.
  absl::StatusOr<std::vector<v1::LeasedJob>> Lease(const Call& call, const store::Wanted& wanted,
                                                   bool sign_of_life);
  // Whether this worker's question has to be noted again.
  bool HasToBeSeen(const store::Wanted& wanted, absl::Time now);

  postgres::Database& database_;
  const Clock clock_;
  ReadySignal& signal_;
  const observe::Histogram start_delay_;
  absl::Mutex mutex_;
  std::map<std::string, absl::Time> seen_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::queue
