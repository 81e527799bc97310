// The notification service's RPCs; see proto/selfology/notification/v1/notification_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/notification/v1/notification_service_endpoints.h"

namespace selfology::notification {

class NotificationService final : public v1::NotificationServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  NotificationService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::AddNotificationEntryResponse> AddNotificationEntry(
      const Call& call, const v1::AddNotificationEntryRequest& request) override;
  absl::StatusOr<v1::ListNotificationEntriesResponse> ListNotificationEntries(
      const Call& call, const v1::ListNotificationEntriesRequest& request) override;
  absl::StatusOr<v1::CountNotificationEntriesResponse> CountNotificationEntries(
      const Call& call, const v1::CountNotificationEntriesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::notification
