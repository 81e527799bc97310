// The webhook service's RPCs; see proto/selfology/webhook/v1/webhook_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/webhook/v1/webhook_service_endpoints.h"

namespace selfology::webhook {

class WebhookService final : public v1::WebhookServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  WebhookService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::AddWebhookEntryResponse> AddWebhookEntry(
      const Call& call, const v1::AddWebhookEntryRequest& request) override;
  absl::StatusOr<v1::ListWebhookEntriesResponse> ListWebhookEntries(
      const Call& call, const v1::ListWebhookEntriesRequest& request) override;
  absl::StatusOr<v1::CountWebhookEntriesResponse> CountWebhookEntries(
      const Call& call, const v1::CountWebhookEntriesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::webhook
