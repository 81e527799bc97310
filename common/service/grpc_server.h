// The gRPC server of all modules of a process, with what every server of the mesh has: health v1, and
// unless it is told not to, reflection and channelz.
//
// Operators' methods (rpc::MethodContract) may have a port of their own, and probes that know no
// certificate may have one without TLS that answers grpc.health.v1's Check and nothing else.
//
// Modules may serve the same contract, such as LocalModelService, if its requests say whom they are
// for: then each goes to the module whose Endpoints::Serves says so.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/rpc/bound_service.h"
#include "common/rpc/call_queue.h"
#include "common/rpc/endpoints.h"
#include "common/service/health_service.h"
#include "grpcpp/channel.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"

namespace selfology::service {

// The name under which the kernel's own contracts are served.
inline constexpr std::string_view kMeshService = "mesh";

// What clients may keep open. A well-behaved one connects again when it needs to.
struct ConnectionLimits {
  absl::Duration handshake = absl::Seconds(10);  // From the connection to HTTP/2's settings.
  absl::Duration idle = absl::Minutes(5);        // Without a call.
  absl::Duration keepalive = absl::Minutes(1);   // Between two signs of life while there are calls.
};

// Where it listens; port 0: any free one.
struct GrpcPorts {
  std::string services = "127.0.0.1:0";
  std::string operators = {};  // Empty: operators' methods are served with the others.
  std::string health = {};     // Never by TLS; empty: none.
  std::shared_ptr<grpc::ServerCredentials> credentials = nullptr;  // Null: no TLS.
  bool describes = true;                                           // Reflection and channelz.
};

class GrpcServer {
 public:
  explicit GrpcServer(rpc::ServerRuntime runtime, ConnectionLimits limits = {})
      : runtime_(runtime), limits_(limits) {}
  ~GrpcServer();

  // Before Start.
  void Add(std::string_view module, std::shared_ptr<rpc::Endpoints> endpoints);
  absl::Status Start(const GrpcPorts& ports);
  absl::Status Start(const std::string& address) { return Start({.services = address}); }

  // By module. A service name of health v1 serves while all modules with such a service do, the
  // empty name while all modules do. Thread-safe.
  void SetServing(std::string_view module, bool serving);
  // For health v1 none serves any more, whatever SetServing says.
  void Drain() { health_.Drain(); }

  void Shutdown(absl::Time deadline);

  // With the real ports; empty: there is none.
  const std::string& address() const { return services_.address; }
  const std::string& operators_address() const { return operators_.address; }
  const std::string& health_address() const { return plain_health_.address; }
  std::shared_ptr<grpc::Channel> InProcessChannel();

 private:
  struct Served {
    std::string module;
    std::shared_ptr<rpc::Endpoints> endpoints;
  };

  struct Listener {
    std::string address;
    std::vector<std::unique_ptr<rpc::BoundService>> bound;
    std::unique_ptr<grpc::Service> checks;  // Of health, without the rest.
    std::unique_ptr<grpc::Server> server;
    std::unique_ptr<rpc::CallQueue> calls;
  };

  absl::Status Listen(const std::string& address, const GrpcPorts& ports, rpc::Port port,
                      Listener& listener);
  absl::Status ListenForProbes(const std::string& address);

  // Whether all modules that serve the contract are serving.
  bool IsServing(std::string_view service_name) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const rpc::ServerRuntime runtime_;
  const ConnectionLimits limits_;
  std::vector<Served> served_;
  HealthService health_;
  absl::Mutex mutex_;
  std::map<std::string, bool, std::less<>> serving_ ABSL_GUARDED_BY(mutex_);  // By module.
  Listener services_, operators_, plain_health_;
};

}  // namespace selfology::service
