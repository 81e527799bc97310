// The notification service's RPCs; see proto/selfology/notification/v1/notification_service.proto.
#pragma once

#include <functional>
#include <utility>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/notification/v1/notification_service_endpoints.h"
#include "services/platform/notification/decisions/decision_maker.h"

namespace selfology::notification {

class NotificationService final : public v1::NotificationServiceEndpoints {
 public:
  // The references outlive it.
  NotificationService(postgres::Database& database, const DecisionMaker& maker,
                      std::function<absl::Time()> clock)
      : database_(database), maker_(maker), clock_(std::move(clock)) {}

  absl::StatusOr<v1::SendNotificationResponse> SendNotification(
      const Call& call, const v1::SendNotificationRequest& request) override;
  absl::StatusOr<v1::ListNotificationsResponse> ListNotifications(
      const Call& call, const v1::ListNotificationsRequest& request) override;
  absl::StatusOr<v1::CountUnreadResponse> CountUnread(
      const Call& call, const v1::CountUnreadRequest& request) override;
  absl::StatusOr<v1::MarkReadResponse> MarkRead(const Call& call,
                                                const v1::MarkReadRequest& request) override;
  absl::StatusOr<v1::MarkAllReadResponse> MarkAllRead(
      const Call& call, const v1::MarkAllReadRequest& request) override;
  absl::StatusOr<v1::ListDeliveriesResponse> ListDeliveries(
      const Call& call, const v1::ListDeliveriesRequest& request) override;
  absl::StatusOr<v1::ReportBounceResponse> ReportBounce(
      const Call& call, const v1::ReportBounceRequest& request) override;
  absl::StatusOr<v1::TakeReminderDayResponse> TakeReminderDay(
      const Call& call, const v1::TakeReminderDayRequest& request) override;

 private:
  postgres::Database& database_;
  const DecisionMaker& maker_;
  const std::function<absl::Time()> clock_;
};

}  // namespace selfology::notification
