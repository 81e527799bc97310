// DependencyService; see proto/selfology/task/v1/dependency_service.proto.
#pragma once

#include "common/postgres/database.h"
#include "selfology/task/v1/dependency_service_endpoints.h"

namespace selfology::task {

class DependencyService final : public v1::DependencyServiceEndpoints {
 public:
  // The database must outlive it.
  explicit DependencyService(postgres::Database& database) : database_(database) {}

  absl::StatusOr<v1::AddDependencyResponse> AddDependency(
      const Call& call, const v1::AddDependencyRequest& request) override;
  absl::StatusOr<v1::RemoveDependencyResponse> RemoveDependency(
      const Call& call, const v1::RemoveDependencyRequest& request) override;
  absl::StatusOr<v1::ListDependenciesResponse> ListDependencies(
      const Call& call, const v1::ListDependenciesRequest& request) override;
  absl::StatusOr<v1::GetCriticalPathResponse> GetCriticalPath(
      const Call& call, const v1::GetCriticalPathRequest& request) override;
  absl::StatusOr<v1::GetUnblocksResponse> GetUnblocks(
      const Call& call, const v1::GetUnblocksRequest& request) override;

 private:
  postgres::Database& database_;
};

}  // namespace selfology::task
