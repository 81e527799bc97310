// The relay's gRPC endpoints, for engineers. What they mean is in outbox_relay_service.proto; what
// the relay does is in common/relay/relay.h.
//
//   auto service = std::make_shared<OutboxRelayService>(relay, mesh.redis(), partitions);
//   mesh.Serve(service);
//
// Threads: thread-safe.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/redis/client.h"
#include "common/relay/relay.h"
#include "selfology/relay/v1/outbox_relay_service_endpoints.h"
#include "services/platform/outbox_relay/event_watch.h"

namespace selfology::outbox_relay {

namespace v1 = selfology::relay::v1;

// The event as the contract has it, with its payload as JSON.
v1::WatchEventsResponse ToProto(const Watched& watched);

class OutboxRelayService : public v1::OutboxRelayServiceEndpoints {
 public:
  // Redis must outlive the service.
  OutboxRelayService(std::shared_ptr<relay::Relay> relay, redis::Client& redis, int partitions);

  absl::StatusOr<v1::GetStatusResponse> GetStatus(const Call& call,
                                                  const v1::GetStatusRequest& request) override;
  absl::StatusOr<v1::ReplayEventsResponse> ReplayEvents(
      const Call& call, const v1::ReplayEventsRequest& request) override;
  absl::Status WatchEvents(const Call& call, const v1::WatchEventsRequest& request,
                           rpc::Writer<v1::WatchEventsResponse>& writer) override;

 private:
  const std::shared_ptr<relay::Relay> relay_;
  redis::Client& redis_;
  const int partitions_;
};

}  // namespace selfology::outbox_relay
