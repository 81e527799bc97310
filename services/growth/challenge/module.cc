// What persons told challenge.
#include "services/growth/challenge/module.h"

#include <memory>

#include "common/service/mesh.h"
#include "services/growth/challenge/challenge_events.h"
#include "services/growth/challenge/challenge_service.h"
#include "services/growth/challenge/challenge_store.h"
#include "services/growth/challenge/migrations.h"

namespace selfology::challenge {
namespace {

// What the room plugs into the kernel, which does the rest: threads, retries, deadlines, metrics,
// tracing, health, order per person, dead letters.
class ChallengeModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "challenge", .group = "challenge_entries", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<ChallengeService>(mesh.database(), mesh.clock()));
    mesh.On(&CountEntry);
    mesh.OnErase(&store::DeleteUser);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<ChallengeModule>(); }

}  // namespace selfology::challenge
