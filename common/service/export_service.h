// Giving people what the services of this process, and of the whole mesh, keep about them: see
// proto/selfology/mesh/v1/export_service.proto.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/rpc/channel.h"
#include "common/service/module_export.h"
#include "selfology/mesh/v1/export_service_client.h"
#include "selfology/mesh/v1/export_service_endpoints.h"

namespace selfology::service {

// Asks one service after the other; all of it, or an error. SERVICE_UNAVAILABLE when one is away.
class MeshExport {
 public:
  MeshExport(const std::vector<std::string>& services,
             const std::function<std::shared_ptr<rpc::Channel>(std::string_view)>& peer);

  absl::Status Run(const Call& call, int64_t user_id, ModuleExport::Take take) const;

 private:
  struct Part {
    std::string service;
    mesh::v1::ExportServiceClient client;
  };
  std::vector<Part> parts_;
};

class ExportService final : public mesh::v1::ExportServiceEndpoints {
 public:
  // modules: this process's. All outlive the service.
  ExportService(const MeshExport& mesh, std::vector<const ModuleExport*> modules)
      : mesh_(mesh), modules_(std::move(modules)) {}

  absl::Status ExportUser(const Call& call, const mesh::v1::ExportUserRequest& request,
                          rpc::Writer<mesh::v1::ExportUserResponse>& writer) override;

 private:
  const MeshExport& mesh_;
  const std::vector<const ModuleExport*> modules_;
};

}  // namespace selfology::service
