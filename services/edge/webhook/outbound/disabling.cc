#include "services/edge/webhook/outbound/disabling.h"

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/events/v1/webhook.pb.h"
#include "services/edge/webhook/outbound/endpoint_store.h"
#include "services/edge/webhook/outbound/sender_store.h"

namespace selfology::webhook {

absl::Status DisableFailing(postgres::Transaction& tx, const FailingEndpoint& endpoint,
                            absl::Time now) {
  const std::string reason = endpoint.gone ? "GONE" : "FAILURES";
  store::Disable(
      tx, endpoint.endpoint_id,
      endpoint.gone ? v1::ENDPOINT_STATE_DISABLED_AS_GONE : v1::ENDPOINT_STATE_DISABLED_BY_FAILURES,
      now);
  ASSIGN_OR_RETURN(
      const int64_t given_up,
      store::GiveUpPending(tx, endpoint.endpoint_id, v1::DELIVERY_FAILURE_DISABLED, now));
  events::v1::WebhookEndpointDisabled disabled;
  disabled.set_endpoint_id(endpoint.endpoint_id);
  disabled.set_user_id(endpoint.user_id);
  disabled.set_reason(reason);
  disabled.set_given_up_count(given_up);
  RETURN_IF_ERROR(events::Publish(tx, disabled));
  if (endpoint.user_id == 0) {
    // Nobody has an inbox for the installation.
    observe::Warning("webhook endpoint disabled",
                     {{"endpoint", endpoint.endpoint_id}, {"reason", reason}});
    return absl::OkStatus();
  }
  events::v1::NotificationRequested notice;
  notice.set_user_id(endpoint.user_id);
  notice.set_kind("webhook.endpoint.disabled");
  auto& parameters = *notice.mutable_parameters();
  parameters["url"] = endpoint.url;
  parameters["reason"] = reason;
  parameters["title"] = "Webhook endpoint disabled";
  parameters["text"] =
      absl::StrCat(endpoint.url, endpoint.gone ? " says that it is gone." : " fails all the time.",
                   " Messages that waited for it: ", given_up,
                   ". Enable it again and retry them when it works.");
  notice.set_deduplication_key(
      absl::StrCat("webhook:", endpoint.endpoint_id, ":", absl::ToUnixSeconds(now)));
  return events::Publish(tx, notice);
}

}  // namespace selfology::webhook
