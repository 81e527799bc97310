// The RPCs of those who look after queues; see proto/selfology/queue/v1/queue_admin_service.proto
// for what each does.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/queue/v1/queue_admin_service_endpoints.h"
#include "services/platform/queue/ready_signal.h"

namespace selfology::queue {

class QueueAdminService final : public v1::QueueAdminServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database and the signal must outlive it.
  QueueAdminService(postgres::Database& database, Clock clock, ReadySignal& signal);

  absl::StatusOr<v1::ListQueuesResponse> ListQueues(const Call& call,
                                                    const v1::ListQueuesRequest& request) override;
  absl::StatusOr<v1::ConfigureQueueResponse> ConfigureQueue(
      const Call& call, const v1::ConfigureQueueRequest& request) override;
  absl::StatusOr<v1::PauseQueueResponse> PauseQueue(const Call& call,
                                                    const v1::PauseQueueRequest& request) override;
  absl::StatusOr<v1::ResumeQueueResponse> ResumeQueue(
      const Call& call, const v1::ResumeQueueRequest& request) override;
  absl::StatusOr<v1::ListQueueJobsResponse> ListQueueJobs(
      const Call& call, const v1::ListQueueJobsRequest& request) override;
  absl::StatusOr<v1::ListDeadJobsResponse> ListDeadJobs(
      const Call& call, const v1::ListDeadJobsRequest& request) override;
  absl::StatusOr<v1::ReplayDeadJobResponse> ReplayDeadJob(
      const Call& call, const v1::ReplayDeadJobRequest& request) override;
  absl::StatusOr<v1::ReplayDeadJobsResponse> ReplayDeadJobs(
      const Call& call, const v1::ReplayDeadJobsRequest& request) override;
  absl::StatusOr<v1::DiscardDeadJobResponse> DiscardDeadJob(
      const Call& call, const v1::DiscardDeadJobRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
  ReadySignal& signal_;
};

}  // namespace selfology::queue
