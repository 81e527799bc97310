// Numbers about what happened: series, funnels, cohorts, groups, predictions, thresholds, reports.
#include "services/platform/analytics/module.h"

#include <memory>

#include "absl/time/time.h"
#include "common/jobs/worker.h"
#include "common/service/mesh.h"
#include "services/platform/analytics/analytics_events.h"
#include "services/platform/analytics/analytics_jobs.h"
#include "services/platform/analytics/analytics_service.h"
#include "services/platform/analytics/analytics_store.h"
#include "services/platform/analytics/migrations.h"
#include "services/platform/analytics/reports/report_runner.h"
#include "services/platform/analytics/reports/report_service.h"

namespace selfology::analytics {
namespace {

constexpr absl::Duration kFold = absl::Seconds(1);
constexpr absl::Duration kThresholds = absl::Seconds(5);
constexpr absl::Duration kReports = absl::Seconds(5);

class AnalyticsModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "analytics",
            .group = "analytics_counting",
            .migrations = Migrations(),
            .requests_table = kRequests};
  }

  absl::Status Start(service::Mesh& mesh) override {
    const auto analytics = std::make_shared<AnalyticsService>(mesh.database(), mesh.clock());
    mesh.Serve(analytics);
    const auto report_service = std::make_shared<ReportService>(mesh.database(), mesh.clock());
    mesh.Serve(report_service);
    const auto reports =
        std::make_shared<ReportRunner>(mesh.database(), mesh.Peer("file"), mesh.clock());
    mesh.OnTypes(&CountedTypes, &CountEvent);
    mesh.Background();  // Nobody waits for a number; many events share a transaction.
    mesh.OnErase(&store::DeleteUser);
    mesh.Every(kFold, "fold", [analytics](const Call& call) { return analytics->Fold(call); });
    mesh.Every(kThresholds, "thresholds",
               [analytics](const Call& call) { return analytics->LookAtThresholds(call); });
    mesh.Every(kReports, "reports", [reports](const Call& call) { return reports->Run(call); });
    const auto worker = std::make_shared<jobs::Worker>(
        mesh.Peer("queue"),
        jobs::Options{.queue = "analytics_processing_queue", .worker = "analytics", .threads = 1});
    const auto jobs = std::make_shared<AnalyticsJobs>(*analytics, *report_service, *reports);
    jobs->AddTo(*worker);
    mesh.Run("analytic_jobs", [analytics, report_service, reports, jobs,
                               worker](service::StopSignal& stop) { worker->Run(stop); });
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<AnalyticsModule>(); }

}  // namespace selfology::analytics
