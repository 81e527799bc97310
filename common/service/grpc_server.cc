#include "common/service/grpc_server.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/ext/channelz_service_plugin.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server_builder.h"

namespace selfology::service {
namespace {

// Handlers are straight-line code, a thread for each call in progress. Beyond this, calls wait.
constexpr int kMaxThreads = 512;
// What lies between this and rpc::kMaxRequestBytes is refused in the words of the contracts; what
// is larger by gRPC itself, without details, before it takes memory.
constexpr int kMaxReceivedBytes = 2 * rpc::kMaxRequestBytes;

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

}  // namespace

GrpcServer::~GrpcServer() { Shutdown(absl::Now()); }

void GrpcServer::Add(std::string_view module, std::shared_ptr<rpc::Endpoints> endpoints) {
  served_.push_back({std::string(module), std::move(endpoints)});
  SetServing(module, false);
}

absl::Status GrpcServer::Start(const std::string& address) {
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::channelz::experimental::InitChannelzService();

  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  // Another process on the same port would silently take half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(limits_.handshake));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(limits_.idle));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(limits_.keepalive));
  grpc::ResourceQuota quota("rpc");
  quota.SetMaxThreads(kMaxThreads);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(kMaxReceivedBytes);
  builder.RegisterService(&health_);
  std::map<std::string_view, std::vector<rpc::Endpoints*>> endpoints;  // By service name.
  for (const Served& served : served_) {
    endpoints[served.endpoints->service_name()].push_back(served.endpoints.get());
  }
  for (auto& [name, of_contract] : endpoints) {
    services_.push_back(std::make_unique<rpc::BoundService>(std::move(of_contract), runtime_));
    builder.RegisterService(services_.back().get());
  }
  calls_ = std::make_unique<rpc::CallQueue>(builder, kMaxThreads);
  server_ = builder.BuildAndStart();
  const bool is_socket_file = absl::StartsWith(address, "unix");
  if (server_ == nullptr || (port == 0 && !is_socket_file)) {
    return absl::UnavailableError(absl::StrCat("gRPC cannot listen on ", address));
  }
  calls_->Start();
  for (const auto& service : services_) service->Accept(*calls_);
  const size_t colon = address.rfind(':');
  address_ = is_socket_file ? address : absl::StrCat(address.substr(0, colon), ":", port);
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
  if (server_ == nullptr) return;
  health_.EndWatches();
  server_->Shutdown(absl::ToChronoTime(deadline));
  server_->Wait();
  calls_->Stop();
  server_.reset();
}

std::shared_ptr<grpc::Channel> GrpcServer::InProcessChannel() {
  return server_->InProcessChannel(grpc::ChannelArguments());
}

}  // namespace selfology::service
