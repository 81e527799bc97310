// The RPCs of linking; see proto/selfology/user/v1/linking_service.proto for what each does.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "common/service/module_export.h"
#include "selfology/user/v1/linking_service_endpoints.h"
#include "services/platform/user/linking/link_store.h"

namespace selfology::user {

class LinkingService final : public v1::LinkingServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;
  using ExportUser = std::function<absl::Status(const Call&, int64_t, service::ModuleExport::Take)>;

  // The database must outlive it. export_user: Mesh::ExportUser, which tells who has data.
  LinkingService(postgres::Database& database, Clock clock, ExportUser export_user);

  absl::StatusOr<v1::BeginLinkResponse> BeginLink(const Call& call,
                                                  const v1::BeginLinkRequest& request) override;
  absl::StatusOr<v1::ConfirmLinkResponse> ConfirmLink(
      const Call& call, const v1::ConfirmLinkRequest& request) override;
  absl::StatusOr<v1::ChooseLinkedIdResponse> ChooseLinkedId(
      const Call& call, const v1::ChooseLinkedIdRequest& request) override;
  absl::StatusOr<v1::GetLinkResponse> GetLink(const Call& call,
                                              const v1::GetLinkRequest& request) override;
  absl::StatusOr<v1::ResolveTelegramIdResponse> ResolveTelegramId(
      const Call& call, const v1::ResolveTelegramIdRequest& request) override;

 private:
  // Whether any service but this one and security has a list with something of theirs in it.
  absl::StatusOr<bool> HasData(const Call& call, int64_t user_id) const;
  // Makes one of the two what both were, and gives the job that erases the other.
  absl::StatusOr<v1::Job> Apply(postgres::Transaction& tx, const store::LinkChoice& pair,
                                bool keep_telegram, bool exports);
  absl::Time Now() const;

  postgres::Database& database_;
  const Clock clock_;
  const ExportUser export_user_;
};

}  // namespace selfology::user
