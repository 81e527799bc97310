// What persons told webhook.
#include "services/edge/webhook/module.h"

#include <memory>

#include "common/service/mesh.h"
#include "services/edge/webhook/webhook_events.h"
#include "services/edge/webhook/webhook_service.h"
#include "services/edge/webhook/webhook_store.h"
#include "services/edge/webhook/migrations.h"

namespace selfology::webhook {
namespace {

// What the room plugs into the kernel, which does the rest: threads, retries, deadlines, metrics,
// tracing, health, order per person, dead letters.
class WebhookModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "webhook", .group = "webhook_entries", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<WebhookService>(mesh.database(), mesh.clock()));
    mesh.On(&CountEntry);
    mesh.OnErase(&store::DeleteUser);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<WebhookModule>(); }

}  // namespace selfology::webhook
