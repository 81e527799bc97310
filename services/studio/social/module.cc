// What persons told social.
#include "services/studio/social/module.h"

#include <memory>

#include "common/service/mesh.h"
#include "services/studio/social/social_events.h"
#include "services/studio/social/social_service.h"
#include "services/studio/social/social_store.h"
#include "services/studio/social/migrations.h"

namespace selfology::social {
namespace {

// What the room plugs into the kernel, which does the rest: threads, retries, deadlines, metrics,
// tracing, health, order per person, dead letters.
class SocialModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "social", .group = "social_entries", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<SocialService>(mesh.database(), mesh.clock()));
    mesh.On(&CountEntry);
    mesh.OnErase(&store::DeleteUser);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<SocialModule>(); }

}  // namespace selfology::social
