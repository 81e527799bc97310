#include "common/service/export_service.h"

#include "absl/status/status.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::service {

using mesh::v1::ExportUserRequest;
using mesh::v1::ExportUserResponse;

MeshExport::MeshExport(const std::vector<std::string>& services,
                       const std::function<std::shared_ptr<rpc::Channel>(std::string_view)>& peer) {
  for (const std::string& service : services) {
    parts_.push_back({service, mesh::v1::ExportServiceClient(peer(service))});
  }
}

absl::Status MeshExport::Run(const Call& call, int64_t user_id, ModuleExport::Take take) const {
  if (user_id <= 0) return status::InvalidField("user_id", "must be above 0");
  for (const Part& part : parts_) {
    ExportUserRequest request;
    request.set_service(part.service);
    request.set_user_id(user_id);
    bool left = false;
    const absl::Status exported =
        part.client.ExportUser(call, request, [&](const ExportUserResponse& response) {
          left = !take(response);
          return !left;
        });
    if (left) return absl::CancelledError("the caller has left");
    if (exported.ok()) continue;
    observe::Error("export of user data failed in one service",
                   {{"service", part.service}, {"status", exported}});
    return status::Error(mesh::v1::ERROR_CODE_SERVICE_UNAVAILABLE,
                         "a service could not give its part of the export");
  }
  return absl::OkStatus();
}

absl::Status ExportService::ExportUser(const Call& call, const ExportUserRequest& request,
                                       rpc::Writer<ExportUserResponse>& writer) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  const auto write = [&](const ExportUserResponse& response) { return writer.Write(response); };
  if (request.service().empty()) return mesh_.Run(call, request.user_id(), write);
  for (const ModuleExport* module : modules_) {
    if (module->service() == request.service()) {
      return module->Run(call, request.user_id(), write);
    }
  }
  return absl::NotFoundError("this process does not host that service");
}

}  // namespace selfology::service
