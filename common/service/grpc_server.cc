#include "common/service/grpc_server.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/contract.h"
#include "common/rpc/peer_check.h"
#include "common/status/status_macros.h"
#include "grpcpp/ext/channelz_service_plugin.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/impl/server_builder_option.h"
#include "grpcpp/impl/server_builder_plugin.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server_builder.h"

namespace selfology::service {
namespace {

// Handlers are straight-line code, a thread for each call in progress. Beyond this, calls wait.
constexpr int kMaxThreads = 512;
// What lies between this and rpc::kMaxRequestBytes is refused in the words of the contracts; what
// is larger by gRPC itself, without details, before it takes memory.
constexpr int kMaxReceivedBytes = 2 * rpc::kMaxRequestBytes;

// Of the port for probes.
constexpr int kProbeThreads = 4;

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

// Takes reflection and channelz away, which gRPC adds to every server of a program that has them.
class WithoutPlugins final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->clear();
  }
};

// For probes: without Watch, of which each would hold a thread.
class Checks final : public grpc::health::v1::Health::Service {
 public:
  explicit Checks(HealthService& health) : health_(health) {}
  grpc::Status Check(grpc::ServerContext* context,
                     const grpc::health::v1::HealthCheckRequest* request,
                     grpc::health::v1::HealthCheckResponse* response) override {
    return health_.Check(context, request, response);
  }

 private:
  HealthService& health_;
};

void Limit(grpc::ServerBuilder& builder, const ConnectionLimits& limits, int threads) {
  // Another process on the same port would silently take half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(limits.handshake));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(limits.idle));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(limits.keepalive));
  grpc::ResourceQuota quota("rpc");
  quota.SetMaxThreads(threads);
  builder.SetResourceQuota(quota);
}

bool IsSocketFile(const std::string& address) { return absl::StartsWith(address, "unix"); }

bool Listens(const grpc::Server* server, const std::string& address, int port) {
  return server != nullptr && (port != 0 || IsSocketFile(address));
}

std::string WithPort(const std::string& address, int port) {
  if (IsSocketFile(address)) return address;
  return absl::StrCat(address.substr(0, address.rfind(':')), ":", port);
}

}  // namespace

GrpcServer::~GrpcServer() { Shutdown(absl::Now()); }

void GrpcServer::Add(std::string_view module, std::shared_ptr<rpc::Endpoints> endpoints) {
  served_.push_back({std::string(module), std::move(endpoints)});
  SetServing(module, false);
}

absl::Status GrpcServer::Start(const GrpcPorts& ports) {
  const bool apart = !ports.operators.empty();
  RETURN_IF_ERROR(
      Listen(ports.services, ports, apart ? rpc::Port::kServices : rpc::Port::kAll, services_));
  if (apart) RETURN_IF_ERROR(Listen(ports.operators, ports, rpc::Port::kOperators, operators_));
  return ports.health.empty() ? absl::OkStatus() : ListenForProbes(ports.health);
}

absl::Status GrpcServer::Listen(const std::string& address, const GrpcPorts& ports, rpc::Port port,
                                Listener& listener) {
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::channelz::experimental::InitChannelzService();

  grpc::ServerBuilder builder;
  if (!ports.describes) builder.SetOption(std::make_unique<WithoutPlugins>());
  int number = 0;
  builder.AddListeningPort(
      address, ports.credentials != nullptr ? ports.credentials : grpc::InsecureServerCredentials(),
      &number);
  Limit(builder, limits_, kMaxThreads);
  builder.SetMaxReceiveMessageSize(kMaxReceivedBytes);
  if (port != rpc::Port::kOperators) builder.RegisterService(&health_);
  std::map<std::string_view, std::vector<const Served*>> by_contract;
  std::set<std::string> modules;
  for (const Served& served : served_) {
    by_contract[served.endpoints->service_name()].push_back(&served);
    if (served.module != kMeshService) modules.insert(served.module);
  }
  for (const auto& [name, of_contract] : by_contract) {
    const rpc::ServiceContract contract(name);
    if (std::none_of(contract.methods().begin(), contract.methods().end(),
                     [&](const rpc::MethodContract& method) { return ServesAt(port, method); })) {
      continue;
    }
    std::vector<rpc::Endpoints*> endpoints;
    std::set<std::string> services;
    for (const Served* served : of_contract) {
      endpoints.push_back(served->endpoints.get());
      // What the kernel serves, it serves for all of the process.
      if (served->module == kMeshService) {
        services.insert(modules.begin(), modules.end());
      } else {
        services.insert(served->module);
      }
    }
    listener.bound.push_back(std::make_unique<rpc::BoundService>(
        std::move(endpoints), runtime_,
        rpc::Binding{.services = {services.begin(), services.end()}, .port = port}));
    builder.RegisterService(listener.bound.back().get());
  }
  listener.calls = std::make_unique<rpc::CallQueue>(builder, kMaxThreads);
  listener.server = builder.BuildAndStart();
  if (!Listens(listener.server.get(), address, number)) {
    return absl::UnavailableError(absl::StrCat("gRPC cannot listen on ", address));
  }
  listener.calls->Start();
  for (const auto& service : listener.bound) service->Accept(*listener.calls);
  listener.address = WithPort(address, number);
  return absl::OkStatus();
}

absl::Status GrpcServer::ListenForProbes(const std::string& address) {
  grpc::ServerBuilder builder;
  builder.SetOption(std::make_unique<WithoutPlugins>());
  int number = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &number);
  Limit(builder, limits_, kProbeThreads);
  plain_health_.checks = std::make_unique<Checks>(health_);
  builder.RegisterService(plain_health_.checks.get());
  plain_health_.server = builder.BuildAndStart();
  if (!Listens(plain_health_.server.get(), address, number)) {
    return absl::UnavailableError(absl::StrCat("gRPC cannot listen on ", address));
  }
  plain_health_.address = WithPort(address, number);
  return absl::OkStatus();
}

void GrpcServer::SetServing(std::string_view module, bool serving) {
  absl::MutexLock lock(&mutex_);
  serving_[std::string(module)] = serving;
  for (const Served& served : served_) {
    const std::string_view name = served.endpoints->service_name();
    if (served.module == module) health_.Set(name, IsServing(name));
  }
  health_.Set("", std::all_of(serving_.begin(), serving_.end(),
                              [](const auto& entry) { return entry.second; }));
}

bool GrpcServer::IsServing(std::string_view service_name) const {
  return std::all_of(served_.begin(), served_.end(), [&](const Served& served) {
    if (served.endpoints->service_name() != service_name) return true;
    const auto serving = serving_.find(served.module);
    return serving != serving_.end() && serving->second;
  });
}

void GrpcServer::Shutdown(absl::Time deadline) {
  health_.EndWatches();
  for (Listener* listener : {&services_, &operators_, &plain_health_}) {
    if (listener->server == nullptr) continue;
    listener->server->Shutdown(absl::ToChronoTime(deadline));
    listener->server->Wait();
    if (listener->calls != nullptr) listener->calls->Stop();
    listener->server.reset();
  }
}

std::shared_ptr<grpc::Channel> GrpcServer::InProcessChannel() {
  return services_.server->InProcessChannel(grpc::ChannelArguments());
}

}  // namespace selfology::service
