#include "common/service/reports.h"

#include <utility>

namespace selfology::service {

void Reports::Add(std::string module, std::string name, Kind kind, std::function<double()> value) {
  absl::MutexLock lock(&mutex_);
  entries_.push_back({std::move(module), std::move(name), kind, std::move(value)});
}

std::vector<Reports::Entry> Reports::Copy() const {
  absl::MutexLock lock(&mutex_);
  return entries_;
}

std::map<std::string, double> Reports::Of(std::string_view module) const {
  std::map<std::string, double> values;
  for (const Entry& entry : Copy()) {
    if (module.empty() || entry.module == module) values[entry.name] = entry.value();
  }
  return values;
}

std::map<std::string, double> Reports::Queues() const {
  std::map<std::string, double> values;
  for (const Entry& entry : Copy()) {
    if (entry.kind == Kind::kQueue) values[entry.name] = entry.value();
  }
  return values;
}

}  // namespace selfology::service
