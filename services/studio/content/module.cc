// Posts: written, approved, planned, handed to social when they are due; and the studio's page.
#include "services/studio/content/module.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/http/listen_address.h"
#include "common/http/server.h"
#include "common/jobs/worker.h"
#include "common/observe/log.h"
#include "common/observe/metrics.h"
#include "common/service/mesh.h"
#include "common/status/status_macros.h"
#include "services/studio/content/assistant_service.h"
#include "services/studio/content/content_events.h"
#include "services/studio/content/content_service.h"
#include "services/studio/content/content_store.h"
#include "services/studio/content/migrations.h"
#include "services/studio/content/page_server.h"
#include "services/studio/content/publication_jobs.h"
#include "services/studio/content/settings.h"
#include "services/studio/content/studio_dialog.h"

ABSL_FLAG(std::string, content_listen, "127.0.0.1:0",
          "Address that the studio's page is served at, usually behind a reverse proxy; port 0: any"
          " free one");
ABSL_FLAG(std::string, content_api_base, "",
          "Origin of the REST gateway as the studio's page reaches it, such as"
          " https://api.example.org; empty: the page's own origin");
ABSL_FLAG(std::string, content_page_url, "",
          "Address of the studio's page as people reach it, for links in the chat, such as"
          " https://example.org/studio/; empty: no link");

namespace selfology::content {
namespace {

constexpr absl::Duration kIdle = absl::Milliseconds(250);
constexpr absl::Duration kForgetPeriod = absl::Hours(1);
constexpr absl::Duration kHandOver = absl::Seconds(30);
constexpr absl::Duration kListenAgain = absl::Seconds(1);
constexpr absl::Duration kFarewell = absl::Seconds(2);

void Listen(const ContentSettings& settings, const http::ListenAddress& address,
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
    observe::Error("the studio cannot be served", {{"error", started.status().ToString()}});
    if (stop.WaitFor(kListenAgain)) return;
  }
  if (settings.listening != nullptr) settings.listening(server->port());
  observe::Info("serving the studio", {{"port", server->port()}});
  stop.WaitFor(absl::InfiniteDuration());
  server->Stop(kFarewell);
}

class ContentModule final : public service::Module {
 public:
  explicit ContentModule(ContentSettings settings) : settings_(std::move(settings)) {}

  service::ModuleInfo info() const override {
    return {.name = "content",
            .group = "content_planning",
            .migrations = Migrations(),
            .requests_table = store::kRequests};
  }

  absl::Status Start(service::Mesh& mesh) override {
    const auto address = http::ParseListenAddress(settings_.listen);
    if (!address.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("content_listen: ", address.status().message()));
    }
    ASSIGN_OR_RETURN(std::vector<http::Route> routes, PageRoutes(settings_));
    const auto posts =
        std::make_shared<ContentService>(mesh.database(), mesh.Peer("social"), mesh.clock());
    mesh.Serve(posts);
    const auto assistant = std::make_shared<AssistantService>(mesh.database(), mesh.Peer("social"),
                                                              mesh.Peer("ai"), mesh.clock());
    mesh.Serve(assistant);
    mesh.Serve(
        std::make_shared<StudioDialog>(mesh.database(), posts, settings_.page_url, mesh.clock()));
    mesh.Every(kForgetPeriod, "drafts",
               [assistant](const Call& call) { return assistant->ForgetOld(call); });
    if (settings_.works_jobs) WorkJobs(mesh, posts);
    const auto events = std::make_shared<ContentEvents>(mesh.database(), mesh.clock());
    mesh.On(events, &ContentEvents::NotePublished);
    mesh.On(events, &ContentEvents::NoteRefused);
    mesh.On(events, &ContentEvents::NoteRemoved);
    mesh.On(events, &ContentEvents::NoteThreadStopped);
    mesh.On(events, &ContentEvents::NoteNumbers);
    mesh.On(events, &ContentEvents::DisbandTeam);
    mesh.OnErase(&store::DeleteUser);
    mesh.Run("content_listen",
             [settings = settings_, address = *address, routes = std::move(routes),
              &metrics = mesh.metrics()](service::StopSignal& stop) {
               Listen(settings, address, routes, metrics, stop);
             });
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

 private:
  static void WorkJobs(service::Mesh& mesh, const std::shared_ptr<ContentService>& posts) {
    const auto publications =
        std::make_shared<PublicationJobs>(PublicationJobs::Around{.database = mesh.database(),
                                                                  .posts = *posts,
                                                                  .social = mesh.Peer("social"),
                                                                  .clock = mesh.clock()});
    const auto worker = std::make_shared<jobs::Worker>(
        mesh.Peer("queue"),
        jobs::Options{.queue = "content_publishing_queue", .worker = "content", .threads = 1});
    publications->AddTo(*worker);
    mesh.Run("content_jobs",
             [posts, publications, worker](service::StopSignal& stop) { worker->Run(stop); });
  }

  const ContentSettings settings_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule(ContentSettings settings) {
  return std::make_unique<ContentModule>(std::move(settings));
}

std::unique_ptr<service::Module> MakeModule() {
  return MakeModule({.listen = absl::GetFlag(FLAGS_content_listen),
                     .api_base = absl::GetFlag(FLAGS_content_api_base),
                     .page_url = absl::GetFlag(FLAGS_content_page_url)});
}

}  // namespace selfology::content
