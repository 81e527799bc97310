#include "services/platform/notification/deliveries/bounces.h"

#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/notification.pb.h"
#include "services/platform/notification/deliveries/address_store.h"
#include "services/platform/notification/deliveries/schedule.h"

namespace selfology::notification {

absl::StatusOr<bool> TakeBounce(postgres::Transaction& tx, const BounceReport& report,
                                absl::Time now) {
  const Bounce bounce = BounceOf(report.status_code);
  if (bounce == Bounce::kNone) return false;
  RETURN_IF_ERROR(store::SaveBounce(tx, report.user_id, report.channel, report.address,
                                    report.status_code, report.bounce_id, now)
                      .status());
  if (bounce == Bounce::kSoft) {
    ASSIGN_OR_RETURN(const int64_t soft,
                     store::CountSoftBounces(tx, report.user_id, report.channel, report.address,
                                             now - kSoftBouncesWithin));
    if (soft < kSoftBounces) {
      return store::IsStopped(tx, report.user_id, report.channel, report.address);
    }
  }
  const std::string reason = bounce == Bounce::kHard ? "hard_bounce" : "soft_bounces";
  ASSIGN_OR_RETURN(const bool is_new,
                   store::StopAddress(tx, report.user_id, report.channel, report.address, reason));
  if (!is_new) return true;
  events::v1::NotificationAddressStopped event;
  event.set_user_id(report.user_id);
  event.set_channel(report.channel);
  event.set_reason(reason);
  RETURN_IF_ERROR(events::Publish(tx, event));
  return true;
}

}  // namespace selfology::notification
