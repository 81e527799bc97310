// Carries out deliveries until each has ended, whatever crashes.
//
//   auto runner = std::make_shared<DeliveryRunner>(parts);
//   mesh.Run("ntf_deliver", [runner](service::StopSignal& stop) { runner->Run(stop); });
//   runner->Wake();                                          // something is due
//
// A delivery is taken for a lease; an attempt of it is written down before the other side is called,
// and its outcome after. Who loses the lease, by a crash or by being slow, changes nothing any more;
// the next one sees an attempt without an outcome. What stops a delivery is seen right before each
// attempt: it is too late, the person has read it elsewhere, the address was stopped, the device is
// gone, or there is no account for the channel. A message to Telegram is an event in the transaction
// of its attempt, so that is done exactly once.
//
// Threads: thread-safe; Run may run on several threads and replicas.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "common/service/stop_signal.h"
#include "services/platform/notification/deliveries/delivery_store.h"
#include "services/platform/notification/deliveries/sender.h"

namespace selfology::notification {

class DeliveryRunner {
 public:
  struct Parts {
    postgres::Database& database;
    std::function<absl::Time()> clock;
    // By transport word of the channel or device kind: EMAIL, SMS, FCM, APNS, WEB_PUSH. What is
    // missing has no account.
    std::map<std::string, std::shared_ptr<Sender>> senders;
    // A person's verified mail address; empty: they have none. UNAVAILABLE: it cannot be asked now.
    std::function<absl::StatusOr<std::string>(const Call&, int64_t user_id)> mail_address;
    std::string base_url = {};  // Links that are paths are below it.
  };

  explicit DeliveryRunner(Parts parts) : parts_(std::move(parts)) {}

  // A loop: until `stop`.
  void Run(service::StopSignal& stop);
  void Wake();

  // Those due now, at most a batch; how many were taken.
  absl::StatusOr<int> DeliverDue(const Call& call);

 private:
  struct Begun;
  absl::Status Deliver(const Call& call, const store::TakenDelivery& taken);
  absl::StatusOr<std::string> AddressOf(const Call& call, const store::TakenDelivery& taken);
  absl::StatusOr<std::optional<Begun>> Begin(const Call& call, const store::TakenDelivery& taken,
                                             const std::string& address);
  absl::StatusOr<std::optional<Begun>> BeginIn(postgres::Transaction& tx,
                                               const store::TakenDelivery& taken,
                                               const std::string& address);
  absl::Status Finish(const Call& call, const store::TakenDelivery& taken, const Begun& begun,
                      const Outcome& outcome);
  absl::Status HandToGateway(postgres::Transaction& tx, const store::TakenDelivery& taken,
                             const store::Letter& letter, absl::Time now);

  const Parts parts_;
  absl::Mutex mutex_;
  int64_t wakes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace selfology::notification
