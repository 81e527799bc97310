// The part of EndpointMethods that is about messages.
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/idempotency/once.h"
#include "common/json/json.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/edge/webhook/errors.h"
#include "services/edge/webhook/outbound/delivery_store.h"
#include "services/edge/webhook/outbound/endpoint_methods.h"
#include "services/edge/webhook/outbound/endpoint_rules.h"
#include "services/edge/webhook/outbound/endpoint_store.h"
#include "services/edge/webhook/requests.h"
#include "services/edge/webhook/webhook_names.h"

namespace selfology::webhook {
namespace {

using postgres::Transaction;

constexpr size_t kMaxData = size_t{32} << 10;

}  // namespace

absl::StatusOr<v1::TriggerWebhookResponse> EndpointMethods::Trigger(
    const Call& call, const v1::TriggerWebhookRequest& request) {
  status::FieldViolations bad = CheckOwner(request);
  const std::string type = TypeMeant(request.event_type());
  if (type != kTestType && !parts_.event_types.contains(type)) {
    bad.Add("event_type", "must be \"webhook.test\", one of ListEventTypes or of ListKinds");
  }
  idempotency::CheckKey(request.idempotency_key(), bad);
  ASSIGN_OR_RETURN(const std::string data, json::Print(request.data()));
  if (data.size() > kMaxData) bad.Add("data", "must have at most 32 KiB as JSON");
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = parts_.clock();
  const store::Message message{
      .message_id = absl::StrCat("msg_", absl::BytesToHexString(crypto::RandomBytes(16))),
      .user_id = request.user_id(),
      .event_type = type,
      .body = MessageBody(type, NameOf(type, data), now, data),
      .occurred_at = now};
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::TriggerWebhookResponse> {
        return idempotency::Once<v1::TriggerWebhookResponse>(
            tx, Remembered(request, "TriggerWebhook", now),
            [&]() -> absl::StatusOr<v1::TriggerWebhookResponse> {
              if (!request.endpoint_id().empty()) {
                ASSIGN_OR_RETURN(const auto row,
                                 store::ReadEndpoint(tx, request.user_id(), request.endpoint_id()));
                if (!row.has_value()) return NotFound("endpoint");
              }
              ASSIGN_OR_RETURN(const std::vector<int64_t> ids,
                               store::EnqueueFor(tx, message, request.endpoint_id(), now));
              tx.AfterCommit(parts_.wake);
              v1::TriggerWebhookResponse response;
              for (const int64_t id : ids) response.add_delivery_ids(id);
              return response;
            });
      });
}

absl::StatusOr<v1::ListDeliveriesResponse> EndpointMethods::ListDeliveries(
    const Call& call, const v1::ListDeliveriesRequest& request) {
  RETURN_IF_ERROR(CheckOwner(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::Delivery> deliveries,
                   parts_.database.Read(call, [&](Transaction& tx) {
                     return store::ListDeliveries(tx, {.user_id = request.user_id(),
                                                       .endpoint_id = request.endpoint_id(),
                                                       .state = request.state(),
                                                       .before_id = before,
                                                       .limit = page.limit()});
                   }));
  v1::ListDeliveriesResponse response;
  response.set_next_page_token(page.Cut(deliveries, &v1::Delivery::delivery_id));
  for (v1::Delivery& delivery : deliveries) *response.add_deliveries() = std::move(delivery);
  return response;
}

absl::StatusOr<v1::GetDeliveryResponse> EndpointMethods::GetDelivery(
    const Call& call, const v1::GetDeliveryRequest& request) {
  RETURN_IF_ERROR(CheckOwner(request).ToStatus());
  return parts_.database.Read(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::GetDeliveryResponse> {
        ASSIGN_OR_RETURN(auto delivery,
                         store::ReadDelivery(tx, request.user_id(), request.delivery_id()));
        if (!delivery.has_value()) return NotFound("delivery");
        v1::GetDeliveryResponse response;
        ASSIGN_OR_RETURN(*response.mutable_body(), store::ReadBody(tx, delivery->message_id()));
        ASSIGN_OR_RETURN(std::vector<v1::Attempt> attempts,
                         store::ListAttempts(tx, request.delivery_id()));
        for (v1::Attempt& attempt : attempts) *response.add_attempts() = std::move(attempt);
        *response.mutable_delivery() = *std::move(delivery);
        return response;
      });
}

absl::StatusOr<v1::RetryDeliveryResponse> EndpointMethods::Retry(
    const Call& call, const v1::RetryDeliveryRequest& request) {
  RETURN_IF_ERROR(CheckOwner(request).ToStatus());
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::RetryDeliveryResponse> {
        ASSIGN_OR_RETURN(const auto delivery,
                         store::ReadDelivery(tx, request.user_id(), request.delivery_id()));
        if (!delivery.has_value()) return NotFound("delivery");
        ASSIGN_OR_RETURN(const auto endpoint,
                         store::LockEndpoint(tx, request.user_id(), delivery->endpoint_id()));
        if (!endpoint.has_value()) return NotFound("delivery");
        if (endpoint->state != v1::ENDPOINT_STATE_ENABLED) {
          return NotPossible("the endpoint is disabled");
        }
        store::Retry(tx, endpoint->endpoint_id, request.delivery_id(), parts_.clock());
        tx.AfterCommit(parts_.wake);
        v1::RetryDeliveryResponse response;
        ASSIGN_OR_RETURN(auto now,
                         store::ReadDelivery(tx, request.user_id(), request.delivery_id()));
        if (!now.has_value()) return NotFound("delivery");
        *response.mutable_delivery() = *std::move(now);
        return response;
      });
}

absl::StatusOr<v1::RetryFailedDeliveriesResponse> EndpointMethods::RetryFailed(
    const Call& call, const v1::RetryFailedDeliveriesRequest& request) {
  RETURN_IF_ERROR(CheckOwner(request).ToStatus());
  const absl::Time since =
      request.has_since() ? timestamps::FromProto(request.since()) : absl::InfinitePast();
  const absl::Time now = parts_.clock();
  const absl::Time until =
      request.has_until() ? timestamps::FromProto(request.until()) : absl::InfiniteFuture();
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::RetryFailedDeliveriesResponse> {
        ASSIGN_OR_RETURN(const auto endpoint,
                         store::LockEndpoint(tx, request.user_id(), request.endpoint_id()));
        if (!endpoint.has_value()) return NotFound("endpoint");
        if (endpoint->state != v1::ENDPOINT_STATE_ENABLED) {
          return NotPossible("the endpoint is disabled");
        }
        ASSIGN_OR_RETURN(const int64_t retried,
                         store::RetryFailed(tx, endpoint->endpoint_id, since, until, now));
        tx.AfterCommit(parts_.wake);
        v1::RetryFailedDeliveriesResponse response;
        response.set_retried_count(retried);
        return response;
      });
}

}  // namespace selfology::webhook
