// Rewards: a ledger of currencies, levels, streaks, badges, leaderboards and ratings.
#include "services/growth/gamification/module.h"

#include <memory>

#include "common/service/mesh.h"

namespace selfology::gamification {
namespace {

class GamificationModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "gamification", .group = "gamification_rules"};
  }

  absl::Status Start(service::Mesh&) override { return absl::OkStatus(); }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<GamificationModule>(); }

}  // namespace selfology::gamification
