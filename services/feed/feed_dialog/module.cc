// What the feed says in Telegram: channels, training, the feed, settings, nudges.
#include "services/feed/feed_dialog/module.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "common/service/mesh.h"
#include "services/feed/feed_dialog/cards.h"
#include "services/feed/feed_dialog/dialog_service.h"
#include "services/feed/feed_dialog/peers.h"

ABSL_FLAG(std::vector<std::string>, feed_dialog_suggested_channels, {},
          "Channels to name to a person of whom the feed knows too little to propose some, such as "
          "@name or an address, separated by commas; empty: none");

namespace selfology::feed_dialog {
namespace {

class FeedDialogModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = kDialog, .group = kDialog, .requests_table = kRequests};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<DialogService>(
        mesh.database(), std::make_shared<Peers>(mesh), mesh.clock(),
        absl::GetFlag(FLAGS_feed_dialog_suggested_channels)));
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<FeedDialogModule>(); }

}  // namespace selfology::feed_dialog
