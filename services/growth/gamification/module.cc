// What persons told gamification.
#include "services/growth/gamification/module.h"

#include <memory>

#include "common/service/mesh.h"
#include "services/growth/gamification/gamification_events.h"
#include "services/growth/gamification/gamification_service.h"
#include "services/growth/gamification/gamification_store.h"
#include "services/growth/gamification/migrations.h"

namespace selfology::gamification {
namespace {

// What the room plugs into the kernel, which does the rest: threads, retries, deadlines, metrics,
// tracing, health, order per person, dead letters.
class GamificationModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "gamification", .group = "gamification_entries", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<GamificationService>(mesh.database(), mesh.clock()));
    mesh.On(&CountEntry);
    mesh.OnErase(&store::DeleteUser);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<GamificationModule>(); }

}  // namespace selfology::gamification
