// People's connections to other services: tokens that are kept sealed, renewed in time and revoked at the end.
#include "services/platform/integration/module.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/reseal.h"
#include "common/crypto/seal_key.h"
#include "common/http/listen_address.h"
#include "common/jobs/worker.h"
#include "common/observe/log.h"
#include "common/service/mesh.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/user.pb.h"
#include "services/platform/integration/connection_service.h"
#include "services/platform/integration/connection_store.h"
#include "services/platform/integration/local_provider.h"
#include "services/platform/integration/migrations.h"
#include "services/platform/integration/provider_client.h"
#include "services/platform/integration/providers.h"
#include "services/platform/integration/proxy_service.h"
#include "services/platform/integration/renewer.h"
#include "services/platform/integration/settings.h"
#include "services/platform/integration/sync_jobs.h"

using selfology::service::Secret;

ABSL_FLAG(Secret, integration_providers, {},
          "Services that people can connect to, as JSON; format: "
          "services/platform/integration/providers.h");
ABSL_FLAG(
    std::string, integration_seal_key_file, "",
    "File with the keys that encrypt tokens in the database, a line of 64 hexadecimal digits each, "
    "the newest first; empty: a key stored in the same database, for development only");
ABSL_FLAG(
    std::string, integration_local_provider, "",
    "Address of a provider on this machine that connections can be tried with; empty: none; for "
    "development only");

namespace selfology::integration {
namespace {

constexpr absl::Duration kForgetPeriod = absl::Minutes(10);
constexpr absl::Duration kResealPeriod = absl::Minutes(10);

constexpr crypto::SealedColumn kSealed[] = {
    {.table = "integration_attempts", .column = "verifier", .purpose = "'verifier'"},
    {.table = "integration_connections", .column = "tokens", .purpose = "'tokens'"},
    {.table = "integration_revocations", .column = "tokens", .purpose = "'tokens'"}};

struct Parts {
  Parts(service::Mesh& mesh, Providers known, crypto::SealKeys keys,
        std::unique_ptr<LocalProvider> local_provider)
      : clock([clock = mesh.clock()] { return timestamps::WholeMicroseconds(clock()); }),
        local(std::move(local_provider)),
        providers(std::move(known)),
        seal_key(mesh.database(), "integration_seal_key", std::move(keys)),
        client(mesh.http()),
        renewer({.database = mesh.database(),
                 .seal_key = seal_key,
                 .client = client,
                 .providers = providers,
                 .clock = clock}),
        connections({.database = mesh.database(),
                     .seal_key = seal_key,
                     .client = client,
                     .renewer = renewer,
                     .providers = providers,
                     .clock = clock}),
        sync_jobs({.database = mesh.database(),
                   .seal_key = seal_key,
                   .client = client,
                   .renewer = renewer,
                   .providers = providers}),
        proxy({.database = mesh.database(),
               .seal_key = seal_key,
               .http = mesh.http(),
               .renewer = renewer,
               .providers = providers,
               .clock = clock}) {}

  // As PostgreSQL keeps times.
  const std::function<absl::Time()> clock;
  const std::unique_ptr<LocalProvider> local;  // Null: none.
  const Providers providers;
  crypto::SealKey seal_key;
  ProviderClient client;
  Renewer renewer;
  ConnectionService connections;
  SyncJobs sync_jobs;
  ProxyService proxy;
};

absl::StatusOr<std::unique_ptr<LocalProvider>> StartLocal(const std::string& listen) {
  if (listen.empty()) return nullptr;
  const auto address = http::ParseListenAddress(listen);
  if (!address.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("integration_local_provider: ", address.status().message()));
  }
  return LocalProvider::Start({.address = address->host, .port = address->port});
}

class IntegrationModule final : public service::Module {
 public:
  explicit IntegrationModule(IntegrationSettings settings) : settings_(std::move(settings)) {}

  service::ModuleInfo info() const override {
    return {.name = "integration",
            .group = "integration",
            .migrations = Migrations(),
            .requests_table = store::kRequests};
  }

  absl::Status Start(service::Mesh& mesh) override {
    ASSIGN_OR_RETURN(Providers providers, ParseProviders(settings_.providers));
    ASSIGN_OR_RETURN(crypto::SealKeys seal_keys,
                     crypto::ReadSealKeys(settings_.seal_key_file, "integration_seal_key_file"));
    ASSIGN_OR_RETURN(std::unique_ptr<LocalProvider> local,
                     StartLocal(settings_.local_provider_listen));
    if (local != nullptr) {
      ASSIGN_OR_RETURN(Providers own, ParseProviders(absl::StrCat("[", local->Setting(), "]")));
      providers.merge(own);
      observe::Info("local provider for connections", {{"url", local->base()}});
    }
    const auto parts =
        std::make_shared<Parts>(mesh, std::move(providers), std::move(seal_keys), std::move(local));
    mesh.Serve(std::shared_ptr<ConnectionService>(parts, &parts->connections));
    mesh.Serve(std::shared_ptr<ProxyService>(parts, &parts->proxy));
    mesh.On<events::v1::TeamDeleted>(
        [parts](const events::v1::TeamDeleted& event, events::Handling& handling) {
          return RemoveConnectionsOf(handling.tx(), event.team_id(), parts->clock());
        });
    mesh.OnErase(&store::DeleteUser);
    if (settings_.works_jobs) {
      // The queue is webhook's, too; each works its own kinds.
      const auto worker = std::make_shared<jobs::Worker>(
          mesh.Peer("queue"),
          jobs::Options{.queue = "webhook_processing_queue", .worker = "integration"});
      parts->sync_jobs.AddTo(*worker);
      mesh.Run("integr_jobs", [parts, worker](service::StopSignal& stop) { worker->Run(stop); });
    }
    mesh.Every(settings_.look, "renew",
               [parts](const Call& call) { return parts->renewer.RenewDue(call); });
    mesh.Every(settings_.look, "revoke",
               [parts](const Call& call) { return parts->renewer.RevokeDue(call); });
    mesh.Every(kResealPeriod, "reseal", [parts, &database = mesh.database()](const Call& call) {
      return crypto::Reseal(call, database, parts->seal_key, kSealed).status();
    });
    mesh.Every(kForgetPeriod, "forget", [parts, &database = mesh.database()](const Call& call) {
      return database
          .Write(
              call,
              [&](postgres::Transaction& tx) { return store::ForgetAttempts(tx, parts->clock()); })
          .status();
    });
    return absl::OkStatus();
  }

 private:
  const IntegrationSettings settings_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule(IntegrationSettings settings) {
  return std::make_unique<IntegrationModule>(std::move(settings));
}

std::unique_ptr<service::Module> MakeModule() {
  return MakeModule({.providers = absl::GetFlag(FLAGS_integration_providers).value,
                     .seal_key_file = absl::GetFlag(FLAGS_integration_seal_key_file),
                     .local_provider_listen = absl::GetFlag(FLAGS_integration_local_provider)});
}

}  // namespace selfology::integration
