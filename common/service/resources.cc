#include "common/service/resources.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/observe/process_stats.h"

namespace selfology::service {
namespace {

constexpr double kOpen = 2;

HealthState DegradedIf(bool strained) {
  return strained ? HealthState::kDegraded : HealthState::kHealthy;
}

}  // namespace

HealthState StateOf(const Resource& resource) {
  return DegradedIf(resource.Share() > kLargestShare);
}

HealthState StateOfQueue(double length) { return DegradedIf(length > kLongestQueue); }

HealthState StateOfBreaker(double state) { return DegradedIf(state >= kOpen); }

std::vector<std::string> Strained(const Use& use) {
  std::vector<std::string> findings;
  for (const auto& [name, resource] : use.resources) {
    if (StateOf(resource) == HealthState::kHealthy) continue;
    findings.push_back(absl::StrFormat("%s: %.0f %% used, above %.0f %%", name,
                                       resource.Share() * 100, kLargestShare * 100));
  }
  for (const auto& [name, length] : use.queues) {
    if (StateOfQueue(length) == HealthState::kHealthy) continue;
    findings.push_back(absl::StrFormat("queue %s: %.0f, above %.0f", name, length, kLongestQueue));
  }
  for (const auto& [target, state] : use.breakers) {
    if (StateOfBreaker(state) == HealthState::kHealthy) continue;
    findings.push_back(absl::StrCat("circuit breaker ", target, ": open"));
  }
  return findings;
}

void CpuLoad::Add(absl::Time now, double cpu_seconds) {
  if (!samples_.empty() && now <= samples_.back().first) return;
  samples_.emplace_back(now, cpu_seconds);
  // One that is older than the window stays, so that all of the window is known.
  while (samples_.size() > 2 && samples_[1].first <= now - window_) samples_.pop_front();
}

double CpuLoad::Cores() const {
  if (samples_.size() < 2) return 0;
  const auto& [began, first] = samples_.front();
  const auto& [ended, last] = samples_.back();
  return (last - first) / absl::ToDoubleSeconds(ended - began);
}

void Resources::Sample(absl::Time now) {
  const auto use = observe::ReadProcessUse();
  if (!use.ok()) return;
  absl::MutexLock lock(&mutex_);
  cpu_.Add(now, use->cpu_seconds);
}

Use Resources::Now() const {
  Use now;
  const observe::ProcessLimits limits = observe::ReadProcessLimits();
  if (const auto use = observe::ReadProcessUse(); use.ok()) {
    now.resources["memory_bytes"] = {.used = static_cast<double>(use->resident_bytes),
                                     .limit = static_cast<double>(limits.memory_bytes)};
    now.resources["open_files"] = {.used = static_cast<double>(use->open_files),
                                   .limit = static_cast<double>(use->max_files)};
  }
  if (const auto disk = observe::ReadDiskSpace(folder_); disk.ok()) {
    now.resources["disk_bytes"] = {
        .used = static_cast<double>(disk->total_bytes - disk->free_bytes),
        .limit = static_cast<double>(disk->total_bytes)};
  }
  absl::MutexLock lock(&mutex_);
  now.resources["cpu_cores"] = {.used = cpu_.Cores(), .limit = limits.cpu_cores};
  return now;
}

}  // namespace selfology::service
