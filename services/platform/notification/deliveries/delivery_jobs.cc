#include "services/platform/notification/deliveries/delivery_jobs.h"

#include <cstdint>
#include <limits>

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/queue/v1/job_types.pb.h"
#include "services/platform/notification/deliveries/delivery_store.h"
#include "services/platform/notification/inbox/inbox_store.h"

namespace selfology::notification {

namespace {

using postgres::Transaction;

// One for each device, at most.
constexpr int kMostOfOne = 100;

}  // namespace

absl::StatusOr<jobs::Result> DeliveryJobs::Send(const Call& call, jobs::Job& job,
                                                v1::Channel channel) const {
  queue::v1::NotificationDelivery wanted;
  RETURN_IF_ERROR(job.ReadPayload(wanted));
  ASSIGN_OR_RETURN(const int64_t user_id, job.Person(wanted.user_id()));
  ASSIGN_OR_RETURN(
      const int64_t deliveries,
      database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<int64_t> {
        store::LockPerson(tx, user_id);
        ASSIGN_OR_RETURN(const auto notification,
                         store::ReadNotification(tx, user_id, wanted.notification_id()));
        if (!notification.has_value()) {
          return status::Error(mesh::v1::ERROR_CODE_MESSAGE_NOT_FOUND, "no such notification");
        }
        const auto known = [&] {
          return store::ListDeliveries(tx, {.user_id = user_id,
                                            .notification_id = wanted.notification_id(),
                                            .channel = channel,
                                            .before_id = std::numeric_limits<int64_t>::max(),
                                            .limit = kMostOfOne});
        };
        ASSIGN_OR_RETURN(const auto before, known());
        if (before.empty()) RETURN_IF_ERROR(maker_.DeliverBy(tx, *notification, channel));
        ASSIGN_OR_RETURN(const auto after, known());
        return static_cast<int64_t>(after.size());
      }));
  google::protobuf::Struct result;
  (*result.mutable_fields())["deliveries"].set_number_value(static_cast<double>(deliveries));
  return result;
}

}  // namespace selfology::notification
