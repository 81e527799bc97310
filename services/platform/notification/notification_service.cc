#include "services/platform/notification/notification_service.h"

#include <limits>
#include <optional>
#include <vector>

#include "common/enums/word.h"
#include "common/events/outbox.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/local_time.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/notification/deliveries/address_store.h"
#include "services/platform/notification/deliveries/bounces.h"
#include "services/platform/notification/deliveries/delivery_store.h"
#include "services/platform/notification/inbox/inbox_store.h"
#include "services/platform/notification/preferences/preferences_store.h"
#include "services/platform/notification/subscriptions/subscription_rules.h"

namespace selfology::notification {
namespace {

using postgres::Transaction;

constexpr paging::Limits kInboxPage = {.default_size = 50, .max_size = 200};
constexpr paging::Limits kDeliveriesPage = {.default_size = 50, .max_size = 100};
constexpr int64_t kNewest = std::numeric_limits<int64_t>::max();

absl::Status PublishRead(Transaction& tx, int64_t user_id, int64_t notification_id,
                         int64_t up_to_id, const store::Inbox& inbox) {
  events::v1::NotificationRead event;
  event.set_user_id(user_id);
  event.set_notification_id(notification_id);
  event.set_up_to_notification_id(up_to_id);
  event.set_unread(inbox.unread);
  event.set_version(inbox.version);
  return events::Publish(tx, event);
}

}  // namespace

absl::StatusOr<v1::SendNotificationResponse> NotificationService::SendNotification(
    const Call& call, const v1::SendNotificationRequest& request) {
  status::FieldViolations bad;
  CheckSend(request, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  v1::SendNotificationResponse response;
  ASSIGN_OR_RETURN(*response.mutable_notification(), database_.Write(call, [&](Transaction& tx) {
    return maker_.Make(tx, request);
  }));
  return response;
}

absl::StatusOr<v1::ListNotificationsResponse> NotificationService::ListNotifications(
    const Call& call, const v1::ListNotificationsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kInboxPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(kNewest));
  v1::ListNotificationsResponse response;
  ASSIGN_OR_RETURN(
      std::vector<v1::Notification> notifications,
      database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<std::vector<v1::Notification>> {
        ASSIGN_OR_RETURN(const store::Inbox inbox, store::ReadInbox(tx, request.user_id()));
        response.set_unread(inbox.unread);
        response.set_version(inbox.version);
        return store::ListInbox(tx, {.user_id = request.user_id(),
                                     .unread_only = request.unread_only(),
                                     .topic = request.topic(),
                                     .before_id = before,
                                     .limit = page.limit()});
      }));
  response.set_next_page_token(page.Cut(notifications, &v1::Notification::notification_id));
  for (v1::Notification& notification : notifications) {
    *response.add_notifications() = std::move(notification);
  }
  return response;
}

absl::StatusOr<v1::CountUnreadResponse> NotificationService::CountUnread(
    const Call& call, const v1::CountUnreadRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const store::Inbox inbox, database_.Read(call, [&](Transaction& tx) {
    return store::ReadInbox(tx, request.user_id());
  }));
  v1::CountUnreadResponse response;
  response.set_unread(inbox.unread);
  response.set_version(inbox.version);
  return response;
}

absl::StatusOr<v1::MarkReadResponse> NotificationService::MarkRead(
    const Call& call, const v1::MarkReadRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  const int64_t user_id = request.user_id();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::MarkReadResponse> {
    store::LockPerson(tx, user_id);
    const int64_t id = request.notification_id();
    ASSIGN_OR_RETURN(const int64_t marked,
                     store::MarkRead(tx, user_id, id, timestamps::WholeMicroseconds(clock_())));
    ASSIGN_OR_RETURN(auto notification, store::ReadNotification(tx, user_id, id));
    if (!notification.has_value() || !notification->in_inbox()) {
      return status::Error(mesh::v1::ERROR_CODE_MESSAGE_NOT_FOUND, "no such notification");
    }
    store::Inbox inbox;
    if (marked > 0) {
      ASSIGN_OR_RETURN(inbox, store::ChangeInbox(tx, user_id, -marked));
      RETURN_IF_ERROR(PublishRead(tx, user_id, id, 0, inbox));
      RETURN_IF_ERROR(maker_.SendBadges(tx, user_id));
    } else {
      ASSIGN_OR_RETURN(inbox, store::ReadInbox(tx, user_id));
    }
    v1::MarkReadResponse response;
    *response.mutable_notification() = *std::move(notification);
    response.set_unread(inbox.unread);
    response.set_version(inbox.version);
    return response;
  });
}

