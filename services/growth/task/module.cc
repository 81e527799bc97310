// Persons' tasks.
#include "services/growth/task/module.h"

#include <memory>

#include "common/service/mesh.h"

namespace selfology::task {
namespace {

class TaskModule final : public service::Module {
 public:
  service::ModuleInfo info() const override { return {.name = "task", .group = "tasks"}; }
  absl::Status Start(service::Mesh&) override { return absl::OkStatus(); }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<TaskModule>(); }

}  // namespace selfology::task
