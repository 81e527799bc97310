// What a module is given by a Host: its part of what the process shares, and the threads that run
// what it plugs in.
//
//   ModuleMesh mesh(shared, module.info());
//   RETURN_IF_ERROR(module.Start(mesh));
//   ... the gRPC server has started ...
//   RETURN_IF_ERROR(mesh.StartWork());
//   ...
//   mesh.StopLoops();
//   mesh.DrainConsumers(deadline);
//
// Threads: see mesh.h for what a module calls; the rest is for the host's one thread.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/events/broadcast.h"
#include "common/events/consumer.h"
#include "common/events/stream_reader.h"
#include "common/executor/periodic_timers.h"
#include "common/executor/worker_pool.h"
#include "common/http/client.h"
#include "common/observe/metrics.h"
#include "common/observe/process_stats.h"
#include "common/observe/span.h"
#include "common/otlp/exporter.h"
#include "common/postgres/database.h"
#include "common/redis/client.h"
#include "common/rpc/access_control.h"
#include "common/rpc/channel.h"
#include "common/rpc/drain_gate.h"
#include "common/rpc/endpoints.h"
#include "common/rpc/peer_check.h"
#include "common/rpc/tls.h"
#include "common/service/admin.h"
#include "common/service/audit_facts.h"
#include "common/service/authenticator.h"
#include "common/service/export_service.h"
#include "common/service/grpc_server.h"
#include "common/service/health.h"
#include "common/service/mesh.h"
#include "common/service/mesh_erasure.h"
#include "common/service/module.h"
#include "common/service/module_erasure.h"
#include "common/service/module_export.h"
#include "common/service/process_report.h"
#include "common/service/reports.h"
#include "common/service/resources.h"
#include "common/service/settings.h"
#include "common/service/status_page.h"
#include "common/service/stop_signal.h"

namespace selfology::service {

// What all modules of the process share, in the order in which it must be made (and unmade in
// reverse).
struct Shared {
  static constexpr int kTimerThreads = 8;

  Settings settings;
  observe::Metrics metrics;
  observe::Requests served{&metrics, "rpc_server"};
  observe::Requests called{&metrics, "rpc_client"};
  std::unique_ptr<otlp::Exporter> exporter;  // Null: no spans are exported.
  std::list<observe::Tracer> tracers;
  rpc::DrainGate gate;
  std::unique_ptr<postgres::Database> database;
  std::unique_ptr<redis::Client> redis;
  std::unique_ptr<events::StreamReader> streams;
  std::unique_ptr<events::Broadcast> broadcast;
  std::unique_ptr<http::Client> http;
  Health health;
  Reports reports;
  std::unique_ptr<observe::ProcessMetrics> process;
  std::unique_ptr<Resources> resources;
  std::unique_ptr<ProcessReport> report;
  std::unique_ptr<StatusPage> status_page;
  executor::WorkerPool timer_threads{kTimerThreads};
  executor::PeriodicTimers timers{&timer_threads};
  std::map<std::string, std::shared_ptr<rpc::Channel>, std::less<>> local_channels;
  std::unique_ptr<Authenticator> authenticator;  // Null: the mesh has no service "security".
  AuditFacts audit_facts;
  std::unique_ptr<rpc::AccessControl> access;
  std::shared_ptr<rpc::Tls> tls;  // Null: no TLS.
  std::unique_ptr<rpc::PeerCheck> peers;
  std::unique_ptr<GrpcServer> grpc;
  std::unique_ptr<postgres::Database> owner;  // Under the role that owns the outbox.
  std::unique_ptr<MeshErasure> erasure;
  std::unique_ptr<MeshExport> exporting;

  // The way to a service by its name, in this process or another, for the service `caller`.
  std::shared_ptr<rpc::Channel> Peer(std::string_view service, std::string_view caller);

  // Of a service of this process, as the settings say; lives as long as this.
  const observe::Tracer& TracerOf(std::string_view service);

  // Runs `tick` once a period on one replica of the mesh; by a lease in Redis, "selfology:turn:" and
  // `lease_name`, replicas agree on which.
  void Every(absl::Duration period, std::string name, std::string_view lease_name,
             const observe::Tracer& tracer, std::function<absl::Status(const Call&)> tick);
};

class ModuleMesh final : public Mesh {
 public:
  // Outlives neither `shared` nor what `info` names.
  ModuleMesh(Shared& shared, const ModuleInfo& info);

  postgres::Database& database() override { return *database_; }
  redis::Client& redis() override { return *shared_.redis; }
  http::Client& http() override { return *shared_.http; }
  observe::Metrics& metrics() override { return shared_.metrics; }
  const observe::Tracer* tracer() const override { return &tracer_; }
  const Settings& settings() const override { return shared_.settings; }
  std::shared_ptr<rpc::Channel> Peer(std::string_view service) override {
    return shared_.Peer(service, name_);
  }
  absl::StatusOr<std::shared_ptr<const identity::Caller>> Authenticate(
      const Call& call, std::string_view authorization) override {
    return shared_.access->Identify(call, {.authorization = authorization});
  }
  void Serve(std::shared_ptr<rpc::Endpoints> endpoints) override;
  void Every(absl::Duration period, std::string name,
             std::function<absl::Status(const Call&)> tick) override;
  void Run(std::string name, std::function<void(StopSignal&)> loop) override;
  void OnErase(ModuleErasure::EraseFunction erase) override;
  void OnErased(ModuleErasure::ErasedFunction erased) override;
  absl::StatusOr<int64_t> EraseUser(const Call& call, int64_t user_id) override;
  absl::Status ExportUser(const Call& call, int64_t user_id, ModuleExport::Take take) override;
  void Check(std::string name, Dependency kind, Health::CheckFunction check) override;
  void Report(std::string name, std::function<double()> value) override;
  void ReportQueue(std::string name, std::function<double()> length) override;

  ModuleErasure& erasure() { return erasure_; }
  const ModuleExport& exported() const { return export_; }
  // Deletes from `table` (idempotency/once.h) what is old, now and every so often, and what belongs
  // to persons who are erased.
  void ForgetRequests(const std::string& table);

  // Consumers and loops; what was plugged in runs from here on.
  absl::Status StartWork();
  // Loops first: they bring new work in.
  void StopLoops();
  void DrainConsumers(absl::Time deadline);

 protected:
  events::Consumer& ConsumerFor(std::string_view lane) override;
  events::Broadcast& Everywhere() override { return *shared_.broadcast; }

 private:
  struct Loop {
    std::string name;
    std::function<void(StopSignal&)> run;
  };

  Shared& shared_;
  const std::string name_;
  const std::string group_;
  const observe::Tracer& tracer_;
  const std::unique_ptr<postgres::Database> database_;
  ModuleErasure erasure_;
  ModuleExport export_;
  std::map<std::string, std::unique_ptr<events::Consumer>> consumers_;
  std::list<Loop> loops_;
  std::vector<std::thread> threads_;
  StopSignal stop_;
};

}  // namespace selfology::service
