// What owners do with their endpoints and the log of deliveries: the outgoing half of WebhookService. See
// proto/selfology/webhook/v1/webhook_service.proto.
//
// Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/crypto/seal_key.h"
#include "common/postgres/database.h"
#include "selfology/webhook/v1/webhook_service.pb.h"

namespace selfology::webhook {

class EndpointMethods {
 public:
  struct Parts {
    postgres::Database& database;
    crypto::SealKey& seal_key;
    std::function<absl::Time()> clock;
    std::set<std::string, std::less<>> event_types;
    bool allow_http = false;
    std::function<void()> wake;  // Something is due.
  };

  explicit EndpointMethods(Parts parts) : parts_(std::move(parts)) {}

  absl::StatusOr<v1::CreateEndpointResponse> Create(const Call& call,
                                                    const v1::CreateEndpointRequest& request);
  absl::StatusOr<v1::GetEndpointResponse> Get(const Call& call,
                                              const v1::GetEndpointRequest& request);
  absl::StatusOr<v1::ListEndpointsResponse> List(const Call& call,
                                                 const v1::ListEndpointsRequest& request);
  absl::StatusOr<v1::UpdateEndpointResponse> Update(const Call& call,
                                                    const v1::UpdateEndpointRequest& request);
  absl::StatusOr<v1::EnableEndpointResponse> Enable(const Call& call,
                                                    const v1::EnableEndpointRequest& request);
  absl::StatusOr<v1::DisableEndpointResponse> Disable(const Call& call,
                                                      const v1::DisableEndpointRequest& request);
  absl::StatusOr<v1::DeleteEndpointResponse> Delete(const Call& call,
                                                    const v1::DeleteEndpointRequest& request);
  absl::StatusOr<v1::RotateEndpointSecretResponse> Rotate(
      const Call& call, const v1::RotateEndpointSecretRequest& request);
  absl::StatusOr<v1::TriggerWebhookResponse> Trigger(const Call& call,
                                                     const v1::TriggerWebhookRequest& request);
  absl::StatusOr<v1::ListEventTypesResponse> ListTypes(const v1::ListEventTypesRequest& request);

  absl::StatusOr<v1::ListDeliveriesResponse> ListDeliveries(
      const Call& call, const v1::ListDeliveriesRequest& request);
  absl::StatusOr<v1::GetDeliveryResponse> GetDelivery(const Call& call,
                                                      const v1::GetDeliveryRequest& request);
  absl::StatusOr<v1::RetryDeliveryResponse> Retry(const Call& call,
                                                  const v1::RetryDeliveryRequest& request);
  absl::StatusOr<v1::RetryFailedDeliveriesResponse> RetryFailed(
      const Call& call, const v1::RetryFailedDeliveriesRequest& request);

 private:
  const Parts parts_;
};

}  // namespace selfology::webhook
