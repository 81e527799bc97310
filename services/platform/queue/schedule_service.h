// The RPCs of schedules; see proto/selfology/queue/v1/schedule_service.proto for what each does.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/queue/v1/schedule_service_endpoints.h"
#include "services/platform/queue/ready_signal.h"

namespace selfology::queue {

class ScheduleService final : public v1::ScheduleServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database and the signal must outlive it.
  ScheduleService(postgres::Database& database, Clock clock, ReadySignal& signal);

  absl::StatusOr<v1::PutScheduleResponse> PutSchedule(
      const Call& call, const v1::PutScheduleRequest& request) override;
  absl::StatusOr<v1::ListSchedulesResponse> ListSchedules(
      const Call& call, const v1::ListSchedulesRequest& request) override;
  absl::StatusOr<v1::DeleteScheduleResponse> DeleteSchedule(
      const Call& call, const v1::DeleteScheduleRequest& request) override;
  absl::StatusOr<v1::PreviewScheduleResponse> PreviewSchedule(
      const Call& call, const v1::PreviewScheduleRequest& request) override;

  // Enqueues the next jobs of schedules whose last one is due. For a timer.
  absl::Status TakeTurns(const Call& call);

 private:
  postgres::Database& database_;
  const Clock clock_;
  ReadySignal& signal_;
};

}  // namespace selfology::queue
