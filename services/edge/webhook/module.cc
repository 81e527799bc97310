// Webhooks: events to other people's servers, and what other people's servers tell us.
#include "services/edge/webhook/module.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/reseal.h"
#include "common/crypto/seal_key.h"
#include "common/http/listen_address.h"
#include "common/http/public_address.h"
#include "common/http/server.h"
#include "common/jobs/worker.h"
#include "common/observe/log.h"
#include "common/service/mesh.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/edge/webhook/inbound/event_jobs.h"
#include "services/edge/webhook/inbound/receiver.h"
#include "services/edge/webhook/inbound/source_methods.h"
#include "services/edge/webhook/inbound/source_store.h"
#include "services/edge/webhook/migrations.h"
#include "services/edge/webhook/outbound/delivery_store.h"
#include "services/edge/webhook/outbound/endpoint_methods.h"
#include "services/edge/webhook/outbound/outbound_events.h"
#include "services/edge/webhook/outbound/sender.h"
#include "services/edge/webhook/requests.h"
#include "services/edge/webhook/settings.h"
#include "services/edge/webhook/webhook_service.h"
#include "services/edge/webhook/webhook_store.h"

ABSL_FLAG(
    std::string, webhook_listen, "127.0.0.1:0",
    "Address that providers send webhooks to, usually behind a reverse proxy; port 0: any free "
    "one");
ABSL_FLAG(
    std::string, webhook_seal_key_file, "",
    "File with the keys that encrypt secrets in the database, a line of 64 hexadecimal digits "
    "each, the newest first; empty: a key stored in the same database, for development only");
ABSL_FLAG(std::vector<std::string>, webhook_allowed_networks, {},
          "Networks, such as 127.0.0.0/8, that endpoints may be in although they are not public; "
          "with any, endpoints may also use http; for development");
ABSL_FLAG(int, webhook_received_per_minute, 1000,
          "Maximum webhooks that one source may receive in a minute");
ABSL_FLAG(int, webhook_senders, 32, "Maximum endpoints that are sent to at the same time");
ABSL_FLAG(absl::Duration, webhook_failure_tolerance, absl::Hours(5 * 24),
          "Time of nothing but failures after which an endpoint is disabled");

namespace selfology::webhook {
namespace {

constexpr absl::Duration kListenAgain = absl::Seconds(1);
// Each may hold a body of 10 MB.
constexpr int kMaxConnections = 128;
constexpr absl::Duration kFarewell = absl::Seconds(10);
constexpr absl::Duration kForgetPeriod = absl::Minutes(10);
constexpr absl::Duration kResealPeriod = absl::Minutes(10);
constexpr absl::Duration kKept = absl::Hours(30 * 24);
constexpr absl::Duration kRefusedKept = absl::Hours(7 * 24);
constexpr int64_t kForgetRows = 1000;  // In one transaction.
constexpr std::string_view kUserAgent = "selfology-webhooks/1.0";

constexpr crypto::SealedColumn kSealed[] = {
    {.table = "webhook_endpoints", .column = "secret", .purpose = "endpoint_id"},
    {.table = "webhook_endpoints", .column = "old_secret", .purpose = "endpoint_id"},
    {.table = "webhook_sources", .column = "secrets", .purpose = "endpoint_id"}};

// As PostgreSQL keeps times, so that what is answered at once and what is read later are the same.
std::function<absl::Time()> ClockOf(service::Mesh& mesh) {
  return [clock = mesh.clock()] { return timestamps::WholeMicroseconds(clock()); };
}

// What the module's parts share; they refer to each other, so they live and go together.
struct Parts {
  Parts(service::Mesh& mesh, const WebhookSettings& settings, crypto::SealKeys seal_keys,
        std::vector<http::Network> networks)
      : seal_key(mesh.database(), "webhook_seal_key", std::move(seal_keys)),
        http({.user_agent = std::string(kUserAgent),
              .may_connect =
                  [networks = std::move(networks)](std::string_view address) {
                    return http::IsPublicOrIn(address, networks);
                  },
              .metrics = &mesh.metrics()}),
        sender(mesh.database(), http, this->seal_key, ClockOf(mesh), mesh.metrics(),
               settings.sender),
        events(ClockOf(mesh), [this] { sender.Wake(); }),
        endpoints({.database = mesh.database(),
                   .seal_key = this->seal_key,
                   .clock = ClockOf(mesh),
                   .event_types = *OutboundEvents::Types(),
                   .allow_http = !settings.allowed_networks.empty(),
                   .wake = [this] { sender.Wake(); }}),
        sources(mesh.database(), this->seal_key, ClockOf(mesh)),
        receiver({.database = mesh.database(),
                  .redis = mesh.redis(),
                  .http = http,
                  .seal_key = this->seal_key,
                  .metrics = mesh.metrics(),
                  .clock = ClockOf(mesh),
                  .per_minute = settings.received_per_minute}),
        service(endpoints, sources) {}

