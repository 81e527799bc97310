// The safety gate: sees what people write before anybody else, and shows who is in danger where
// there is help.
#include "services/coaching/safety_dialog/module.h"

#include <memory>

#include "absl/time/time.h"
#include "common/service/mesh.h"
#include "services/coaching/safety_dialog/dialog_service.h"
#include "services/coaching/safety_dialog/messages.h"
#include "services/coaching/safety_dialog/migrations.h"
#include "services/coaching/safety_dialog/safety_dialog_store.h"
#include "services/coaching/safety_dialog/safety_service.h"

namespace selfology::safety_dialog {
namespace {

class SafetyDialogModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = kDialog,
            .group = kDialog,
            .migrations = Migrations(),
            .requests_table = store::kRequests};
  }

  absl::Status Start(service::Mesh& mesh) override {
    const auto dialog = std::make_shared<DialogService>(mesh.database(), mesh.clock());
    mesh.Serve(dialog);
    mesh.Serve(std::make_shared<SafetyService>(mesh.database()));
    mesh.OnErase(&store::DeleteUser);
    mesh.Every(absl::Hours(1), "forget_old",
               [dialog](const Call& call) { return dialog->ForgetOld(call); });
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<SafetyDialogModule>(); }

}  // namespace selfology::safety_dialog
