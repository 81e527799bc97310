// The Telegram mini app of the feed: its page, and who opened it.
#include "services/feed/miniapp/module.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/http/listen_address.h"
#include "common/http/server.h"
#include "common/observe/log.h"
#include "common/observe/metrics.h"
#include "common/service/mesh.h"
#include "common/status/status_macros.h"
#include "services/feed/miniapp/migrations.h"
#include "services/feed/miniapp/miniapp_service.h"
#include "services/feed/miniapp/miniapp_store.h"
#include "services/feed/miniapp/page_server.h"
#include "services/feed/miniapp/settings.h"

ABSL_FLAG(std::string, miniapp_listen, "127.0.0.1:0",
          "Address that the mini app's page is served at, usually behind a reverse proxy; port 0: "
          "any free one");
ABSL_FLAG(std::string, miniapp_api_base, "",
          "Origin of the REST gateway as the page reaches it, such as https://api.example.org;"
          " empty: the page's own origin");
ABSL_FLAG(std::vector<std::string>, miniapp_frame_ancestors, {},
          "Origins that may show the page in a frame, besides Telegram's, such as the chat page's");

namespace selfology::miniapp {
namespace {

constexpr absl::Duration kListenAgain = absl::Seconds(1);
constexpr absl::Duration kFarewell = absl::Seconds(2);
constexpr absl::Duration kKept = absl::Hours(90 * 24);

void Listen(const MiniappSettings& settings, const http::ListenAddress& address,
            const std::vector<http::Route>& routes, observe::Metrics& metrics,
            service::StopSignal& stop) {
  std::unique_ptr<http::Server> server;
  while (server == nullptr) {
    auto started = http::Server::Start(
        {.address = address.host, .port = address.port, .metrics = &metrics}, routes);
    if (started.ok()) {
      server = *std::move(started);
      break;
    }
    observe::Error("the mini app cannot be served", {{"error", started.status().ToString()}});
    if (stop.WaitFor(kListenAgain)) return;
  }
  if (settings.listening != nullptr) settings.listening(server->port());
  observe::Info("serving the mini app", {{"port", server->port()}});
  stop.WaitFor(absl::InfiniteDuration());
  server->Stop(kFarewell);
}

class MiniappModule final : public service::Module {
 public:
  explicit MiniappModule(MiniappSettings settings) : settings_(std::move(settings)) {}

  service::ModuleInfo info() const override {
    return {.name = "miniapp", .group = "miniapp", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    const auto address = http::ParseListenAddress(settings_.listen);
    if (!address.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("miniapp_listen: ", address.status().message()));
    }
    ASSIGN_OR_RETURN(std::vector<http::Route> routes, PageRoutes(settings_));
    mesh.Serve(
        std::make_shared<MiniappService>(mesh.database(), mesh.clock(), mesh.Peer("security")));
    mesh.Run("miniapp_listen",
             [settings = settings_, address = *address, routes = std::move(routes),
              &metrics = mesh.metrics()](service::StopSignal& stop) {
               Listen(settings, address, routes, metrics, stop);
             });
    mesh.Every(absl::Hours(1), "forgetting",
               [&database = mesh.database(), clock = mesh.clock()](const Call& call) {
                 return database
                     .Write(call,
                            [&](postgres::Transaction& tx) {
                              return store::ForgetBefore(tx, clock() - kKept);
                            })
                     .status();
               });
    mesh.OnErase(&store::DeleteUser);
    return absl::OkStatus();
  }

 private:
  const MiniappSettings settings_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule(MiniappSettings settings) {
  return std::make_unique<MiniappModule>(std::move(settings));
}

std::unique_ptr<service::Module> MakeModule() {
  return MakeModule({.listen = absl::GetFlag(FLAGS_miniapp_listen),
                     .api_base = absl::GetFlag(FLAGS_miniapp_api_base),
                     .frame_ancestors = absl::GetFlag(FLAGS_miniapp_frame_ancestors)});
}

}  // namespace selfology::miniapp
