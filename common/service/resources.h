// What a process uses of what it has, and what is too much of it (R004-22): memory, CPU, disk, open
// files, queues and circuit breakers. "Degraded" begins above 80 % of a resource, above 1000 in a
// queue (R004's limits for alerts), and with an open circuit.
//
//   Resources resources(folder);
//   resources.Sample(now);              // by a timer: CPU is that of the last minute
//   Use use = resources.Now();
//   use.queues["unsent_messages"] = 1200;
//   Strained(use)                       // {"queue unsent_messages: 1200, above 1000"}
//
// Threads: Strained and StateOf are pure; Resources is thread-safe.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/service/health.h"

namespace selfology::service {

inline constexpr double kLargestShare = 0.8;
inline constexpr double kLongestQueue = 1000;

struct Resource {
  double used = 0;
  double limit = 0;  // In the same unit; 0: unknown, or none.

  double Share() const { return limit > 0 ? used / limit : 0; }
};
HealthState StateOf(const Resource& resource);
HealthState StateOfQueue(double length);
// As circuit_breaker_state has it: 0 closed, 1 half open, 2 open.
HealthState StateOfBreaker(double state);

struct Use {
  std::map<std::string, Resource> resources;  // "memory_bytes", "cpu_cores", "disk_bytes", ...
  std::map<std::string, double> queues;       // Name to length.
  std::map<std::string, double> breakers;     // Target to state.
};

// What is wrong, a sentence each, for people; empty: nothing.
std::vector<std::string> Strained(const Use& use);

// CPU over a window, from what a process had used at some times.
class CpuLoad {
 public:
  explicit CpuLoad(absl::Duration window) : window_(window) {}

  void Add(absl::Time now, double cpu_seconds);
  // On average over what is known of the window; 0 until there are two samples.
  double Cores() const;

 private:
  const absl::Duration window_;
  std::deque<std::pair<absl::Time, double>> samples_;
};

class Resources {
 public:
  // folder: whose disk is looked at; empty: the current one.
  explicit Resources(std::string folder) : folder_(std::move(folder)) {}

  void Sample(absl::Time now);
  // The resources of this process; no queues and no breakers.
  Use Now() const;

 private:
  const std::string folder_;
  mutable absl::Mutex mutex_;
  CpuLoad cpu_ ABSL_GUARDED_BY(mutex_) = CpuLoad(absl::Minutes(1));
};

}  // namespace selfology::service
