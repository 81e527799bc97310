// The realtime service's RPCs; see proto/selfology/realtime/v1/realtime_service.proto for what each
// does. DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <atomic>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/postgres/database.h"
#include "selfology/realtime/v1/realtime_service_endpoints.h"
#include "services/edge/realtime/delivery.h"
#include "services/edge/realtime/presence.h"

namespace selfology::realtime {

class RealtimeService final : public v1::RealtimeServiceEndpoints {
 public:
  // All must outlive it.
  RealtimeService(postgres::Database& database, Delivery& delivery, Presence& presence)
      : database_(database), delivery_(delivery), presence_(presence) {}

  absl::StatusOr<v1::ListEventsResponse> ListEvents(const Call& call,
                                                    const v1::ListEventsRequest& request) override;
  absl::StatusOr<v1::GetPresenceResponse> GetPresence(
      const Call& call, const v1::GetPresenceRequest& request) override;
  absl::StatusOr<v1::GetDevicesAddressResponse> GetDevicesAddress(
      const Call& call, const v1::GetDevicesAddressRequest& request) override;

  // Where devices connect, as others know it; empty: nowhere.
  void ListensAt(const std::string& address);

 private:
  absl::StatusOr<v1::ListEventsResponse> ReadOnce(const Call& call,
                                                  const v1::ListEventsRequest& request);

  postgres::Database& database_;
  Delivery& delivery_;
  Presence& presence_;
  std::atomic<int> waiting_ = 0;
  absl::Mutex mutex_;
  std::string address_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::realtime
