#include "common/service/host.h"

#include <pthread.h>
#include <unistd.h>

#include <list>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/events/migrations.h"
#include "common/executor/periodic_timers.h"
#include "common/executor/worker_pool.h"
#include "common/http/client.h"
#include "common/idempotency/once.h"
#include "common/observe/log.h"
#include "common/postgres/database.h"
#include "common/postgres/migrations.h"
#include "common/redis/client.h"
#include "common/redis/lease.h"
#include "common/rpc/protobuf_log.h"
#include "common/service/admin.h"
#include "common/service/dead_letter_service.h"
#include "common/service/endpoints_file.h"
#include "common/service/erasure_service.h"
#include "common/service/grpc_server.h"
#include "common/service/health.h"
#include "common/service/mesh.h"
#include "common/service/mesh_erasure.h"
#include "common/service/module_erasure.h"
#include "common/status/status_macros.h"

namespace selfology::service {
namespace {

constexpr absl::Duration kMigrationTimeout = absl::Minutes(5);
constexpr absl::Duration kHealthPeriod = absl::Seconds(5);
constexpr absl::Duration kHealthTimeout = absl::Seconds(2);
constexpr absl::Duration kReplayPeriod = absl::Seconds(2);
constexpr absl::Duration kResumeTimeout = absl::Minutes(1);  // For erasures that were abandoned.
constexpr absl::Duration kForgetPeriod = absl::Hours(1);
constexpr absl::Duration kForgetTimeout = absl::Minutes(1);
constexpr int kTimerThreads = 8;
// Whom the kernel's own RPCs belong to.
constexpr std::string_view kMeshService = "mesh";
// Whom the kernel's own tables belong to.
constexpr std::string_view kOwner = "selfology_mesh";

std::string MakeReplicaName() {
  char host[256] = "localhost";
  gethostname(host, sizeof(host) - 1);
  absl::BitGen random;
  return absl::StrFormat("%s-%d-%08x", host, getpid(), absl::Uniform<uint32_t>(random));
}

// What all modules of the process share, in the order in which it must be made (and unmade in
// reverse).
struct Shared {
  Settings settings;
  observe::Metrics metrics;
  observe::Requests served{&metrics, "rpc_server"};
  observe::Requests called{&metrics, "rpc_client"};
  rpc::DrainGate gate;
  std::unique_ptr<postgres::Database> database;
  std::unique_ptr<redis::Client> redis;
  std::unique_ptr<events::StreamReader> streams;
  std::unique_ptr<http::Client> http;
  Health health;
  Reports reports;
  executor::WorkerPool timer_threads{kTimerThreads};
  executor::PeriodicTimers timers{&timer_threads};
  std::map<std::string, std::shared_ptr<rpc::Channel>, std::less<>> local_channels;
  std::unique_ptr<GrpcServer> grpc;
  std::unique_ptr<postgres::Database> owner;  // Under the role that owns the outbox.
  std::unique_ptr<MeshErasure> erasure;
};

std::shared_ptr<rpc::Channel> PeerOf(Shared& shared, std::string_view service) {
  const auto local = shared.local_channels.find(service);
  if (local != shared.local_channels.end()) return local->second;
  const auto configured = shared.settings.peers.find(std::string(service));
  // Kubernetes allows no underscores in a Service's name.
  const std::string target =
      configured != shared.settings.peers.end()
          ? configured->second
          : absl::StrCat("dns:///", absl::StrReplaceAll(service, {{"_", "-"}}), ":50051");
  return rpc::Channel::Connect(std::string(service), target, shared.called);
}

// Runs `tick` once a period in the whole mesh: `key` is that of the lease in Redis by which replicas
// agree whose turn it is.
void EveryTurn(Shared& shared, absl::Duration period, std::string name, std::string key,
               std::function<absl::Status(const Call&)> tick) {
  // A little less than the period, so that this replica's own next turn is not refused by its last.
  const redis::Lease turn(*shared.redis, std::move(key), shared.settings.replica, period * 0.9);
  shared.timers.Every(period, name, [period, turn, name, tick = std::move(tick)] {
    thread_local absl::InsecureBitGen random;
    const Call call = Call::Background(period, observe::NewTrace(random));
    const observe::ScopedTrace scope(call.trace());
    const absl::StatusOr<bool> ours = turn.Take(call);
    if (ours.ok() && !*ours) return;
    absl::Status status = ours.status();
    if (status.ok()) status = tick(call);
    if (!status.ok()) {
      observe::Warning("timer failed", {{"timer", name}, {"status", status}});
    }
  });
}

// The old ones now and every so often, and those of persons who are erased.
void ForgetRequests(Mesh& mesh, const std::string& table) {
  mesh.OnErase([table](postgres::Transaction& tx, int64_t user_id) {
    return idempotency::ForgetUser(tx, table, user_id);
  });
  const auto forget = [&mesh, table](const Call& call) {
    return mesh.database()
        .Write(call,
               [&](postgres::Transaction& tx) {
                 return idempotency::ForgetOld(tx, table, mesh.clock()());
               })
        .status();
  };
  if (const absl::Status status = forget(Call::Background(kForgetTimeout)); !status.ok()) {
    observe::Warning("old requests not forgotten", {{"status", status}});
  }
  mesh.Every(kForgetPeriod, "forget_requests", forget);
}

class ModuleMesh final : public Mesh {
 public:
  ModuleMesh(Shared& shared, const ModuleInfo& info)
      : shared_(shared),
        name_(info.name),
        group_(info.group),
        database_(shared.database->WithRole(absl::StrCat("selfology_", info.name))),
        erasure_(name_, *database_) {}

