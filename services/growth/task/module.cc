// What persons told task.
#include "services/growth/task/module.h"

#include <memory>

#include "common/service/mesh.h"
#include "services/growth/task/task_events.h"
#include "services/growth/task/task_service.h"
#include "services/growth/task/task_store.h"
#include "services/growth/task/migrations.h"

namespace selfology::task {
namespace {

// What the room plugs into the kernel, which does the rest: threads, retries, deadlines, metrics,
// tracing, health, order per person, dead letters.
class TaskModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "task", .group = "task_entries", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<TaskService>(mesh.database(), mesh.clock()));
    mesh.On(&CountEntry);
    mesh.OnErase(&store::DeleteUser);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<TaskModule>(); }

}  // namespace selfology::task
