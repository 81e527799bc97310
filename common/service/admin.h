// The admin HTTP server of a process, for probes, monitoring and people.
//
//   GET /health            status, service, uptime (s), each dependency, metrics, reports; 200
//                          while the process can serve, else 503. ?service=NAME: one module's.
//   GET /health/live       200 as long as the process answers
//   GET /health/ready      200 when it takes work; 503 before, while draining, and with a required
//                          dependency down
//   GET /health/detailed   every module with its dependencies and what is wrong with them
//   GET /metrics           Prometheus text
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/http/server.h"
#include "common/observe/metrics.h"
#include "common/service/health.h"
#include "common/service/module.h"

namespace selfology::service {

// Numbers that modules show in /health. Thread-safe.
class Reports {
 public:
  void Add(std::string module, std::string name, std::function<double()> value);
  // Of one module, or of all with an empty name.
  std::map<std::string, double> Of(std::string_view module) const;

 private:
  struct Entry {
    std::string module;
    std::string name;
    std::function<double()> value;
  };
  mutable absl::Mutex mutex_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

class Admin {
 public:
  // The references must outlive it. Not serving yet: /health/live answers, /health/ready refuses.
  static absl::StatusOr<std::unique_ptr<Admin>> Start(
      const std::string& address, const std::vector<std::unique_ptr<Module>>& modules,
      const Health& health, const Reports& reports, const observe::Metrics& metrics,
      const observe::Requests& served);

  void SetServing(bool serving) { serving_ = serving; }
  const std::string& address() const { return address_; }  // With the real port.

 private:
  struct Service {
    std::string name;   // "analysis"
    std::string group;  // "analysis_worker": what /health calls it.
  };

  Admin(const Health& health, const Reports& reports, const observe::Metrics& metrics,
        const observe::Requests& served)
      : health_(health), reports_(reports), metrics_(metrics), served_(served) {}

  std::vector<http::Route> Routes();
  http::Response HealthOf(const http::Request& request) const;
  http::Response Ready() const;
  http::Response Detailed() const;

  const Health& health_;
  const Reports& reports_;
  const observe::Metrics& metrics_;
  const observe::Requests& served_;
  const absl::Time started_ = absl::Now();
  std::vector<Service> services_;
  std::atomic<bool> serving_ = false;
  std::string address_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace selfology::service
