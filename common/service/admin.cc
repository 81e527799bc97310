#include "common/service/admin.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/http/listen_address.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"

namespace selfology::service {
namespace {

using Value = nlohmann::ordered_json;

http::Response Json(const Value& value, int status) {
  return http::Response::Json(value.dump(2, ' ', false, Value::error_handler_t::replace) + "\n",
                              status);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Admin>> Admin::Start(const std::string& address, Sources sources,
                                                    std::vector<http::Route> more) {
  absl::StatusOr<http::ListenAddress> listen = http::ParseListenAddress(address);
  if (!listen.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("http_address: ", listen.status().message()));
  }
  auto admin = std::unique_ptr<Admin>(new Admin(sources));
  std::vector<http::Route> routes = admin->Routes();
  std::move(more.begin(), more.end(), std::back_inserter(routes));
  http::Server::Options options;
  options.address = listen->host;
  options.port = listen->port;
  options.worker_threads = 4;
  ASSIGN_OR_RETURN(admin->server_, http::Server::Start(std::move(options), std::move(routes)));
  listen->port = admin->server_->port();
  admin->address_ = http::Format(*listen);
  return admin;
}

std::vector<http::Route> Admin::Routes() {
  return {
      {.path = "/health", .handler = [this](const http::Request& r) { return HealthOf(r); }},
      {.path = "/health/live",
       .handler = [](const http::Request&) { return Json({{"status", "alive"}}, 200); }},
      {.path = "/health/ready", .handler = [this](const http::Request&) { return Ready(); }},
      {.path = "/health/detailed", .handler = [this](const http::Request&) { return Detailed(); }},
      {.path = "/metrics",
       .handler =
           [this](const http::Request&) {
             sources_.process.Refresh();
             http::Response response = http::Response::Text(sources_.metrics.Expose());
             response.headers.Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
             return response;
           }},
  };
}

http::Response Admin::HealthOf(const http::Request& request) const {
  // A process of one module is that service; one of several answers for all, or for the one asked.
  const std::vector<ProcessReport::Service>& services = sources_.report.services();
  std::string module = services.size() == 1 ? services[0].name : "";
  std::string name = sources_.report.name();
  if (const auto wanted = request.Parameter("service"); wanted.has_value()) {
    const auto service = std::find_if(
        services.begin(), services.end(),
        [&](const ProcessReport::Service& s) { return s.name == *wanted || s.group == *wanted; });
    if (service == services.end()) {
      return http::Response::Error(absl::NotFoundError("no such service in this process"),
                                   request.call.trace().trace_id.view());
    }
    module = service->name;
    name = service->group;
  }
  const ModuleHealth health =
      module.empty() ? sources_.health.Overall() : sources_.health.Of(module);
  const bool serving = sources_.report.serving();
  const bool up = serving && health.state != HealthState::kUnhealthy;
  Value body = {{"status", ToString(serving ? health.state : HealthState::kUnhealthy)},
                {"service", name},
                {"uptime", absl::ToInt64Seconds(absl::Now() - sources_.report.started())}};
  for (const auto& [dependency, state] : health.dependencies) body[dependency] = ToString(state);
  for (const auto& [report, value] : sources_.reports.Of(module)) body[report] = JsonNumber(value);
  const observe::Requests::Totals totals = sources_.served.totals();
  body["metrics"] = {
      {"requests_total", totals.requests},
      {"errors_total", totals.errors},
      {"avg_latency_ms", std::round(absl::ToDoubleMilliseconds(totals.MeanLatency()) * 10) / 10}};
  return Json(body, up ? 200 : 503);
}

http::Response Admin::Ready() const {
  const bool ready =
      sources_.report.serving() && sources_.health.Overall().state != HealthState::kUnhealthy;
  return Json({{"status", ready ? "ready" : "not ready"}}, ready ? 200 : 503);
}

http::Response Admin::Detailed() const { return Json(sources_.report.Json(absl::Now()), 200); }

}  // namespace selfology::service