  postgres::Database& database() override { return *database_; }
  redis::Client& redis() override { return *shared_.redis; }
  http::Client& http() override { return *shared_.http; }
  observe::Metrics& metrics() override { return shared_.metrics; }
  const Settings& settings() const override { return shared_.settings; }

  std::shared_ptr<rpc::Channel> Peer(std::string_view service) override {
    return PeerOf(shared_, service);
  }

  void Serve(std::shared_ptr<rpc::Endpoints> endpoints) override {
    endpoints->OnDeleteUserData([this](const Call& call, int64_t user_id) {
      return erasure_.EraseHereOnly(call, user_id);
    });
    shared_.grpc->Add(name_, std::move(endpoints));
  }

  void Every(absl::Duration period, std::string name,
             std::function<absl::Status(const Call&)> tick) override {
    std::string turn = absl::StrCat("selfology:turn:", name_, ".", name);
    EveryTurn(shared_, period, std::move(name), std::move(turn), std::move(tick));
  }

  void Run(std::string name, std::function<void(StopSignal&)> loop) override {
    loops_.push_back({std::move(name), std::move(loop)});
  }

  void OnErase(ModuleErasure::EraseFunction erase) override { erasure_.OnErase(std::move(erase)); }
  void OnErased(ModuleErasure::ErasedFunction erased) override {
    erasure_.OnErased(std::move(erased));
  }
  absl::StatusOr<int64_t> EraseUser(const Call& call, int64_t user_id) override {
    return shared_.erasure->EraseUser(call, user_id);
  }
  ModuleErasure& erasure() { return erasure_; }

  void Check(std::string name, Dependency kind, Health::CheckFunction check) override {
    shared_.health.Add(name_, std::move(name), kind, std::move(check));
  }

  void Report(std::string name, std::function<double()> value) override {
    shared_.reports.Add(name_, std::move(name), std::move(value));
  }

  absl::Status StartWork() {
    for (auto& [lane, consumer] : consumers_) RETURN_IF_ERROR(consumer->Start());
    if (!consumers_.empty()) {
      shared_.timers.Every(kReplayPeriod, "dead_letters.replay", [this] {
        for (auto& [lane, consumer] : consumers_) {
          const absl::Status status =
              consumer->ReplayDeadLetters(Call::Background(absl::Minutes(1)));
          if (!status.ok()) {
            observe::Warning("replay failed", {{"group", consumer->group()}, {"status", status}});
          }
        }
      });
    }
    for (auto& [name, loop] : loops_) {
      threads_.emplace_back([this, &name = name, &loop = loop] {
        constexpr size_t kLongestThreadName = 15;
        pthread_setname_np(pthread_self(), name.substr(0, kLongestThreadName).c_str());
        loop(stop_);
      });
    }
    return absl::OkStatus();
  }

  // Loops first: they bring new work in.
  void StopLoops() {
    stop_.Request();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  void DrainConsumers(absl::Time deadline) {
    for (auto& [lane, consumer] : consumers_) consumer->Drain(deadline);
  }

 protected:
  events::Consumer& ConsumerFor(std::string_view lane) override {
    std::unique_ptr<events::Consumer>& consumer = consumers_[std::string(lane)];
    if (consumer == nullptr) {
      consumer = std::make_unique<events::Consumer>(
          events::ConsumerOptions{.group = lane.empty() ? group_ : absl::StrCat(group_, ".", lane),
                                  .replica = settings().replica,
                                  .concurrency = settings().event_concurrency},
          *shared_.streams, *database_, shared_.metrics);
    }
    return *consumer;
  }

 private:
  struct Loop {
    std::string name;
    std::function<void(StopSignal&)> run;
  };

  Shared& shared_;
  const std::string name_;
  const std::string group_;
  const std::unique_ptr<postgres::Database> database_;
  ModuleErasure erasure_;
  std::map<std::string, std::unique_ptr<events::Consumer>> consumers_;
  std::list<Loop> loops_;
  std::vector<std::thread> threads_;
  StopSignal stop_;
};

class HostImpl final : public Host {
 public:
  explicit HostImpl(std::vector<std::unique_ptr<Module>> modules) : modules_(std::move(modules)) {}
  ~HostImpl() override { Drain(); }

