// What one service gives of a person who asks for all that is kept about them: what the methods that
// its contracts mark with (selfology.mesh.v1.exported) answer.
//
//   ModuleExport exported("session");
//   exported.Add(endpoints);                                     // whatever the module serves
//   RETURN_IF_ERROR(exported.Run(call, user_id, [&](const ExportUserResponse& page) { ... }));
//
// A method is asked with its subject alone, page after page. Nothing is left out: NOT_FOUND means
// that there is nothing, any other error ends the export. Threads: Add before Run, which is
// thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/call/call.h"
#include "common/rpc/endpoints.h"
#include "selfology/mesh/v1/export_service.pb.h"

namespace selfology::service {

class ModuleExport {
 public:
  // False: nobody wants more.
  using Take = absl::FunctionRef<bool(const mesh::v1::ExportUserResponse&)>;

  explicit ModuleExport(std::string service) : service_(std::move(service)) {}

  void Add(std::shared_ptr<rpc::Endpoints> endpoints) {
    endpoints_.push_back(std::move(endpoints));
  }

  absl::Status Run(const Call& call, int64_t user_id, Take take) const;

  const std::string& service() const { return service_; }

 private:
  const std::string service_;
  std::vector<std::shared_ptr<rpc::Endpoints>> endpoints_;
};

}  // namespace selfology::service
