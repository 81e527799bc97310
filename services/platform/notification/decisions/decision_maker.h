// Decides on notifications, once for each person and key, and starts what follows: the inbox, its
// event, deliveries, digests.
//
//   DecisionMaker maker(texts, clock, &wake);
//   ASSIGN_OR_RETURN(const v1::Notification decided, maker.Make(tx, request));
//
// All in the caller's transaction: what commits is the decision and everything that follows. Errors:
// the transaction's. Threads: thread-safe.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "common/uuid/uuid.h"
#include "selfology/notification/v1/notification_service.pb.h"
#include "services/platform/notification/decisions/decision.h"
#include "services/platform/notification/decisions/texts.h"
#include "services/platform/notification/inbox/inbox_store.h"

namespace selfology::notification {

class DecisionMaker {
 public:
  using Clock = std::function<absl::Time()>;

  // texts outlives it. wake: called after the commit of what is due at once; may be empty.
  DecisionMaker(const Texts& texts, Clock clock, std::function<void()> wake)
      : texts_(texts), clock_(std::move(clock)), wake_(std::move(wake)) {}

  // The request has been checked. address: where mail or SMS go instead of the person's own; empty:
  // to theirs.
  absl::StatusOr<v1::Notification> Make(postgres::Transaction& tx,
                                        const v1::SendNotificationRequest& request,
                                        const std::string& address = "") const;

  // The same for what a digest has become: it is not collected again. channels: bits, where it goes
  // if the person has no choice.
  absl::StatusOr<v1::Notification> MakeDigest(postgres::Transaction& tx,
                                              const v1::SendNotificationRequest& request,
                                              int channels) const;

  // Sends one that was decided by a channel more; not in the person's quiet hours, unless it is urgent.
  absl::Status DeliverBy(postgres::Transaction& tx, const v1::Notification& notification,
                         v1::Channel channel) const;

  // Devices are told the new number, at once.
  absl::Status SendBadges(postgres::Transaction& tx, int64_t user_id) const;

 private:
  enum class Collecting { kAllowed, kNot };
  absl::StatusOr<v1::Notification> MakeOnce(postgres::Transaction& tx,
                                            const v1::SendNotificationRequest& request,
                                            const Kind& kind, const std::string& address,
                                            Collecting collecting) const;
  void Deliver(postgres::Transaction& tx, const v1::Notification& notification, const Plan& plan,
               const std::string& address, const std::vector<v1::Device>& devices, bool has_chat,
               absl::Time now) const;
  void SendBadgesTo(postgres::Transaction& tx, int64_t user_id,
                    const std::vector<v1::Device>& devices, absl::Time now) const;
  std::string NewId(absl::Time now) const;

  const Texts& texts_;
  const Clock clock_;
  const std::function<void()> wake_;
  mutable uuid::Sequence ids_;
};

}  // namespace selfology::notification