absl::StatusOr<v1::MarkAllReadResponse> NotificationService::MarkAllRead(
    const Call& call, const v1::MarkAllReadRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (request.up_to_notification_id() < 0) {
    bad.Add("up_to_notification_id", "must be 0 or a notification's");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const int64_t user_id = request.user_id();
  const int64_t up_to =
      request.up_to_notification_id() == 0 ? kNewest : request.up_to_notification_id();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::MarkAllReadResponse> {
    store::LockPerson(tx, user_id);
    v1::MarkAllReadResponse response;
    ASSIGN_OR_RETURN(
        const store::Marked marked,
        store::MarkAllRead(tx, user_id, up_to, timestamps::WholeMicroseconds(clock_())));
    store::Inbox inbox;
    if (marked.count > 0) {
      ASSIGN_OR_RETURN(inbox, store::ChangeInbox(tx, user_id, -marked.count));
      RETURN_IF_ERROR(PublishRead(tx, user_id, 0, marked.last_id, inbox));
      RETURN_IF_ERROR(maker_.SendBadges(tx, user_id));
    } else {
      ASSIGN_OR_RETURN(inbox, store::ReadInbox(tx, user_id));
    }
    response.set_marked(marked.count);
    response.set_unread(inbox.unread);
    response.set_version(inbox.version);
    return response;
  });
}

absl::StatusOr<v1::ListDeliveriesResponse> NotificationService::ListDeliveries(
    const Call& call, const v1::ListDeliveriesRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kDeliveriesPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(kNewest));
  ASSIGN_OR_RETURN(std::vector<v1::Delivery> deliveries, database_.Read(call, [&](Transaction& tx) {
    return store::ListDeliveries(tx, {.user_id = request.user_id(),
                                      .notification_id = request.notification_id(),
                                      .channel = request.channel(),
                                      .status = request.status(),
                                      .before_id = before,
                                      .limit = page.limit()});
  }));
  v1::ListDeliveriesResponse response;
  response.set_next_page_token(page.Cut(deliveries, &v1::Delivery::delivery_id));
  for (v1::Delivery& delivery : deliveries) *response.add_deliveries() = std::move(delivery);
  return response;
}

absl::StatusOr<v1::ReportBounceResponse> NotificationService::ReportBounce(
    const Call& call, const v1::ReportBounceRequest& request) {
  status::FieldViolations bad;
  CheckBounce(request, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::ReportBounceResponse> {
    v1::ReportBounceResponse response;
    ASSIGN_OR_RETURN(const std::vector<int64_t> owners,
                     store::OwnersOf(tx, request.channel(), request.address()));
    for (const int64_t user_id : owners) {
      store::LockPerson(tx, user_id);
      ASSIGN_OR_RETURN(const bool stopped, TakeBounce(tx,
                                                      {.user_id = user_id,
                                                       .channel = request.channel(),
                                                       .address = request.address(),
                                                       .status_code = request.status_code(),
                                                       .bounce_id = request.bounce_id()},
                                                      clock_()));
      response.set_stopped(response.stopped() || stopped);
    }
    return response;
  });
}

absl::StatusOr<v1::TakeReminderDayResponse> NotificationService::TakeReminderDay(
    const Call& call, const v1::TakeReminderDayRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (!IsKey(request.reminder_key())) {
    bad.Add("reminder_key", "must be 1 to 128 printable ASCII characters");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::TakeReminderDayResponse> {
    store::LockPerson(tx, request.user_id());
    ASSIGN_OR_RETURN(const v1::Preferences preferences,
                     store::ReadPreferences(tx, request.user_id()));
    const absl::CivilDay day =
        absl::ToCivilDay(clock_(), timestamps::ZoneOf(preferences.time_zone()));
    v1::TakeReminderDayResponse response;
    ASSIGN_OR_RETURN(const bool taken,
                     store::TakeReminderDay(tx, request.user_id(), day, request.reminder_key()));
    response.set_taken(taken);
    response.set_day(absl::FormatCivilTime(day));
    return response;
  });
}

}  // namespace selfology::notification
