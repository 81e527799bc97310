// The local messages' RPCs; see proto/selfology/notification/v1/local_message_service.proto.
#pragma once

#include "common/postgres/database.h"
#include "selfology/notification/v1/local_message_service_endpoints.h"

namespace selfology::notification {

class LocalMessageService final : public v1::LocalMessageServiceEndpoints {
 public:
  // The database must outlive it. on: else each RPC is refused.
  LocalMessageService(postgres::Database& database, bool on) : database_(database), on_(on) {}

  absl::StatusOr<v1::ListLocalMessagesResponse> ListLocalMessages(
      const Call& call, const v1::ListLocalMessagesRequest& request) override;
  absl::StatusOr<mesh::v1::HttpResponse> ShowLocalMailbox(
      const Call& call, const v1::ShowLocalMailboxRequest& request) override;
  absl::StatusOr<mesh::v1::HttpResponse> ShowLocalPushes(
      const Call& call, const v1::ShowLocalPushesRequest& request) override;

 private:
  postgres::Database& database_;
  const bool on_;
};

}  // namespace selfology::notification
