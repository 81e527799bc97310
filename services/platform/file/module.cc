// What persons told file.
#include "services/platform/file/module.h"

#include <memory>

#include "common/service/mesh.h"
#include "services/platform/file/file_events.h"
#include "services/platform/file/file_service.h"
#include "services/platform/file/file_store.h"
#include "services/platform/file/migrations.h"

namespace selfology::file {
namespace {

// What the room plugs into the kernel, which does the rest: threads, retries, deadlines, metrics,
// tracing, health, order per person, dead letters.
class FileModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "file", .group = "file_entries", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<FileService>(mesh.database(), mesh.clock()));
    mesh.On(&CountEntry);
    mesh.OnErase(&store::DeleteUser);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<FileModule>(); }

}  // namespace selfology::file
