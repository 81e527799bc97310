// TaskSyncService; see proto/selfology/task/v1/sync_service.proto.
#pragma once

#include "selfology/task/v1/sync_service_endpoints.h"
#include "services/growth/task/sync/syncing.h"

namespace selfology::task {

class TaskSyncService final : public v1::TaskSyncServiceEndpoints {
 public:
  explicit TaskSyncService(SyncParts parts) : parts_(std::move(parts)) {}

  absl::StatusOr<v1::CreateTaskSyncResponse> CreateTaskSync(
      const Call& call, const v1::CreateTaskSyncRequest& request) override;
  absl::StatusOr<v1::ListTaskSyncsResponse> ListTaskSyncs(
      const Call& call, const v1::ListTaskSyncsRequest& request) override;
  absl::StatusOr<v1::RunTaskSyncResponse> RunTaskSync(
      const Call& call, const v1::RunTaskSyncRequest& request) override;
  absl::StatusOr<v1::DeleteTaskSyncResponse> DeleteTaskSync(
      const Call& call, const v1::DeleteTaskSyncRequest& request) override;

 private:
  const SyncParts parts_;
};

}  // namespace selfology::task
