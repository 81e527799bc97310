// The local mailbox's RPCs; see proto/selfology/user/v1/mailbox_service.proto.
#pragma once

#include "common/postgres/database.h"
#include "selfology/user/v1/mailbox_service_endpoints.h"

namespace selfology::user {

class MailboxService final : public v1::MailboxServiceEndpoints {
 public:
  // The database must outlive it. on: else each RPC is refused.
  MailboxService(postgres::Database& database, bool on) : database_(database), on_(on) {}

  absl::StatusOr<v1::ListLocalMailsResponse> ListLocalMails(
      const Call& call, const v1::ListLocalMailsRequest& request) override;
  absl::StatusOr<mesh::v1::HttpResponse> ShowLocalMailbox(
      const Call& call, const v1::ShowLocalMailboxRequest& request) override;

 private:
  postgres::Database& database_;
  const bool on_;
};

}  // namespace selfology::user
