#include "common/service/admin.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/http/listen_address.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"

namespace selfology::service {
namespace {

using Value = nlohmann::ordered_json;

// Whole numbers without a fraction, as the example of R000-30 shows them.
Value Number(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return static_cast<int64_t>(value);
  return value;
}

http::Response Json(const Value& value, int status) {
  return http::Response::Json(value.dump(2, ' ', false, Value::error_handler_t::replace) + "\n",
                              status);
}

}  // namespace

void Reports::Add(std::string module, std::string name, std::function<double()> value) {
  absl::MutexLock lock(&mutex_);
  entries_.push_back({std::move(module), std::move(name), std::move(value)});
}

std::map<std::string, double> Reports::Of(std::string_view module) const {
  std::vector<Entry> entries;
  {
    absl::MutexLock lock(&mutex_);
    entries = entries_;
  }
  std::map<std::string, double> values;
  for (const Entry& entry : entries) {
    if (module.empty() || entry.module == module) values[entry.name] = entry.value();
  }
  return values;
}

absl::StatusOr<std::unique_ptr<Admin>> Admin::Start(
    const std::string& address, const std::vector<std::unique_ptr<Module>>& modules,
    const Health& health, const Reports& reports, const observe::Metrics& metrics,
    const observe::Requests& served) {
  absl::StatusOr<http::ListenAddress> listen = http::ParseListenAddress(address);
  if (!listen.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("http_address: ", listen.status().message()));
  }
  auto admin = std::unique_ptr<Admin>(new Admin(health, reports, metrics, served));
  for (const auto& module : modules) {
    const ModuleInfo info = module->info();
    admin->services_.push_back({std::string(info.name), std::string(info.group)});
  }
  http::Server::Options options;
  options.address = listen->host;
  options.port = listen->port;
  options.worker_threads = 4;
  ASSIGN_OR_RETURN(admin->server_, http::Server::Start(std::move(options), admin->Routes()));
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
             http::Response response = http::Response::Text(metrics_.Expose());
             response.headers.Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
             return response;
           }},
  };
}

http::Response Admin::HealthOf(const http::Request& request) const {
  // A process of one module is that service; one of several answers for all, or for the one asked.
  std::string module = services_.size() == 1 ? services_[0].name : "";
  std::string name = services_.size() == 1 ? services_[0].group : "selfology";
  if (const auto wanted = request.Parameter("service"); wanted.has_value()) {
    const auto service = std::find_if(services_.begin(), services_.end(), [&](const Service& s) {
      return s.name == *wanted || s.group == *wanted;
    });
    if (service == services_.end()) {
      return http::Response::Error(absl::NotFoundError("no such service in this process"),
                                   request.call.trace().trace_id.view());
    }
    module = service->name;
    name = service->group;
  }
  const ModuleHealth health = module.empty() ? health_.Overall() : health_.Of(module);
  const bool up = serving_ && health.state != HealthState::kUnhealthy;
  Value body = {{"status", serving_ ? ToString(health.state) : ToString(HealthState::kUnhealthy)},
                {"service", name},
                {"uptime", absl::ToInt64Seconds(absl::Now() - started_)}};
  for (const auto& [dependency, state] : health.dependencies) body[dependency] = ToString(state);
  for (const auto& [report, value] : reports_.Of(module)) body[report] = Number(value);
  const observe::Requests::Totals totals = served_.totals();
  body["metrics"] = {
      {"requests_total", totals.requests},
      {"errors_total", totals.errors},
      {"avg_latency_ms", std::round(absl::ToDoubleMilliseconds(totals.MeanLatency()) * 10) / 10}};
  return Json(body, up ? 200 : 503);
}

http::Response Admin::Ready() const {
  const bool ready = serving_ && health_.Overall().state != HealthState::kUnhealthy;
  return Json({{"status", ready ? "ready" : "not ready"}}, ready ? 200 : 503);
}

http::Response Admin::Detailed() const {
  Value body = {{"status", ToString(health_.Overall().state)},
                {"serving", serving_.load()},
                {"uptime", absl::ToInt64Seconds(absl::Now() - started_)}};
  for (const Service& service : services_) {
    const ModuleHealth health = health_.Of(service.name);
    Value entry = {{"status", ToString(health.state)}};
    for (const auto& [dependency, state] : health.dependencies) {
      entry["dependencies"][dependency] = {{"status", ToString(state)}};
      if (const auto failure = health.failures.find(dependency); failure != health.failures.end()) {
        entry["dependencies"][dependency]["problem"] = failure->second.ToString();
      }
    }
    for (const auto& [report, value] : reports_.Of(service.name)) {
      entry["reports"][report] = Number(value);
    }
    body["services"][service.group] = std::move(entry);
  }
  return Json(body, 200);
}

}  // namespace selfology::service
