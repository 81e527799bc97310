// In place of another room: a module that serves a test's endpoints and does nothing else.
//
//   auto ai = std::make_shared<FakeAi>();
//   StartMesh(Modules(MakeModule(), ServingModule("ai", ai)));
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/rpc/endpoints.h"
#include "common/service/mesh.h"
#include "common/service/module.h"

namespace selfology::testing {

// `name` is the room's: what its peers call it by.
inline std::unique_ptr<service::Module> ServingModule(std::string name,
                                                      std::shared_ptr<rpc::Endpoints> endpoints) {
  class Serving final : public service::Module {
   public:
    Serving(std::string name, std::shared_ptr<rpc::Endpoints> endpoints)
        : name_(std::move(name)), endpoints_(std::move(endpoints)) {}
    service::ModuleInfo info() const override { return {.name = name_, .group = name_}; }
    absl::Status Start(service::Mesh& mesh) override {
      mesh.Serve(endpoints_);
      return absl::OkStatus();
    }

   private:
    const std::string name_;
    const std::shared_ptr<rpc::Endpoints> endpoints_;
  };
  return std::make_unique<Serving>(std::move(name), std::move(endpoints));
}

}  // namespace selfology::testing
