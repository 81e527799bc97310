// What persons told channel_reader.
#include "services/feed/channel_reader/module.h"

#include <memory>

#include "common/service/mesh.h"
#include "services/feed/channel_reader/channel_reader_events.h"
#include "services/feed/channel_reader/channel_reader_service.h"
#include "services/feed/channel_reader/channel_reader_store.h"
#include "services/feed/channel_reader/migrations.h"

namespace selfology::channel_reader {
namespace {

// What the room plugs into the kernel, which does the rest: threads, retries, deadlines, metrics,
// tracing, health, order per person, dead letters.
class ChannelReaderModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "channel_reader", .group = "channel_reader_entries", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<ChannelReaderService>(mesh.database(), mesh.clock()));
    mesh.On(&CountEntry);
    mesh.OnErase(&store::DeleteUser);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<ChannelReaderModule>(); }

}  // namespace selfology::channel_reader
