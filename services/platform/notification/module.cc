// What persons told notification.
#include "services/platform/notification/module.h"

#include <memory>

#include "common/service/mesh.h"
#include "services/platform/notification/notification_events.h"
#include "services/platform/notification/notification_service.h"
#include "services/platform/notification/notification_store.h"
#include "services/platform/notification/migrations.h"

namespace selfology::notification {
namespace {

// What the room plugs into the kernel, which does the rest: threads, retries, deadlines, metrics,
// tracing, health, order per person, dead letters.
class NotificationModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "notification", .group = "notification_entries", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<NotificationService>(mesh.database(), mesh.clock()));
    mesh.On(&CountEntry);
    mesh.OnErase(&store::DeleteUser);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<NotificationModule>(); }

}  // namespace selfology::notification
