#include "common/service/health.h"

#include <algorithm>
#include <utility>

namespace selfology::service {

std::string_view ToString(HealthState state) {
  switch (state) {
    case HealthState::kHealthy:
      return "healthy";
    case HealthState::kDegraded:
      return "degraded";
    case HealthState::kUnhealthy:
      return "unhealthy";
  }
  return "unhealthy";
}

void Health::Add(std::string module, std::string dependency, Dependency kind, CheckFunction check) {
  absl::MutexLock lock(&mutex_);
  // Unhealthy until it has been looked at: a service must not be ready on hope.
  entries_.push_back({std::move(module), std::move(dependency), kind, std::move(check),
                      absl::UnavailableError("not checked yet")});
}

void Health::CheckAll(absl::Duration timeout) {
  std::vector<CheckFunction> checks;
  {
    absl::MutexLock lock(&mutex_);
    for (const Entry& entry : entries_) checks.push_back(entry.check);
  }
  // Outside of the lock: a check takes as long as its dependency does.
  std::vector<absl::Status> results;
  for (const CheckFunction& check : checks) results.push_back(check(Call::Background(timeout)));
  absl::MutexLock lock(&mutex_);
  for (size_t i = 0; i < results.size(); ++i) entries_[i].result = std::move(results[i]);
}

ModuleHealth Health::Of(std::string_view module) const {
  absl::MutexLock lock(&mutex_);
  return Combine(module);
}

ModuleHealth Health::Overall() const {
  absl::MutexLock lock(&mutex_);
  return Combine("");
}

ModuleHealth Health::Combine(std::string_view module) const {
  ModuleHealth health;
  for (const Entry& entry : entries_) {
    if (!module.empty() && entry.module != module) continue;
    HealthState state = HealthState::kHealthy;
    if (!entry.result.ok()) {
      state =
          entry.kind == Dependency::kRequired ? HealthState::kUnhealthy : HealthState::kDegraded;
      health.failures[entry.dependency] = entry.result;
    }
    HealthState& known = health.dependencies[entry.dependency];
    known = std::max(known, state);
    health.state = std::max(health.state, state);
  }
  return health;
}

}  // namespace selfology::service
