// How the services of the mesh are, as the gateway sees them: grpc.health.v1 of each, asked when
// somebody wants to know, at most once a second.
//
//   GET /health               {"service":"api_gateway","status":"degraded","timestamp":...,
//                              "uptime":3600,"dependencies":{"session":"healthy","ai":"unhealthy"}}
//   GET /api/sessions/health  {"service":"session","status":"healthy"}
//
// Thread-safe. Source: R004-21 (docs/requirements.md).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/executor/worker_pool.h"
#include "common/http/server.h"
#include "common/rpc/channel.h"
#include "common/transcode/route_table.h"

namespace selfology::api_gateway {

// The services by what stands between "/api/" and "/health": the module's name, with "-" for "_"
// likewise, and the first word of the paths of its contracts ("users" of /api/users/{id}): of several
// services' the one's with the most such paths, none's if two have as many; never "v1". Pure.
std::map<std::string, std::string, std::less<>> ServicesByPathWord(
    const std::vector<std::string_view>& services, const transcode::RouteTable& routes);

class HealthOverview {
 public:
  struct Service {
    std::string name;
    std::string contract;  // The gRPC service to ask about; empty: the process.
    std::shared_ptr<rpc::Channel> channel;
  };

  explicit HealthOverview(std::vector<Service> services);

  http::Response Overall(const Call& call, absl::Time now);
  http::Response Of(const Call& call, std::string_view service, absl::Time now);

 private:
  std::map<std::string, bool, std::less<>> Ask(const Call& call, absl::Time now);

  const std::vector<Service> services_;
  const absl::Time started_;
  executor::WorkerPool askers_;
  absl::Mutex mutex_;
  absl::Time asked_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::map<std::string, bool, std::less<>> serving_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::api_gateway
