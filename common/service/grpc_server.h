// One gRPC server for all modules of a process, with what every server of the mesh has: health v1,
// reflection and channelz.
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
#include "grpcpp/server.h"

namespace selfology::service {

// What clients may keep open. A well-behaved one connects again when it needs to.
struct ConnectionLimits {
  absl::Duration handshake = absl::Seconds(10);  // From the connection to HTTP/2's settings.
  absl::Duration idle = absl::Minutes(5);        // Without a call.
  absl::Duration keepalive = absl::Minutes(1);   // Between two signs of life while there are calls.
};

class GrpcServer {
 public:
  explicit GrpcServer(rpc::ServerRuntime runtime, ConnectionLimits limits = {})
      : runtime_(runtime), limits_(limits) {}
  ~GrpcServer();

  // Before Start.
  void Add(std::string_view module, std::shared_ptr<rpc::Endpoints> endpoints);
  absl::Status Start(const std::string& address);

  // By module. A service name of health v1 serves while all modules with such a service do, the
  // empty name while all modules do. Thread-safe.
  void SetServing(std::string_view module, bool serving);
  // For health v1 none serves any more, whatever SetServing says.
  void Drain() { health_.Drain(); }

  void Shutdown(absl::Time deadline);

  const std::string& address() const { return address_; }  // With the real port.
  std::shared_ptr<grpc::Channel> InProcessChannel();

 private:
  struct Served {
    std::string module;
    std::shared_ptr<rpc::Endpoints> endpoints;
  };

  // Whether all modules that serve the contract are serving.
  bool IsServing(std::string_view service_name) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const rpc::ServerRuntime runtime_;
  const ConnectionLimits limits_;
  std::vector<Served> served_;
  std::vector<std::unique_ptr<rpc::BoundService>> services_;
  HealthService health_;
  absl::Mutex mutex_;
  std::map<std::string, bool, std::less<>> serving_ ABSL_GUARDED_BY(mutex_);  // By module.
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<rpc::CallQueue> calls_;
  std::string address_;
};

}  // namespace selfology::service
