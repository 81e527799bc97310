// The webhook service's RPCs; see proto/selfology/webhook/v1/webhook_service.proto. The outgoing half is
// outbound/endpoint_methods.h, the incoming half inbound/source_methods.h. DeleteUserData is the kernel's.
#pragma once

#include "selfology/webhook/v1/webhook_service_endpoints.h"
#include "services/edge/webhook/inbound/source_methods.h"
#include "services/edge/webhook/outbound/endpoint_methods.h"

namespace selfology::webhook {

class WebhookService final : public v1::WebhookServiceEndpoints {
 public:
  // Both outlive it.
  WebhookService(EndpointMethods& endpoints, SourceMethods& sources)
      : endpoints_(endpoints), sources_(sources) {}

  absl::StatusOr<v1::CreateEndpointResponse> CreateEndpoint(
      const Call& call, const v1::CreateEndpointRequest& request) override {
    return endpoints_.Create(call, request);
  }
  absl::StatusOr<v1::GetEndpointResponse> GetEndpoint(
      const Call& call, const v1::GetEndpointRequest& request) override {
    return endpoints_.Get(call, request);
  }
  absl::StatusOr<v1::ListEndpointsResponse> ListEndpoints(
      const Call& call, const v1::ListEndpointsRequest& request) override {
    return endpoints_.List(call, request);
  }
  absl::StatusOr<v1::UpdateEndpointResponse> UpdateEndpoint(
      const Call& call, const v1::UpdateEndpointRequest& request) override {
    return endpoints_.Update(call, request);
  }
  absl::StatusOr<v1::EnableEndpointResponse> EnableEndpoint(
      const Call& call, const v1::EnableEndpointRequest& request) override {
    return endpoints_.Enable(call, request);
  }
  absl::StatusOr<v1::DisableEndpointResponse> DisableEndpoint(
      const Call& call, const v1::DisableEndpointRequest& request) override {
    return endpoints_.Disable(call, request);
  }
  absl::StatusOr<v1::DeleteEndpointResponse> DeleteEndpoint(
      const Call& call, const v1::DeleteEndpointRequest& request) override {
    return endpoints_.Delete(call, request);
  }
  absl::StatusOr<v1::RotateEndpointSecretResponse> RotateEndpointSecret(
      const Call& call, const v1::RotateEndpointSecretRequest& request) override {
    return endpoints_.Rotate(call, request);
  }
  absl::StatusOr<v1::TriggerWebhookResponse> TriggerWebhook(
      const Call& call, const v1::TriggerWebhookRequest& request) override {
    return endpoints_.Trigger(call, request);
  }
  absl::StatusOr<v1::ListEventTypesResponse> ListEventTypes(
      const Call&, const v1::ListEventTypesRequest& request) override {
    return endpoints_.ListTypes(request);
  }
  absl::StatusOr<v1::ListDeliveriesResponse> ListDeliveries(
      const Call& call, const v1::ListDeliveriesRequest& request) override {
    return endpoints_.ListDeliveries(call, request);
  }
  absl::StatusOr<v1::GetDeliveryResponse> GetDelivery(
      const Call& call, const v1::GetDeliveryRequest& request) override {
    return endpoints_.GetDelivery(call, request);
  }
  absl::StatusOr<v1::RetryDeliveryResponse> RetryDelivery(
      const Call& call, const v1::RetryDeliveryRequest& request) override {
    return endpoints_.Retry(call, request);
  }
  absl::StatusOr<v1::RetryFailedDeliveriesResponse> RetryFailedDeliveries(
      const Call& call, const v1::RetryFailedDeliveriesRequest& request) override {
    return endpoints_.RetryFailed(call, request);
  }
  absl::StatusOr<v1::CreateSourceResponse> CreateSource(
      const Call& call, const v1::CreateSourceRequest& request) override {
    return sources_.Create(call, request);
  }
  absl::StatusOr<v1::GetSourceResponse> GetSource(const Call& call,
                                                  const v1::GetSourceRequest& request) override {
    return sources_.Get(call, request);
  }
  absl::StatusOr<v1::ListSourcesResponse> ListSources(
      const Call& call, const v1::ListSourcesRequest& request) override {
    return sources_.List(call, request);
  }
  absl::StatusOr<v1::UpdateSourceResponse> UpdateSource(
      const Call& call, const v1::UpdateSourceRequest& request) override {
    return sources_.Update(call, request);
  }
  absl::StatusOr<v1::DeleteSourceResponse> DeleteSource(
      const Call& call, const v1::DeleteSourceRequest& request) override {
    return sources_.Delete(call, request);
  }
  absl::StatusOr<v1::ListReceivedResponse> ListReceived(
      const Call& call, const v1::ListReceivedRequest& request) override {
    return sources_.ListReceived(call, request);
  }
  absl::StatusOr<v1::GetReceivedResponse> GetReceived(
      const Call& call, const v1::GetReceivedRequest& request) override {
    return sources_.GetReceived(call, request);
  }
  absl::StatusOr<v1::RouteReceivedResponse> RouteReceived(
      const Call& call, const v1::RouteReceivedRequest& request) override {
    return sources_.Route(call, request);
  }
  absl::StatusOr<v1::TryRuleResponse> TryRule(const Call& call,
                                              const v1::TryRuleRequest& request) override {
    return sources_.TryRule(call, request);
  }
  absl::StatusOr<v1::ListKindsResponse> ListKinds(const Call&,
                                                  const v1::ListKindsRequest& request) override {
    return sources_.ListKinds(request);
  }

 private:
  EndpointMethods& endpoints_;
  SourceMethods& sources_;
};

}  // namespace selfology::webhook
