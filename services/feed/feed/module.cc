// The feed: persons' channels, their posts, and a model per person that ranks.
#include "services/feed/feed/module.h"

#include <memory>

#include "common/service/mesh.h"

namespace selfology::feed {
namespace {

class FeedModule final : public service::Module {
 public:
  service::ModuleInfo info() const override { return {.name = "feed", .group = "feed"}; }

  absl::Status Start(service::Mesh&) override { return absl::OkStatus(); }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<FeedModule>(); }

}  // namespace selfology::feed