  crypto::SealKey seal_key;
  http::Client http;
  Sender sender;
  OutboundEvents events;
  EndpointMethods endpoints;
  SourceMethods sources;
  Receiver receiver;
  WebhookService service;
};

void Listen(Parts& parts, const WebhookSettings& settings, const http::ListenAddress& address,
            service::Mesh& mesh, service::StopSignal& stop) {
  std::unique_ptr<http::Server> server;
  while (server == nullptr) {
    auto started = http::Server::Start({.address = address.host,
                                        .port = address.port,
                                        .max_body_bytes = Receiver::kMaxBodyBytes,
                                        .max_connections = kMaxConnections,
                                        .body_timeout = settings.request_timeout,
                                        .request_timeout = settings.request_timeout,
                                        .metrics = &mesh.metrics(),
                                        .tracer = mesh.tracer()},
                                       parts.receiver.Routes());
    if (started.ok()) {
      server = *std::move(started);
      break;
    }
    observe::Error("webhooks cannot be received", {{"error", started.status().ToString()}});
    if (stop.WaitFor(kListenAgain)) return;
  }
  if (settings.listening != nullptr) settings.listening(server->port());
  observe::Info("webhooks can be received", {{"port", server->port()}});
  stop.WaitFor(absl::InfiniteDuration());
  server->Stop(kFarewell);
}

absl::Status Forget(postgres::Database& database, const Call& call, absl::Time now) {
  int64_t rows = kForgetRows;
  while (rows == kForgetRows) {
    ASSIGN_OR_RETURN(rows, database.Write(call, [&](postgres::Transaction& tx) {
      return store::DeleteMessagesBefore(tx, now - kKept, kForgetRows);
    }));
  }
  rows = kForgetRows;
  while (rows == kForgetRows) {
    ASSIGN_OR_RETURN(rows, database.Write(call, [&](postgres::Transaction& tx) {
      return store::DeleteReceivedBefore(tx, now - kKept, now - kRefusedKept, kForgetRows);
    }));
  }
  return absl::OkStatus();
}

class WebhookModule final : public service::Module {
 public:
  explicit WebhookModule(WebhookSettings settings) : settings_(std::move(settings)) {}

  service::ModuleInfo info() const override {
    return {.name = "webhook",
            .group = "webhook",
            .migrations = Migrations(),
            .requests_table = kRequests};
  }

  absl::Status Start(service::Mesh& mesh) override {
    const auto address = http::ParseListenAddress(settings_.listen);
    if (!address.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("webhook_listen: ", address.status().message()));
    }
    auto networks = http::ParseNetworks(settings_.allowed_networks);
    if (!networks.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("webhook_allowed_networks: ", networks.status().message()));
    }
    if (settings_.received_per_minute < 1 || settings_.sender.threads < 1) {
      return absl::InvalidArgumentError(
          "webhook_received_per_minute and webhook_senders must be 1 or above");
    }
    ASSIGN_OR_RETURN(crypto::SealKeys seal_keys,
                     crypto::ReadSealKeys(settings_.seal_key_file, "webhook_seal_key_file"));
    const auto parts =
        std::make_shared<Parts>(mesh, settings_, std::move(seal_keys), *std::move(networks));
    mesh.Serve(std::shared_ptr<WebhookService>(parts, &parts->service));
    mesh.OnErase(&store::DeleteUser);
    mesh.Background();  // A journey goes first.
    const auto types = OutboundEvents::Types();
    mesh.OnTypes(
        [types] { return types; },
        [parts](std::string_view type, const std::string& payload, events::Handling& handling) {
          return parts->events.Enqueue(type, payload, handling);
        });
    mesh.Run("webhook_send", [parts](service::StopSignal& stop) { parts->sender.Run(stop); });
    mesh.Run("webhook_listen",
             [parts, settings = settings_, address = *address, &mesh](service::StopSignal& stop) {
               Listen(*parts, settings, address, mesh, stop);
             });
    if (settings_.works_jobs) {
      const auto worker = std::make_shared<jobs::Worker>(
          mesh.Peer("queue"),
          jobs::Options{.queue = "webhook_processing_queue", .worker = "webhook"});
      AddEventJobs(*worker, parts->sources);
      mesh.Run("webhook_jobs", [parts, worker](service::StopSignal& stop) { worker->Run(stop); });
    }
    mesh.Every(kResealPeriod, "reseal", [parts, &database = mesh.database()](const Call& call) {
      return crypto::Reseal(call, database, parts->seal_key, kSealed).status();
    });
    mesh.Every(kForgetPeriod, "forget",
               [&database = mesh.database(), clock = mesh.clock()](const Call& call) {
                 return Forget(database, call, clock());
               });
    return absl::OkStatus();
  }

 private:
  const WebhookSettings settings_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule(WebhookSettings settings) {
  return std::make_unique<WebhookModule>(std::move(settings));
}

std::unique_ptr<service::Module> MakeModule() {
  return MakeModule({.listen = absl::GetFlag(FLAGS_webhook_listen),
                     .seal_key_file = absl::GetFlag(FLAGS_webhook_seal_key_file),
                     .allowed_networks = absl::GetFlag(FLAGS_webhook_allowed_networks),
                     .received_per_minute = absl::GetFlag(FLAGS_webhook_received_per_minute),
                     .sender = {.threads = absl::GetFlag(FLAGS_webhook_senders),
                                .tolerated = absl::GetFlag(FLAGS_webhook_failure_tolerance)}});
}

}  // namespace selfology::webhook
