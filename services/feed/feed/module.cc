// What persons told feed.
#include "services/feed/feed/module.h"

#include <memory>

#include "common/service/mesh.h"
#include "services/feed/feed/feed_events.h"
#include "services/feed/feed/feed_service.h"
#include "services/feed/feed/feed_store.h"
#include "services/feed/feed/migrations.h"

namespace selfology::feed {
namespace {

// What the room plugs into the kernel, which does the rest: threads, retries, deadlines, metrics,
// tracing, health, order per person, dead letters.
class FeedModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "feed", .group = "feed_entries", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<FeedService>(mesh.database(), mesh.clock()));
    mesh.On(&CountEntry);
    mesh.OnErase(&store::DeleteUser);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<FeedModule>(); }

}  // namespace selfology::feed
