// What people are told: decisions, deliveries and choices.
#include "services/platform/notification/module.h"

#include <memory>

#include "common/service/mesh.h"

namespace selfology::notification {
namespace {

class NotificationModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "notification", .group = "notification"};
  }

  absl::Status Start(service::Mesh&) override { return absl::OkStatus(); }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<NotificationModule>(); }

}  // namespace selfology::notification
