#include "services/platform/integration/module.h"

#include <memory>

#include "common/service/mesh.h"

namespace selfology::integration {
namespace {

class RoomModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "integration", .group = "integration"};
  }
  absl::Status Start(service::Mesh&) override { return absl::OkStatus(); }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<RoomModule>(); }

}  // namespace selfology::integration
