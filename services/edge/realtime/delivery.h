// Brings people's logs to their connected devices: each event once, in order, to every device.
//
//   Delivery delivery(mesh.database(), mesh.metrics(), {});
//   mesh.Run("rt_delivery", [&](service::StopSignal& stop) { delivery.Run(stop); });
//   delivery.Add(socket, user_id, offset);      // a device has come
//   delivery.Hint(user_id);                     // there is something new for the person
//   delivery.Remove(socket);
//
// Hints only make it quick: all logs with a device are looked at every `look` anyway, so an event
// whose hint was lost comes a little later. What a device gets:
//   ready {user_id, position}       first: where it begins
//   event {position, type, data, occurred_at}
//   gap   {from_position, to_position}   of what is no longer kept
//   erased    all about the person was erased; it is disconnected
//
// A device that does not take what it is sent gets no more meanwhile, and is dropped if that lasts;
// nothing is lost by it, since it comes back with its offset.
//
// Errors: while the database is away devices wait. Threads: thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/service/stop_signal.h"
#include "services/edge/realtime/catch_up.h"
#include "services/edge/realtime/realtime_store.h"
#include "services/edge/realtime/socket_io/server.h"

namespace selfology::realtime {

struct DeliveryOptions {
  absl::Duration look = absl::Seconds(1);
  size_t enough_unsent =
      256 << 10;  // Bytes that a device has not taken: it gets no more until then.
  absl::Duration slow_after = absl::Seconds(15);  // Of that, until it is dropped.
};

class Delivery {
 public:
  Delivery(postgres::Database& database, observe::Metrics& metrics, DeliveryOptions options);

  // offset: the last position that the device has had; none: from now on.
  void Add(const socket_io::SocketPtr& socket, int64_t user_id, std::optional<int64_t> offset);
  void Remove(const socket_io::SocketPtr& socket);
  void Hint(int64_t user_id);

  // Waits for a hint about the person, or until then.
  void AwaitHint(const Call& call, int64_t user_id, absl::Duration patience);

  void Run(service::StopSignal& stop);

  // People with a device here.
  std::vector<int64_t> users() const;
  size_t devices() const;
  bool stopping() const;  // Who waits should not wait longer.

 private:
  struct Device {
    socket_io::SocketPtr socket;
    Place place = {};
    absl::Time slow_since = absl::InfiniteFuture();
  };
  using Devices = std::vector<std::shared_ptr<Device>>;
  // What is looked at in one go.
  struct Batch {
    std::map<int64_t, Devices> devices = {};
    std::map<int64_t, int64_t> after = {};  // The place of the device that is furthest behind.
  };

  Batch TakeBatch(absl::Time now);
  absl::Status Deliver(Batch batch);
  void Tell(int64_t user_id, const Devices& devices, int64_t head,
            const std::vector<const store::LogRow*>& rows);
  absl::Status LookAtAll();
  // True: it takes what it is sent.
  bool IsQuick(Device& device, absl::Time now);
  void Again(int64_t user_id);
  static bool IsErased(const Device& device, int64_t head);

  postgres::Database& database_;
  const DeliveryOptions options_;
  const observe::Counter delivered_;
  const observe::Counter dropped_;

  mutable absl::Mutex mutex_;
  absl::CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<int64_t, Devices> devices_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<const socket_io::Socket*, int64_t> user_of_ ABSL_GUARDED_BY(mutex_);
  std::set<int64_t> due_ ABSL_GUARDED_BY(mutex_);
  std::set<int64_t> slow_ ABSL_GUARDED_BY(mutex_);  // People with a device that waits.
  absl::flat_hash_map<int64_t, int64_t> hints_ ABSL_GUARDED_BY(mutex_);  // Of who is waited for.
  absl::flat_hash_map<int64_t, int> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::realtime
