// What the feed says in Telegram: channels, training, the feed, settings, nudges.
#include "services/feed/feed_dialog/module.h"

#include <memory>

#include "common/service/mesh.h"
#include "services/feed/feed_dialog/cards.h"
#include "services/feed/feed_dialog/dialog_service.h"
#include "services/feed/feed_dialog/peers.h"

namespace selfology::feed_dialog {
namespace {

class FeedDialogModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = kDialog, .group = kDialog, .requests_table = kRequests};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<DialogService>(mesh.database(), std::make_shared<Peers>(mesh),
                                               mesh.clock()));
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<FeedDialogModule>(); }

}  // namespace selfology::feed_dialog
