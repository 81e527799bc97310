// How a process is: its dependencies' checks, run every few seconds by one thread, and what follows
// for its modules. Readers get the last results at once, so that a probe never waits for a slow
// dependency.
//
//   health.Add("session", "database", Dependency::kRequired,
//              [&](const Call& call) { return db.Healthy(call); });
//   health.CheckAll();               // by a timer
//   health.Of("session").state       // kHealthy, kDegraded, kUnhealthy
//
// Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"

namespace selfology::service {

// What a failed check means for the service.
enum class Dependency {
  kRequired,  // Unhealthy: not ready, gRPC health NOT_SERVING.
  kOptional,  // Degraded: it still serves, less well.
};

enum class HealthState { kHealthy, kDegraded, kUnhealthy };
std::string_view ToString(HealthState state);  // "healthy", "degraded", "unhealthy"

struct ModuleHealth {
  HealthState state = HealthState::kHealthy;
  std::map<std::string, HealthState> dependencies;
  std::map<std::string, absl::Status> failures;  // Of the dependencies that failed.
};

class Health {
 public:
  using CheckFunction = std::function<absl::Status(const Call&)>;

  void Add(std::string module, std::string dependency, Dependency kind, CheckFunction check);

  // Runs every check, each for at most `timeout`.
  void CheckAll(absl::Duration timeout);

  ModuleHealth Of(std::string_view module) const;
  // The worst of all modules.
  ModuleHealth Overall() const;

 private:
  struct Entry {
    std::string module;
    std::string dependency;
    Dependency kind;
    CheckFunction check;
    absl::Status result;
  };
  ModuleHealth Combine(std::string_view module) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::service
