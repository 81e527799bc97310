#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/sync_stream.h"

namespace selfology::service {

// grpc.health.v1 for all services of a process, as Kubernetes, grpcurl and load balancers ask for
// it. gRPC's own is not used: it is a callback service, and with one of those in a server gRPC
// polls half of the connections on a thread of its own, from which rpc::CallQueue would get each of
// their RPCs handed over (docs/performance.md).
//
//   HealthService health;
//   builder.RegisterService(&health);
//   health.Set("selfology.session.v1.SessionService", true);
//   ...
//   health.Drain();
//   health.EndWatches();
//   server->Shutdown(deadline);
//
// Thread-safe.
class HealthService final : public grpc::health::v1::Health::Service {
 public:
  // By full name; the empty one stands for the server as a whole.
  void Set(std::string_view service, bool serving);
  // From now on none serves, whatever is Set.
  void Drain();
  // Else a server's Shutdown would wait for them until its deadline.
  void EndWatches();

  grpc::Status Check(grpc::ServerContext* context,
                     const grpc::health::v1::HealthCheckRequest* request,
                     grpc::health::v1::HealthCheckResponse* response) override;
  // Each holds a thread.
  grpc::Status Watch(grpc::ServerContext* context,
                     const grpc::health::v1::HealthCheckRequest* request,
                     grpc::ServerWriter<grpc::health::v1::HealthCheckResponse>* stream) override;

 private:
  grpc::health::v1::HealthCheckResponse::ServingStatus Of(std::string_view service) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::map<std::string, bool, std::less<>> serving_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool watches_end_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace selfology::service
