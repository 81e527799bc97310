// Traits over time: what each answer showed, how it moves, and which shape it takes.
#include "services/coaching/trait/module.h"

#include <memory>

#include "common/service/mesh.h"
#include "services/coaching/trait/migrations.h"
#include "services/coaching/trait/trait_events.h"
#include "services/coaching/trait/trait_service.h"
#include "services/coaching/trait/trait_store.h"

namespace selfology::trait {
namespace {

class TraitModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "trait", .group = "trait_evolution", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<TraitService>(mesh.database(), mesh.clock()));
    mesh.OnErase(&store::DeleteUser);
    mesh.Background();
    mesh.On(&RecordTraits);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<TraitModule>(); }

}  // namespace selfology::trait
