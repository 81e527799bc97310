// Jobs: queues that workers in any language drain.
#include "services/platform/queue/module.h"

#include <memory>

#include "common/service/mesh.h"

namespace selfology::queue {
namespace {

class QueueModule final : public service::Module {
 public:
  service::ModuleInfo info() const override { return {.name = "queue", .group = "job_queue"}; }

  absl::Status Start(service::Mesh& /*mesh*/) override { return absl::OkStatus(); }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<QueueModule>(); }

}  // namespace selfology::queue
