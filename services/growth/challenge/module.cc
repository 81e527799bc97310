// Challenges: generated from a person's tasks and insights, or made by persons.
#include "services/growth/challenge/module.h"

#include <memory>

#include "common/service/mesh.h"

namespace selfology::challenge {
namespace {

class ChallengeModule final : public service::Module {
 public:
  service::ModuleInfo info() const override { return {.name = "challenge", .group = "challenges"}; }
  absl::Status Start(service::Mesh&) override { return absl::OkStatus(); }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<ChallengeModule>(); }

}  // namespace selfology::challenge
