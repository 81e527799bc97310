// What persons told queue.
#include "services/platform/queue/module.h"

#include <memory>

#include "common/service/mesh.h"
#include "services/platform/queue/queue_events.h"
#include "services/platform/queue/queue_service.h"
#include "services/platform/queue/queue_store.h"
#include "services/platform/queue/migrations.h"

namespace selfology::queue {
namespace {

// What the room plugs into the kernel, which does the rest: threads, retries, deadlines, metrics,
// tracing, health, order per person, dead letters.
class QueueModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "queue", .group = "queue_entries", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<QueueService>(mesh.database(), mesh.clock()));
    mesh.On(&CountEntry);
    mesh.OnErase(&store::DeleteUser);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<QueueModule>(); }

}  // namespace selfology::queue
