// The queue service's RPCs; see proto/selfology/queue/v1/queue_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/queue/v1/queue_service_endpoints.h"
#include "services/platform/queue/ready_signal.h"

namespace selfology::queue {

class QueueService final : public v1::QueueServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database and the signal must outlive it.
  QueueService(postgres::Database& database, Clock clock, ReadySignal& signal);

  absl::StatusOr<v1::EnqueueJobResponse> EnqueueJob(const Call& call,
                                                    const v1::EnqueueJobRequest& request) override;
  absl::StatusOr<v1::EnqueueJobsResponse> EnqueueJobs(
      const Call& call, const v1::EnqueueJobsRequest& request) override;
  absl::StatusOr<v1::GetJobResponse> GetJob(const Call& call,
                                            const v1::GetJobRequest& request) override;
  absl::StatusOr<v1::ListJobsResponse> ListJobs(const Call& call,
                                                const v1::ListJobsRequest& request) override;
  absl::StatusOr<v1::CancelJobResponse> CancelJob(const Call& call,
                                                  const v1::CancelJobRequest& request) override;
  absl::StatusOr<v1::DescribeJobTypesResponse> DescribeJobTypes(
      const Call& call, const v1::DescribeJobTypesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
  ReadySignal& signal_;
};

}  // namespace selfology::queue
