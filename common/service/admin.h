// The admin HTTP server of a process, for probes, monitoring and people.
//
//   GET /health            status, service, uptime (s), each dependency, metrics, reports; 200
//                          while the process can serve, else 503. ?service=NAME: one module's.
//   GET /health/live       200 as long as the process answers
//   GET /health/ready      200 when it takes work; 503 before, while draining, and with a required
//                          dependency down
//   GET /health/detailed   the same at length, and every module: see process_report.h; always 200
//   GET /metrics           Prometheus text
//   GET /status            a page for people: see status_page.h
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/http/server.h"
#include "common/observe/metrics.h"
#include "common/observe/process_stats.h"
#include "common/service/health.h"
#include "common/service/process_report.h"
#include "common/service/reports.h"

namespace selfology::service {

class Admin {
 public:
  // What it shows; must outlive it.
  struct Sources {
    const Health& health;
    const Reports& reports;
    const observe::Metrics& metrics;
    observe::ProcessMetrics& process;
    const observe::Requests& served;
    const ProcessReport& report;
  };
  // more: further routes. As long as the report does not say that the process serves, /health/live
  // answers and /health/ready refuses.
  static absl::StatusOr<std::unique_ptr<Admin>> Start(const std::string& address, Sources sources,
                                                      std::vector<http::Route> more = {});

  const std::string& address() const { return address_; }  // With the real port.

 private:
  explicit Admin(Sources sources) : sources_(sources) {}

  std::vector<http::Route> Routes();
  http::Response HealthOf(const http::Request& request) const;
  http::Response Ready() const;
  http::Response Detailed() const;

  const Sources sources_;
  std::string address_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace selfology::service
