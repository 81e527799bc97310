// Posts: written, approved, planned, handed to social when they are due.
#include "services/studio/content/module.h"

#include <memory>

#include "common/observe/log.h"
#include "common/service/mesh.h"
#include "services/studio/content/content_events.h"
#include "services/studio/content/content_service.h"
#include "services/studio/content/content_store.h"
#include "services/studio/content/migrations.h"

namespace selfology::content {
namespace {

constexpr absl::Duration kIdle = absl::Milliseconds(250);
constexpr absl::Duration kHandOver = absl::Seconds(30);

class ContentModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "content",
            .group = "content_planning",
            .migrations = Migrations(),
            .requests_table = store::kRequests};
  }

  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(
        std::make_shared<ContentService>(mesh.database(), mesh.Peer("social"), mesh.clock()));
    const auto events = std::make_shared<ContentEvents>(mesh.database(), mesh.clock());
    mesh.On(events, &ContentEvents::NotePublished);
    mesh.On(events, &ContentEvents::NoteRefused);
    mesh.On(events, &ContentEvents::NoteRemoved);
    mesh.On(events, &ContentEvents::NoteNumbers);
    mesh.OnErase(&store::DeleteUser);
    // Every replica looks; rows that one works on are passed over by the others.
    mesh.Run("content_due", [events](service::StopSignal& stop) {
      while (!stop.WaitFor(kIdle)) {
        for (bool more = true; more && !stop.requested();) {
          const auto handed = events->HandOver(Call::Background(kHandOver));
          if (!handed.ok()) {
            observe::Warning("posts not handed over", {{"error", handed.status().ToString()}});
          }
          more = handed.value_or(0) > 0;
        }
      }
    });
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<ContentModule>(); }

}  // namespace selfology::content
