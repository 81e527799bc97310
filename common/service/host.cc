#include "common/service/host.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/http/client.h"
#include "common/observe/log.h"
#include "common/otlp/exporter.h"
#include "common/postgres/database.h"
#include "common/redis/client.h"
#include "common/rpc/access_control.h"
#include "common/rpc/edges.h"
#include "common/rpc/peer_check.h"
#include "common/rpc/protobuf_log.h"
#include "common/rpc/tls.h"
#include "common/service/admin.h"
#include "common/service/authenticator.h"
#include "common/service/dead_letter_service.h"
#include "common/service/endpoints_file.h"
#include "common/service/erasure_service.h"
#include "common/service/export_service.h"
#include "common/service/granted.h"
#include "common/service/grpc_server.h"
#include "common/service/health.h"
#include "common/service/mesh_erasure.h"
#include "common/service/migrate.h"
#include "common/service/module_erasure.h"
#include "common/service/module_mesh.h"
#include "common/service/service_token.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/security.pb.h"

namespace selfology::service {
namespace {

constexpr absl::Duration kMigrationTimeout = absl::Minutes(5);
constexpr absl::Duration kHealthPeriod = absl::Seconds(5);
constexpr absl::Duration kHealthTimeout = absl::Seconds(2);
constexpr absl::Duration kResumeTimeout = absl::Minutes(1);  // For erasures that were abandoned.
// Who makes keys, and knows what is revoked.
constexpr std::string_view kSecurity = "security";
constexpr absl::Duration kTellAudit = absl::Seconds(5);
// At the end. With what comes after it, it has to fit between drain_timeout and the end of the 30 s
// that Kubernetes leaves.
constexpr absl::Duration kLastAudit = absl::Seconds(2);
// For the last spans to be sent; a collector that is away delays the end by no more.
constexpr absl::Duration kLastSpans = absl::Seconds(3);
constexpr absl::Duration kRefreshPeriod = absl::Seconds(5);  // Of the keys, where it failed.

std::string MakeReplicaName() {
  char host[256] = "localhost";
  gethostname(host, sizeof(host) - 1);
  absl::BitGen random;
  return absl::StrFormat("%s-%d-%08x", host, getpid(), absl::Uniform<uint32_t>(random));
}

class HostImpl final : public Host {
 public:
  explicit HostImpl(std::vector<std::unique_ptr<Module>> modules) : modules_(std::move(modules)) {}
  ~HostImpl() override { Drain(); }

  absl::Status StartUp(Settings settings) {
    if (modules_.empty()) return absl::InvalidArgumentError("no modules to run");
    if (settings.replica.empty()) settings.replica = MakeReplicaName();
    if (!settings.clock) settings.clock = &absl::Now;
    rpc::RouteProtobufLog();
    shared_.settings = std::move(settings);
    RETURN_IF_ERROR(OpenIdentity());
    OpenServiceToken();
    RETURN_IF_ERROR(OpenConnections());

    RETURN_IF_ERROR(StartAdmin());
    RETURN_IF_ERROR(MigrateOnceUp(shared_.settings, modules_));
    RETURN_IF_ERROR(StartModules());

    started_ = true;
    CheckHealth();
    shared_.timers.Every(kHealthPeriod, "health", [this] { CheckHealth(); });
    shared_.report->SetServing(true);
    shared_.status_page->Forget();
    shared_.status_page->Publish();
    shared_.timers.Every(kHealthPeriod, "status", [this] { shared_.status_page->Publish(); });
    observe::Info("serving", {{"grpc", grpc_address()}, {"http", http_address()}});
    if (shared_.settings.endpoints_file.empty()) return absl::OkStatus();
    return WriteEndpointsFile(
        shared_.settings.endpoints_file, modules_,
        {.grpc = grpc_address(), .http = http_address(), .operators = operators_address()});
  }

