// How a process is, as JSON: what /health/detailed answers, and what processes tell each other for
// the status page.
//
//   {"service": "session_management", "replica": "session-7", "status": "degraded",
//    "timestamp": "2026-11-30T10:00:00Z", "serving": true, "uptime": 90,
//    "dependencies": {"database": "healthy", "redis": "degraded"},
//    "problems": ["memory_bytes: 91 % used, above 80 %"],
//    "resources": {"memory_bytes": {"used": 9.1e7, "limit": 1e8, "status": "degraded"}, ...},
//    "queues": {"session_management": {"waiting": 3, "status": "healthy"}, ...},
//    "circuit_breakers": {"telegram": "closed"},
//    "metrics": {"requests_total": 5, "errors_total": 0, "seconds_total": 0.02},
//    "services": {"session_management": {"status": ..., "dependencies": {...}, "reports": {...}}},
//    "last_errors": [{"message": "rpc failed", "code": "INTERNAL", "count": 2, ...}]}
//
// Units: uptime in seconds, resources by their names, cpu_cores as the average of the last minute.
// The status is the worst of dependencies (as /health has it), resources, queues and breakers; one
// that does not serve is "unhealthy".
// A queue is what a consumer group has read and not handled, or a module's Mesh::Queue.
// Threads: thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/observe/metrics.h"
#include "common/service/health.h"
#include "common/service/module.h"
#include "common/service/reports.h"
#include "common/service/resources.h"
#include "nlohmann/json_fwd.hpp"

namespace selfology::service {

class ProcessReport {
 public:
  // What it reads, which must outlive it.
  struct Sources {
    const Health& health;
    const Reports& reports;
    const observe::Metrics& metrics;
    const observe::Requests& served;
    const Resources& resources;
  };
  ProcessReport(Sources sources, const std::vector<std::unique_ptr<Module>>& modules,
                std::string replica);

  void SetServing(bool serving) { serving_ = serving; }
  bool serving() const { return serving_; }
  absl::Time started() const { return started_; }
  const std::string& replica() const { return replica_; }

  struct Service {
    std::string name;   // "analysis"
    std::string group;  // "analysis_worker": what /health calls it.
  };
  const std::vector<Service>& services() const { return services_; }
  // The service of a process with one, else "selfology".
  const std::string& name() const { return name_; }

  nlohmann::ordered_json Json(absl::Time now) const;

 private:
  Use ReadUse() const;
  nlohmann::ordered_json JsonOf(const Service& service) const;

  const Sources sources_;
  const std::string replica_;
  const absl::Time started_ = absl::Now();
  std::vector<Service> services_;
  std::string name_ = "selfology";
  std::atomic<bool> serving_ = false;
};

// Whole numbers without a fraction, as the example of R000-30 shows them.
nlohmann::ordered_json JsonNumber(double value);

}  // namespace selfology::service
