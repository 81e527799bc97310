// Erasing people from the services of this process, and from the whole mesh: see
// proto/selfology/mesh/v1/erasure_service.proto for what each RPC does.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/service/mesh_erasure.h"
#include "common/service/module_erasure.h"
#include "selfology/mesh/v1/erasure_service_endpoints.h"

namespace selfology::service {

class ErasureService final : public mesh::v1::ErasureServiceEndpoints {
 public:
  // modules: this process's. All outlive the service.
  ErasureService(MeshErasure& mesh, std::vector<ModuleErasure*> modules)
      : mesh_(mesh), modules_(std::move(modules)) {}

  absl::StatusOr<mesh::v1::EraseUserResponse> EraseUser(
      const Call& call, const mesh::v1::EraseUserRequest& request) override;
  absl::StatusOr<mesh::v1::BeginErasureResponse> BeginErasure(
      const Call& call, const mesh::v1::BeginErasureRequest& request) override;
  absl::StatusOr<mesh::v1::EraseDataResponse> EraseData(
      const Call& call, const mesh::v1::EraseDataRequest& request) override;
  absl::StatusOr<mesh::v1::FinishErasureResponse> FinishErasure(
      const Call& call, const mesh::v1::FinishErasureRequest& request) override;

 private:
  MeshErasure& mesh_;
  const std::vector<ModuleErasure*> modules_;
};

}  // namespace selfology::service