  void Drain() override {
    if (drained_) return;
    drained_ = true;
    const absl::Time deadline = absl::Now() + shared_.settings.drain_timeout;
    if (shared_.report != nullptr) shared_.report->SetServing(false);
    if (shared_.grpc != nullptr) shared_.grpc->Drain();
    shared_.gate.Close();
    for (auto& mesh : meshes_) mesh->StopLoops();
    if (shared_.broadcast != nullptr) shared_.broadcast->Stop();
    shared_.timers.Stop();
    for (auto& mesh : meshes_) mesh->DrainConsumers(deadline);
    // Last, since handlers and timers call services of this process.
    if (!shared_.gate.AwaitEmpty(deadline))
      observe::Warning("drain timeout: unfinished RPCs cancelled");
    if (shared_.grpc != nullptr) shared_.grpc->Shutdown(deadline);
    if (shared_.owner != nullptr) TellAudit(kLastAudit);
    shared_.timer_threads.Stop();
    if (started_) shared_.status_page->Withdraw();
    if (shared_.exporter != nullptr) shared_.exporter->Stop(absl::Now() + kLastSpans);
    admin_.reset();
  }

  const std::string& grpc_address() const override { return shared_.grpc->address(); }
  const std::string& http_address() const override { return admin_->address(); }
  const std::string& operators_address() const override {
    return shared_.grpc->operators_address();
  }
  const std::string& health_address() const override { return shared_.grpc->health_address(); }
  std::shared_ptr<grpc::Channel> InProcessChannel() override {
    return shared_.grpc->InProcessChannel();
  }
  bool ready() const override {
    return started_ && !drained_ && shared_.health.Overall().state != HealthState::kUnhealthy;
  }

 private:
  absl::Status OpenIdentity() {
    const Settings& settings = shared_.settings;
    if (settings.tls.certificate_file.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(shared_.tls, rpc::Tls::Open(settings.tls));
    const std::vector<std::string>& names = shared_.tls->own_names();
    for (const auto& module : modules_) {
      const std::string_view name = module->info().name;
      // Else only its peers would say so, at each call.
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        return absl::InvalidArgumentError(absl::StrCat("tls_certificate_file: it names ",
                                                       absl::StrJoin(names, ", "), " and not ",
                                                       name, ", which this process runs"));
      }
    }
    absl::StatusOr<rpc::Edges> edges = rpc::Edges::Read(settings.tls_edges_file);
    if (!edges.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("tls_edges_file: ", edges.status().message()));
    }
    shared_.peers =
        std::make_unique<rpc::PeerCheck>(shared_.tls, *std::move(edges), shared_.metrics);
    return absl::OkStatus();
  }

  // As nobody, since nobody has a token before there is one, but by the same TLS as all the rest.
  void OpenServiceToken() {
    Settings& settings = shared_.settings;
    if (settings.service_account.empty() || settings.service_token != nullptr) return;
    const auto security = settings.peers.find(std::string(kSecurity));
    settings.service_token = ServiceTokenOf(
        {.account = settings.service_account,
         .secret = settings.service_account_secret,
         .clock = &absl::Now},
        security != settings.peers.end() ? security->second : "dns:///security:50051",
        shared_.tls == nullptr ? nullptr : shared_.tls->ForPeer(kSecurity));
  }

  absl::Status OpenConnections() {
    const Settings& settings = shared_.settings;
    ASSIGN_OR_RETURN(
        shared_.database,
        postgres::Database::Open({.url = settings.database_url,
                                  .replica_url = settings.database_replica_url,
                                  .application_name = "selfology",
                                  .min_connections = settings.database_min_connections,
                                  .max_connections = settings.database_max_connections,
                                  .yielding_connections = settings.database_yielding_connections,
                                  .metrics = &shared_.metrics}));
    ASSIGN_OR_RETURN(shared_.redis,
                     redis::Client::Open(settings.redis_url, {.client_name = "selfology",
                                                              .metrics = &shared_.metrics}));
    shared_.streams =
        std::make_unique<events::StreamReader>(*shared_.redis, settings.event_partitions);
    shared_.broadcast = std::make_unique<events::Broadcast>(*shared_.streams);
    if (!settings.otlp_endpoint.empty()) {
      ASSIGN_OR_RETURN(shared_.exporter, otlp::Exporter::Start({.endpoint = settings.otlp_endpoint,
                                                                .replica = settings.replica},
                                                               shared_.metrics));
    }
    shared_.http =
        std::make_unique<http::Client>(http::Client::Options{.metrics = &shared_.metrics});
    return absl::OkStatus();
  }

