#include "services/platform/notification/notification_store.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/status/status_macros.h"
#include "services/platform/notification/deliveries/address_store.h"
#include "services/platform/notification/deliveries/delivery_store.h"
#include "services/platform/notification/deliveries/schedule.h"
#include "services/platform/notification/inbox/inbox_store.h"
#include "services/platform/notification/local/local_store.h"
#include "services/platform/notification/preferences/preferences_store.h"

namespace selfology::notification::store {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

}  // namespace

absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id) {
  int64_t rows = 0;
  // Attempts before the deliveries that they belong to.
  for (const std::string_view table :
       {"notification_attempts", "notification_deliveries", "notifications", "notification_digests",
        "notification_people", "notification_preferences", "notification_reminder_days",
        "notification_subscriptions", "notification_devices", "notification_addresses",
        "notification_bounces", "notification_local_messages"}) {
    ASSIGN_OR_RETURN(
        const int64_t deleted,
        tx.Execute(absl::StrCat("DELETE FROM ", table, " WHERE user_id = $1"), user_id));
    rows += deleted;
  }
  return rows;
}

absl::Status ForgetOld(postgres::Transaction& tx, absl::Time now) {
  ForgetLocalMessages(tx, now - kDay);
  ForgetBounces(tx, now - 4 * kSoftBouncesWithin);
  ForgetReminderDays(tx, absl::ToCivilDay(now - 7 * kDay, absl::UTCTimeZone()));
  RETURN_IF_ERROR(ForgetDeliveries(tx, now - 90 * kDay).status());
  return ForgetNotifications(tx, now - 366 * kDay).status();
}

}  // namespace selfology::notification::store
