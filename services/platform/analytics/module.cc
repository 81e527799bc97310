// What persons told analytics.
#include "services/platform/analytics/module.h"

#include <memory>

#include "common/service/mesh.h"
#include "services/platform/analytics/analytics_events.h"
#include "services/platform/analytics/analytics_service.h"
#include "services/platform/analytics/analytics_store.h"
#include "services/platform/analytics/migrations.h"

namespace selfology::analytics {
namespace {

// What the room plugs into the kernel, which does the rest: threads, retries, deadlines, metrics,
// tracing, health, order per person, dead letters.
class AnalyticsModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "analytics", .group = "analytics_entries", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<AnalyticsService>(mesh.database(), mesh.clock()));
    mesh.On(&CountEntry);
    mesh.OnErase(&store::DeleteUser);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<AnalyticsModule>(); }

}  // namespace selfology::analytics
