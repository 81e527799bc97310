// Jobs: queues that workers in any language drain, schedules, dead letters.
#include "services/platform/queue/module.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/service/mesh.h"
#include "services/platform/queue/endings.h"
#include "services/platform/queue/lease_store.h"
#include "services/platform/queue/maintenance.h"
#include "services/platform/queue/migrations.h"
#include "services/platform/queue/queue_admin_service.h"
#include "services/platform/queue/queue_events.h"
#include "services/platform/queue/queue_service.h"
#include "services/platform/queue/schedule_service.h"
#include "services/platform/queue/worker_service.h"

namespace selfology::queue {
namespace {

constexpr absl::Duration kTick = absl::Seconds(1);
constexpr absl::Duration kBacklogs = absl::Seconds(2);
constexpr absl::Duration kCount = absl::Seconds(15);
constexpr absl::Duration kForget = absl::Minutes(1);
constexpr absl::Duration kFind = absl::Seconds(5);

class QueueModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "queue", .group = "job_queue", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    postgres::Database& database = mesh.database();
    const auto clock = mesh.clock();
    signal_ = std::make_unique<ReadySignal>(
        [&database, clock](const std::vector<std::string>& queues) {
          return database.Read(
              Call::Background(kFind),
              [&](postgres::Transaction& tx) { return store::FindReady(tx, queues, clock()); },
              {.newest = true});
        },
        clock);
    ReadySignal& signal = *signal_;
    const auto schedules = std::make_shared<ScheduleService>(database, clock, signal);
    mesh.Serve(std::make_shared<QueueService>(database, clock, signal));
    mesh.Serve(std::make_shared<WorkerService>(database, clock, mesh.metrics(), signal));
    mesh.Serve(std::make_shared<QueueAdminService>(database, clock, signal));
    mesh.Serve(schedules);
    mesh.On(std::make_shared<QueueEvents>(signal), &QueueEvents::Enqueue);
    mesh.OnErase([clock, &signal](postgres::Transaction& tx, int64_t user_id) {
      return EraseUser(tx, user_id, clock(), signal);
    });

    const auto maintenance = std::make_shared<Maintenance>(database, clock, mesh.metrics(), signal);
    mesh.Run("queue.ready", [&signal](service::StopSignal& stop) { signal.Watch(stop); });
    mesh.Every(kTick, "tick", [maintenance](const Call& call) { return maintenance->Tick(call); });
    mesh.Every(kTick, "schedules",
               [schedules](const Call& call) { return schedules->TakeTurns(call); });
    mesh.Every(kBacklogs, "backlogs",
               [maintenance](const Call& call) { return maintenance->LookAtBacklogs(call); });
    mesh.Every(kCount, "count",
               [maintenance](const Call& call) { return maintenance->Count(call); });
    mesh.Every(kForget, "forget",
               [maintenance](const Call& call) { return maintenance->Forget(call); });
    return absl::OkStatus();
  }

 private:
  std::unique_ptr<ReadySignal> signal_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<QueueModule>(); }

}  // namespace selfology::queue
