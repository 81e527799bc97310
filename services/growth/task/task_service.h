// The task service's RPCs; see proto/selfology/task/v1/task_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/task/v1/task_service_endpoints.h"

namespace selfology::task {

class TaskService final : public v1::TaskServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  TaskService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::AddTaskEntryResponse> AddTaskEntry(
      const Call& call, const v1::AddTaskEntryRequest& request) override;
  absl::StatusOr<v1::ListTaskEntriesResponse> ListTaskEntries(
      const Call& call, const v1::ListTaskEntriesRequest& request) override;
  absl::StatusOr<v1::CountTaskEntriesResponse> CountTaskEntries(
      const Call& call, const v1::CountTaskEntriesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::task
