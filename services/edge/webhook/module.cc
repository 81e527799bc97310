#include "services/edge/webhook/module.h"

#include <memory>

#include "common/service/mesh.h"

namespace selfology::webhook {
namespace {

class RoomModule final : public service::Module {
 public:
  service::ModuleInfo info() const override { return {.name = "webhook", .group = "webhook"}; }
  absl::Status Start(service::Mesh&) override { return absl::OkStatus(); }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<RoomModule>(); }

}  // namespace selfology::webhook
