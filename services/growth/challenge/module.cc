// Challenges: generated from a person's tasks and insights, or made by persons; proven by events.
#include "services/growth/challenge/module.h"

#include <memory>

#include "absl/time/time.h"
#include "common/service/mesh.h"
#include "services/growth/challenge/challenge_events.h"
#include "services/growth/challenge/challenge_service.h"
#include "services/growth/challenge/challenge_store.h"
#include "services/growth/challenge/generator.h"
#include "services/growth/challenge/migrations.h"
#include "services/growth/challenge/prizes.h"

namespace selfology::challenge {
namespace {

constexpr absl::Duration kTick = absl::Seconds(1);

class ChallengeModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "challenge", .group = "challenge_progress", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    postgres::Database& database = mesh.database();
    const auto clock = mesh.clock();
    const auto generator = std::make_shared<Generator>(
        database, Generator::Peers{.ai = mesh.Peer("ai"),
                                   .task = mesh.Peer("task"),
                                   .safety = mesh.Peer("safety_dialog")});
    const auto prizes = std::make_shared<Prizes>(database, mesh.Peer("gamification"), clock);
    const auto challenges = std::make_shared<ChallengeService>(database, clock, generator, prizes);
    mesh.Serve(challenges);
    mesh.OnErase(&store::DeleteUser);
    const auto events = std::make_shared<ChallengeEvents>(clock);
    mesh.On(events, &ChallengeEvents::Prove);
    mesh.On(events, &ChallengeEvents::TakeBack);
    mesh.On(events, &ChallengeEvents::Withdraw);
    mesh.On(events, &ChallengeEvents::KeepInsight);
    mesh.Every(kTick, "due", [challenges](const Call& call) { return challenges->EndDue(call); });
    mesh.Every(kTick, "prizes", [prizes](const Call& call) { return prizes->MoveAll(call); });
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<ChallengeModule>(); }

}  // namespace selfology::challenge