  absl::Status StartAdmin() {
    const Settings& settings = shared_.settings;
    shared_.process =
        std::make_unique<observe::ProcessMetrics>(&shared_.metrics, settings.state_folder);
    shared_.resources = std::make_unique<Resources>(settings.state_folder);
    shared_.report = std::make_unique<ProcessReport>(
        ProcessReport::Sources{shared_.health, shared_.reports, shared_.metrics, shared_.served,
                               *shared_.resources},
        modules_, settings.replica);
    shared_.status_page =
        std::make_unique<StatusPage>(*shared_.report, *shared_.redis, settings.event_partitions);
    ASSIGN_OR_RETURN(admin_, Admin::Start(settings.http_address,
                                          {shared_.health, shared_.reports, shared_.metrics,
                                           *shared_.process, shared_.served, *shared_.report},
                                          shared_.status_page->Routes()));
    return absl::OkStatus();
  }

  absl::Status StartModules() {
    for (const auto& module : modules_) {
      const std::string name(module->info().name);
      shared_.local_channels[name] = std::make_shared<rpc::Channel>(name, shared_.called);
    }
    shared_.owner = shared_.database->WithRole(std::string(kOwner));
    std::vector<std::string> services = shared_.settings.services;
    if (services.empty()) {
      for (const auto& module : modules_) services.emplace_back(module->info().name);
    }
    ControlAccess(services);
    shared_.grpc = std::make_unique<GrpcServer>(rpc::ServerRuntime{.requests = shared_.served,
                                                                   .gate = shared_.gate,
                                                                   .access = shared_.access.get(),
                                                                   .peers = shared_.peers.get()});
    const auto peer = [this](std::string_view service) {
      return shared_.Peer(service, kMeshService);
    };
    const absl::Duration resume_after = shared_.settings.erasure_resume_after;
    shared_.erasure = std::make_unique<MeshErasure>(*shared_.owner, services, peer, resume_after);
    shared_.exporting = std::make_unique<MeshExport>(services, peer);
    std::vector<DeadLetterService::Owner> owners;
    std::vector<ModuleErasure*> erasures;
    std::vector<const ModuleExport*> exported;
    for (const auto& module : modules_) {
      const ModuleInfo info = module->info();
      meshes_.push_back(std::make_unique<ModuleMesh>(shared_, info));
      ModuleMesh& mesh = *meshes_.back();
      mesh.Check("database", Dependency::kRequired,
                 [&mesh](const Call& call) { return mesh.database().Healthy(call); });
      // Without Redis events wait in the outbox: RPCs still work.
      mesh.Check("redis", Dependency::kOptional,
                 [&mesh](const Call& call) { return mesh.redis().Healthy(call); });
      RETURN_IF_ERROR(module->Start(mesh));
      RETURN_IF_ERROR(mesh.erasure().CheckRegistered(Call::Background(kMigrationTimeout),
                                                     *shared_.owner, info.requests_table));
      erasures.push_back(&mesh.erasure());
      exported.push_back(&mesh.exported());
      if (!info.requests_table.empty()) mesh.ForgetRequests(std::string(info.requests_table));
      owners.push_back({std::string(info.group), &mesh.database()});
    }
    const observe::Tracer& tracer = shared_.TracerOf(kMeshService);
    const auto serve = [&](std::shared_ptr<rpc::Endpoints> endpoints) {
      endpoints->RecordBy(&tracer);
      shared_.grpc->Add(kMeshService, std::move(endpoints));
    };
    serve(std::make_shared<DeadLetterService>(std::move(owners)));
    serve(std::make_shared<ErasureService>(*shared_.erasure, std::move(erasures)));
    serve(std::make_shared<ExportService>(*shared_.exporting, std::move(exported)));
    RETURN_IF_ERROR(shared_.grpc->Start(
        {.services = shared_.settings.grpc_address,
         .operators = shared_.settings.operator_address,
         .health = shared_.settings.health_address,
         .credentials = shared_.tls == nullptr ? nullptr : shared_.tls->ForServer(),
         .describes = shared_.settings.reflection}));
    for (auto& [name, channel] : shared_.local_channels) {
      channel->Bind(shared_.grpc->InProcessChannel());
    }
    for (auto& mesh : meshes_) RETURN_IF_ERROR(mesh->StartWork());
    shared_.broadcast->Start();
    // It asks every service, which not every process may.
    const auto may_ask = [this](const std::string& service) {
      return shared_.peers == nullptr || shared_.peers->MayAsk(service);
    };
    if (std::all_of(services.begin(), services.end(), may_ask)) {
      shared_.Every(resume_after, "erasures", "mesh.erasures", tracer, [this](const Call& call) {
        return shared_.erasure->Resume(Call::Background(kResumeTimeout, call.trace()));
      });
    }
    return absl::OkStatus();
  }

