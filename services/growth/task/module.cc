// What persons have to do: tasks, what they wait for, and what comes again.
#include "services/growth/task/module.h"

#include <memory>

#include "absl/time/time.h"
#include "common/service/mesh.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/task/graph/dependency_service.h"
#include "services/growth/task/migrations.h"
#include "services/growth/task/sync/sync_service.h"
#include "services/growth/task/sync/syncing.h"
#include "services/growth/task/tasks/acquaintances.h"
#include "services/growth/task/tasks/list_store.h"
#include "services/growth/task/tasks/reminders.h"
#include "services/growth/task/tasks/task_service.h"
#include "services/growth/task/tasks/task_store.h"
#include "services/growth/task/tasks/time_zones.h"
#include "services/growth/task/templates/template_runs.h"
#include "services/growth/task/templates/template_service.h"
#include "services/growth/task/understanding/understanding_service.h"

namespace selfology::task {
namespace {

constexpr absl::Duration kReminders = absl::Seconds(5);
constexpr absl::Duration kRuns = absl::Seconds(5);
constexpr absl::Duration kSyncs = absl::Seconds(20);  // Also how long a turn may take.

class TaskModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "task",
            .group = "tasks",
            .migrations = Migrations(),
            .requests_table = store::kRequests};
  }

  absl::Status Start(service::Mesh& mesh) override {
    postgres::Database& database = mesh.database();
    const auto clock = mesh.clock();
    mesh.Serve(std::make_shared<TaskService>(
        database, clock, std::make_shared<const Acquaintances>(mesh.Peer("user"))));
    mesh.Serve(std::make_shared<DependencyService>(database));
    mesh.Serve(std::make_shared<TaskTemplateService>(database, clock));
    mesh.Serve(std::make_shared<TaskUnderstandingService>(clock));
    const SyncParts syncs = {.database = database,
                             .integration = mesh.Peer("integration"),
                             .clock = [clock] { return timestamps::WholeMicroseconds(clock()); }};
    mesh.Serve(std::make_shared<TaskSyncService>(syncs));
    mesh.On(std::make_shared<TimeZones>(clock), &TimeZones::Adopt);
    mesh.OnErase(&store::DeleteUser);
    mesh.Every(kReminders, "reminders", [&database, clock](const Call& call) {
      return SendReminders(call, database, clock());
    });
    mesh.Every(kRuns, "template_runs", [&database, clock](const Call& call) {
      return MakeDueRuns(call, database, clock());
    });
    mesh.Every(kSyncs, "syncs", [syncs](const Call& call) { return RunDueSyncs(call, syncs); });
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<TaskModule>(); }

}  // namespace selfology::task
