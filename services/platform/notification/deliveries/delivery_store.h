// SQL of deliveries and their attempts; see ../migrations/0001_notifications.sql. Functions that
// return nothing are queued. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/notification/v1/notification.pb.h"
#include "services/platform/notification/deliveries/outcome.h"

namespace selfology::notification::store {

struct NewDelivery {
  int64_t notification_id = 0;
  int64_t user_id = 0;
  v1::Channel channel = v1::CHANNEL_UNSPECIFIED;
  int64_t device_id = 0;
  std::string address = {};  // Given with the request; empty: the person's.
  bool urgent = false;
  std::string stable_id = {};
  absl::Time due_at;
  absl::Time expires_at;
};
void AddDelivery(postgres::Transaction& tx, const NewDelivery& delivery);
// The number that a device shows; of those that wait for it only one.
void AddBadge(postgres::Transaction& tx, const NewDelivery& badge);

// A delivery that somebody works on, for a lease.
struct TakenDelivery {
  int64_t delivery_id = 0;
  int64_t notification_id = 0;  // 0: a badge.
  int64_t user_id = 0;
  std::string channel_word = {};
  int64_t device_id = 0;
  std::string address = {};
  std::string stable_id = {};
  int64_t attempts = 0;
  int64_t lease = 0;
  absl::Time expires_at;

  v1::Channel channel() const;
};
// The longest due first. Of a person's deliveries to one address or device the earlier ones come
// first, unless they are urgent: they wait for one that is under way or is tried again.
absl::StatusOr<std::vector<TakenDelivery>> TakeDue(postgres::Transaction& tx, absl::Time now,
                                                   absl::Time lease_until, int limit);

// What is delivered.
struct Letter {
  std::string kind = {};
  std::string topic = {};
  std::string priority_word = {};
  std::string language = {};
  std::string title = {};
  std::string text = {};
  std::string link = {};
  bool is_read = false;
  bool is_secret = false;
};
// False: another one has the lease now, or the person is erased.
absl::StatusOr<bool> LockTaken(postgres::Transaction& tx, const TakenDelivery& taken);
absl::StatusOr<std::optional<Letter>> ReadLetter(postgres::Transaction& tx,
                                                 int64_t notification_id);
// When the first attempt began whose outcome nobody knows; nullopt: there is none.
absl::StatusOr<std::optional<absl::Time>> UnknownSince(postgres::Transaction& tx,
                                                       int64_t delivery_id);

// The attempt's number. The lease lasts until `lease_until` from now on.
absl::StatusOr<int64_t> BeginAttempt(postgres::Transaction& tx, const TakenDelivery& taken,
                                     v1::Transport transport, std::string_view address,
                                     absl::Time now, absl::Time lease_until);
void EndAttempt(postgres::Transaction& tx, int64_t delivery_id, int64_t number,
                const Outcome& outcome, absl::Time now);
void EndDelivery(postgres::Transaction& tx, int64_t delivery_id, v1::DeliveryStatus status,
                 std::string_view reason);
void PutOff(postgres::Transaction& tx, int64_t delivery_id, absl::Time due_at);

struct DeliveryFilter {
  int64_t user_id = 0;
  int64_t notification_id = 0;                                  // 0: all.
  v1::Channel channel = v1::CHANNEL_UNSPECIFIED;                // Unspecified: all.
  v1::DeliveryStatus status = v1::DELIVERY_STATUS_UNSPECIFIED;  // As well.
  int64_t before_id = 0;
  int limit = 0;
};
// Newest first, with their attempts.
absl::StatusOr<std::vector<v1::Delivery>> ListDeliveries(postgres::Transaction& tx,
                                                         const DeliveryFilter& filter);

// Deliveries that ended, with their attempts.
absl::StatusOr<int64_t> ForgetDeliveries(postgres::Transaction& tx, absl::Time expired_before);

}  // namespace selfology::notification::store