  absl::Status StartUp(Settings settings) {
    if (modules_.empty()) return absl::InvalidArgumentError("no modules to run");
    if (settings.replica.empty()) settings.replica = MakeReplicaName();
    if (!settings.clock) settings.clock = &absl::Now;
    rpc::LogWhatProtobufSays();
    shared_.settings = std::move(settings);
    RETURN_IF_ERROR(OpenConnections());

    ASSIGN_OR_RETURN(admin_, Admin::Start(shared_.settings.http_address, modules_, shared_.health,
                                          shared_.reports, shared_.metrics, shared_.served));
    RETURN_IF_ERROR(Migrate());
    RETURN_IF_ERROR(StartModules());

    started_ = true;
    CheckHealth();
    shared_.timers.Every(kHealthPeriod, "health", [this] { CheckHealth(); });
    admin_->SetServing(true);
    observe::Info("serving", {{"grpc", grpc_address()}, {"http", http_address()}});
    if (shared_.settings.endpoints_file.empty()) return absl::OkStatus();
    return WriteEndpointsFile(shared_.settings.endpoints_file, modules_, grpc_address(),
                              http_address());
  }

  void Drain() override {
    if (drained_) return;
    drained_ = true;
    const absl::Time deadline = absl::Now() + shared_.settings.drain_timeout;
    if (admin_ != nullptr) admin_->SetServing(false);
    if (shared_.grpc != nullptr) shared_.grpc->Drain();
    shared_.gate.Close();
    for (auto& mesh : meshes_) mesh->StopLoops();
    shared_.timers.Stop();
    for (auto& mesh : meshes_) mesh->DrainConsumers(deadline);
    // Last, since handlers and timers call services of this process.
    if (!shared_.gate.AwaitEmpty(deadline))
      observe::Warning("drain timeout: unfinished RPCs cancelled");
    if (shared_.grpc != nullptr) shared_.grpc->Shutdown(deadline);
    shared_.timer_threads.Stop();
    admin_.reset();
  }

  const std::string& grpc_address() const override { return shared_.grpc->address(); }
  const std::string& http_address() const override { return admin_->address(); }
  std::shared_ptr<grpc::Channel> InProcessChannel() override {
    return shared_.grpc->InProcessChannel();
  }
  bool ready() const override {
    return started_ && !drained_ && shared_.health.Overall().state != HealthState::kUnhealthy;
  }

 private:
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
    shared_.http =
        std::make_unique<http::Client>(http::Client::Options{.metrics = &shared_.metrics});
    return absl::OkStatus();
  }

  absl::Status Migrate() {
    const Call call = Call::Background(kMigrationTimeout);
    const std::string& url = shared_.settings.database_url;
    RETURN_IF_ERROR(postgres::Migrate(call, url, "mesh", events::Migrations(), kOwner));
    for (const auto& module : modules_) {
      const ModuleInfo info = module->info();
      RETURN_IF_ERROR(postgres::Migrate(call, url, info.name, info.migrations,
                                        absl::StrCat("selfology_", info.name)));
      if (info.requests_table.empty()) continue;
      RETURN_IF_ERROR(idempotency::MakeTable(call, url, info.name, info.requests_table,
                                             absl::StrCat("selfology_", info.name)));
    }
    return absl::OkStatus();
  }

  absl::Status StartModules() {
    shared_.grpc = std::make_unique<GrpcServer>(rpc::ServerRuntime{shared_.served, shared_.gate});
    for (const auto& module : modules_) {
      const std::string name(module->info().name);
      shared_.local_channels[name] = std::make_shared<rpc::Channel>(name, shared_.called);
    }
    shared_.owner = shared_.database->WithRole(std::string(kOwner));
    std::vector<std::string> services = shared_.settings.services;
    if (services.empty()) {
      for (const auto& module : modules_) services.emplace_back(module->info().name);
    }
    const absl::Duration resume_after = shared_.settings.erasure_resume_after;
    shared_.erasure = std::make_unique<MeshErasure>(
        *shared_.owner, services,
        [this](std::string_view service) { return PeerOf(shared_, service); }, resume_after);
    std::vector<DeadLetterService::Owner> owners;
    std::vector<ModuleErasure*> erasures;
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
      if (!info.requests_table.empty()) ForgetRequests(mesh, std::string(info.requests_table));
      owners.push_back({std::string(info.group), &mesh.database()});
    }
    shared_.grpc->Add(kMeshService, std::make_shared<DeadLetterService>(std::move(owners)));
    shared_.grpc->Add(kMeshService,
                      std::make_shared<ErasureService>(*shared_.erasure, std::move(erasures)));
    RETURN_IF_ERROR(shared_.grpc->Start(shared_.settings.grpc_address));
    for (auto& [name, channel] : shared_.local_channels) {
      channel->Bind(shared_.grpc->InProcessChannel());
    }
    for (auto& mesh : meshes_) RETURN_IF_ERROR(mesh->StartWork());
    EveryTurn(shared_, resume_after, "erasures", "selfology:turn:mesh.erasures",
              [this](const Call& call) {
                return shared_.erasure->Resume(Call::Background(kResumeTimeout, call.trace()));
              });
    return absl::OkStatus();
  }

  void CheckHealth() {
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
