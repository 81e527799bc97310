// The growth dialog: tasks, progress and rankings in Telegram.
#include "services/growth/growth_dialog/module.h"

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/service/mesh.h"
#include "services/growth/growth_dialog/cards.h"
#include "services/growth/growth_dialog/dialog_service.h"
#include "services/growth/growth_dialog/growth_dialog_store.h"
#include "services/growth/growth_dialog/migrations.h"
#include "services/growth/growth_dialog/notices.h"
#include "services/growth/growth_dialog/peers.h"

namespace selfology::growth_dialog {
namespace {

constexpr absl::Duration kTell = absl::Seconds(5);
constexpr absl::Duration kKept = absl::Hours(24 * 7);

class GrowthDialogModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "growth_dialog",
            .group = "growth_dialog",
            .migrations = Migrations(),
            .requests_table = store::kRequests};
  }

  absl::Status Start(service::Mesh& mesh) override {
    const auto peers = std::make_shared<const Peers>(mesh);
    postgres::Database& database = mesh.database();
    const auto clock = mesh.clock();
    // The service refers to the peers and goes with them.
    struct Parts {
      std::shared_ptr<const Peers> peers;
      DialogService service;
    };
    const std::shared_ptr<Parts> parts(new Parts{peers, DialogService(database, *peers, clock)});
    mesh.Serve(std::shared_ptr<DialogService>(parts, &parts->service));
    mesh.OnErase(&store::DeleteUser);
    mesh.Background();
    mesh.On(&NoteLevel);
    mesh.On(&NoteBadge);
    mesh.On(&NoteStreak);
    mesh.On(&NoteAssignment);
    mesh.On(&NoteChallenge);
    mesh.Every(kTell, "notices", [&database, peers, clock](const Call& call) {
      return TellNotices(call, database, *peers, clock());
    });
    mesh.Every(absl::Hours(1), "forget_old", [&database, clock](const Call& call) {
      return database
          .Write(call,
                 [&](postgres::Transaction& tx) { return store::ForgetOld(tx, clock() - kKept); })
          .status();
    });
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<GrowthDialogModule>(); }

}  // namespace selfology::growth_dialog
