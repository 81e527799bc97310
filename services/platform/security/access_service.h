// The RPCs of roles and grants; see proto/selfology/security/v1/access_service.proto.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/security/v1/access_service_endpoints.h"
#include "services/platform/security/settings.h"

namespace selfology::security {

class AccessService final : public v1::AccessServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database and the settings must outlive it.
  AccessService(postgres::Database& database, Clock clock, const SecuritySettings& settings);

  absl::StatusOr<v1::GrantRoleResponse> GrantRole(const Call& call,
                                                  const v1::GrantRoleRequest& request) override;
  absl::StatusOr<v1::RevokeRoleResponse> RevokeRole(const Call& call,
                                                    const v1::RevokeRoleRequest& request) override;
  absl::StatusOr<v1::ListRolesResponse> ListRoles(const Call& call,
                                                  const v1::ListRolesRequest& request) override;
  absl::StatusOr<v1::GrantAccessResponse> GrantAccess(
      const Call& call, const v1::GrantAccessRequest& request) override;
  absl::StatusOr<v1::RevokeAccessResponse> RevokeAccess(
      const Call& call, const v1::RevokeAccessRequest& request) override;
  absl::StatusOr<v1::ListGrantsResponse> ListGrants(const Call& call,
                                                    const v1::ListGrantsRequest& request) override;
  absl::StatusOr<v1::CheckPermissionResponse> CheckPermission(
      const Call& call, const v1::CheckPermissionRequest& request) override;

 private:
  absl::Time Now() const;

  postgres::Database& database_;
  const Clock clock_;
  const SecuritySettings& settings_;
};

}  // namespace selfology::security
