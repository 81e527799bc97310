// What persons told miniapp.
#include "services/feed/miniapp/module.h"

#include <memory>

#include "common/service/mesh.h"
#include "services/feed/miniapp/miniapp_events.h"
#include "services/feed/miniapp/miniapp_service.h"
#include "services/feed/miniapp/miniapp_store.h"
#include "services/feed/miniapp/migrations.h"

namespace selfology::miniapp {
namespace {

// What the room plugs into the kernel, which does the rest: threads, retries, deadlines, metrics,
// tracing, health, order per person, dead letters.
class MiniappModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "miniapp", .group = "miniapp_entries", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<MiniappService>(mesh.database(), mesh.clock()));
    mesh.On(&CountEntry);
    mesh.OnErase(&store::DeleteUser);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<MiniappModule>(); }

}  // namespace selfology::miniapp
