#include "common/service/process_report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "common/observe/log.h"
#include "nlohmann/json.hpp"

namespace selfology::service {
namespace {

using Value = nlohmann::ordered_json;

constexpr std::string_view kUnfinished = "event_unfinished";
constexpr std::string_view kBreakers = "circuit_breaker_state";

// resilience::BreakerState, as the gauge has it.
std::string_view BreakerWord(double state) {
  if (state >= 2) return "open";
  return state >= 1 ? "half_open" : "closed";
}

std::string Format(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

Value LastErrors() {
  Value errors = Value::array();
  for (const observe::LoggedProblem& problem : observe::RecentProblems()) {
    errors.push_back({{"severity", observe::Name(problem.severity)},
                      {"message", problem.message},
                      {"code", problem.code},
                      {"count", problem.count},
                      {"first", Format(problem.first)},
                      {"last", Format(problem.last)},
                      {"trace_id", problem.trace_id}});
  }
  return errors;
}

}  // namespace

Value JsonNumber(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return static_cast<int64_t>(value);
  return value;
}

ProcessReport::ProcessReport(Sources sources, const std::vector<std::unique_ptr<Module>>& modules,
                             std::string replica)
    : sources_(sources), replica_(std::move(replica)) {
  for (const auto& module : modules) {
    const ModuleInfo info = module->info();
    services_.push_back({std::string(info.name), std::string(info.group)});
  }
  if (services_.size() == 1) name_ = services_[0].group;
}

Use ProcessReport::ReadUse() const {
  Use use = sources_.resources.Now();
  use.queues = sources_.reports.Queues();
  const observe::Metrics::Samples samples = sources_.metrics.Read({kUnfinished, kBreakers});
  if (const auto groups = samples.find(kUnfinished); groups != samples.end()) {
    for (const auto& [labels, value] : groups->second) use.queues[labels.at("group")] = value;
  }
  if (const auto breakers = samples.find(kBreakers); breakers != samples.end()) {
    for (const auto& [labels, value] : breakers->second) {
      use.breakers[labels.at("target")] = value;
    }
  }
  return use;
}

Value ProcessReport::JsonOf(const Service& service) const {
  const ModuleHealth health = sources_.health.Of(service.name);
  Value entry = {{"status", ToString(health.state)}};
  for (const auto& [dependency, state] : health.dependencies) {
    entry["dependencies"][dependency] = {{"status", ToString(state)}};
    if (const auto failure = health.failures.find(dependency); failure != health.failures.end()) {
      entry["dependencies"][dependency]["problem"] = failure->second.ToString();
    }
  }
  for (const auto& [report, value] : sources_.reports.Of(service.name)) {
    entry["reports"][report] = JsonNumber(value);
  }
  return entry;
}

Value ProcessReport::Json(absl::Time now) const {
  const ModuleHealth health = sources_.health.Overall();
  const Use use = ReadUse();
  const std::vector<std::string> strained = Strained(use);
  HealthState state = health.state;
  if (!strained.empty()) state = std::max(state, HealthState::kDegraded);
  if (!serving_) state = HealthState::kUnhealthy;

  Value body = {{"service", name_},
                {"replica", replica_},
                {"status", ToString(state)},
                {"timestamp", Format(now)},
                {"serving", serving_.load()},
                {"uptime", absl::ToInt64Seconds(absl::Now() - started_)},
                {"dependencies", Value::object()},
                {"problems", strained},
                {"resources", Value::object()},
                {"queues", Value::object()},
                {"circuit_breakers", Value::object()}};
  for (const auto& [dependency, worst] : health.dependencies) {
    body["dependencies"][dependency] = ToString(worst);
  }
  for (const auto& [name, resource] : use.resources) {
    body["resources"][name] = {{"used", JsonNumber(resource.used)},
                               {"limit", JsonNumber(resource.limit)},
                               {"status", ToString(StateOf(resource))}};
  }
  for (const auto& [name, length] : use.queues) {
    body["queues"][name] = {{"waiting", JsonNumber(length)},
                            {"status", ToString(StateOfQueue(length))}};
  }
  for (const auto& [target, breaker] : use.breakers) {
    body["circuit_breakers"][target] = BreakerWord(breaker);
  }
  const observe::Requests::Totals totals = sources_.served.totals();
  body["metrics"] = {{"requests_total", totals.requests},
                     {"errors_total", totals.errors},
                     {"seconds_total", absl::ToDoubleSeconds(totals.time)}};
  for (const Service& service : services_) body["services"][service.group] = JsonOf(service);
  body["last_errors"] = LastErrors();
  return body;
}

}  // namespace selfology::service
