// The queue service's RPCs; see proto/selfology/queue/v1/queue_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/queue/v1/queue_service_endpoints.h"

namespace selfology::queue {

class QueueService final : public v1::QueueServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  QueueService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::AddQueueEntryResponse> AddQueueEntry(
      const Call& call, const v1::AddQueueEntryRequest& request) override;
  absl::StatusOr<v1::ListQueueEntriesResponse> ListQueueEntries(
      const Call& call, const v1::ListQueueEntriesRequest& request) override;
  absl::StatusOr<v1::CountQueueEntriesResponse> CountQueueEntries(
      const Call& call, const v1::CountQueueEntriesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::queue