  void ControlAccess(const std::vector<std::string>& services) {
    const Settings& settings = shared_.settings;
    rpc::AccessControl::Options options{.enforce = settings.enforce_access,
                                        .service_secret = settings.service_secret,
                                        .authenticate = settings.authenticate,
                                        .note = [this](rpc::AccessControl::Fact fact) {
                                          shared_.audit_facts.Note(std::move(fact));
                                        }};
    shared_.timers.Every(kTellAudit, "audit_facts", [this] { TellAudit(kTellAudit); });
    const bool has_security =
        std::find(services.begin(), services.end(), kSecurity) != services.end();
    if (has_security) {
      const auto granted = std::make_shared<const Granted>(shared_.Peer(kSecurity, kMeshService));
      options.granted = [granted](const Call& call, int64_t user_id, const std::string& permission,
                                  absl::Span<const std::string> resources) {
        return granted->Ask(call, user_id, permission, resources);
      };
    }
    if (options.authenticate == nullptr && has_security) {
      shared_.authenticator = std::make_unique<Authenticator>(
          Authenticator::Options{.rules = {.issuer = settings.token_issuer},
                                 .clock = settings.clock},
          shared_.Peer(kSecurity, kMeshService));
      Authenticator& authenticator = *shared_.authenticator;
      options.authenticate = [&](const Call& call, std::string_view authorization) {
        return authenticator.Authenticate(call, authorization);
      };
      shared_.broadcast->On<events::v1::TokensRevoked>(
          [&](const events::v1::TokensRevoked& event) { authenticator.Revoke(event); },
          [&] { authenticator.ReadRevocations(); });
      shared_.timers.Every(kRefreshPeriod, "identity", [&] { authenticator.Refresh(); });
    }
    shared_.access = std::make_unique<rpc::AccessControl>(std::move(options), shared_.metrics);
  }

  void TellAudit(absl::Duration timeout) {
    const absl::Status told =
        shared_.audit_facts.Publish(Call::Background(timeout), *shared_.owner);
    if (!told.ok()) observe::Warning("audit facts not told yet", {{"status", told}});
  }

  void CheckHealth() {
    shared_.resources->Sample(absl::Now());
    shared_.health.CheckAll(kHealthTimeout);
    shared_.grpc->SetServing(kMeshService, true);
    for (const auto& module : modules_) {
      const std::string_view name = module->info().name;
      shared_.grpc->SetServing(name, shared_.health.Of(name).state != HealthState::kUnhealthy);
    }
  }

  std::vector<std::unique_ptr<Module>> modules_;
  Shared shared_;
  std::vector<std::unique_ptr<ModuleMesh>> meshes_;
  std::unique_ptr<Admin> admin_;
  std::atomic<bool> started_ = false;
  std::atomic<bool> drained_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Host>> Host::Start(Settings settings,
                                                  std::vector<std::unique_ptr<Module>> modules) {
  auto host = std::make_unique<HostImpl>(std::move(modules));
  RETURN_IF_ERROR(host->StartUp(std::move(settings)));
  return host;
}

}  // namespace selfology::service
