// What persons told integration.
#include "services/platform/integration/module.h"

#include <memory>

#include "common/service/mesh.h"
#include "services/platform/integration/integration_events.h"
#include "services/platform/integration/integration_service.h"
#include "services/platform/integration/integration_store.h"
#include "services/platform/integration/migrations.h"

namespace selfology::integration {
namespace {

// What the room plugs into the kernel, which does the rest: threads, retries, deadlines, metrics,
// tracing, health, order per person, dead letters.
class IntegrationModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "integration", .group = "integration_entries", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<IntegrationService>(mesh.database(), mesh.clock()));
    mesh.On(&CountEntry);
    mesh.OnErase(&store::DeleteUser);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<IntegrationModule>(); }

}  // namespace selfology::integration
