// What persons told content.
#include "services/studio/content/module.h"

#include <memory>

#include "common/service/mesh.h"
#include "services/studio/content/content_events.h"
#include "services/studio/content/content_service.h"
#include "services/studio/content/content_store.h"
#include "services/studio/content/migrations.h"

namespace selfology::content {
namespace {

// What the room plugs into the kernel, which does the rest: threads, retries, deadlines, metrics,
// tracing, health, order per person, dead letters.
class ContentModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "content", .group = "content_entries", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<ContentService>(mesh.database(), mesh.clock()));
    mesh.On(&CountEntry);
    mesh.OnErase(&store::DeleteUser);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<ContentModule>(); }

}  // namespace selfology::content
