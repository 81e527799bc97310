// What a process takes from its machine, and what it may take: the standard process_* metrics, and
// the disk below a folder.
//
//   ProcessMetrics process(&metrics, "/var/lib/selfology");
//   process.Refresh();   // before each scrape: reads /proc
//
//   process_cpu_seconds_total, process_resident_memory_bytes, process_virtual_memory_bytes,
//   process_open_fds, process_max_fds, process_threads, process_start_time_seconds (Unix time):
//     as Prometheus' own client libraries have them.
//   process_memory_limit_bytes, process_cpu_limit_cores: what the process may take, by its cgroup
//     or else all that the machine has.
//   state_disk_free_bytes, state_disk_total_bytes: of the file system that the folder is on; free
//     is what a process without privileges may still write, total that and what is used.
//
// Errors: what cannot be read stays as it was, and is not shown before it could be read once.
// Threads: the functions may be called from any; ProcessMetrics is thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/observe/metrics.h"

namespace selfology::observe {

// /proc/<pid>/stat, in the kernel's own units.
struct ProcessStat {
  uint64_t user_ticks = 0;
  uint64_t system_ticks = 0;
  uint64_t threads = 0;
  uint64_t start_ticks = 0;  // Since the machine started.
  uint64_t virtual_bytes = 0;
  uint64_t resident_pages = 0;
};
// INVALID_ARGUMENT where it has not the form of proc(5). The program's name may hold anything.
absl::StatusOr<ProcessStat> ParseProcessStat(std::string_view text);

// When the machine started, in seconds of Unix time: the line "btime" of /proc/stat.
absl::StatusOr<uint64_t> ParseBootTime(std::string_view text);

// A cgroup's memory.max ("max" or bytes) and cpu.max ("max 100000" or "150000 100000", as cores);
// nullopt: no limit, or not of that form.
std::optional<uint64_t> ParseMemoryMax(std::string_view text);
std::optional<double> ParseCpuMax(std::string_view text);

struct ProcessUse {
  double cpu_seconds = 0;  // Since it started.
  uint64_t resident_bytes = 0;
  uint64_t virtual_bytes = 0;
  uint64_t threads = 0;
  uint64_t open_files = 0;
  uint64_t max_files = 0;
  double start_time = 0;  // Seconds of Unix time.
};
// Of this process.
absl::StatusOr<ProcessUse> ReadProcessUse();

struct ProcessLimits {
  uint64_t memory_bytes = 0;
  double cpu_cores = 0;
};
ProcessLimits ReadProcessLimits();

struct DiskSpace {
  uint64_t free_bytes = 0;
  uint64_t total_bytes = 0;
};
absl::StatusOr<DiskSpace> ReadDiskSpace(const std::string& folder);

class ProcessMetrics {
 public:
  // metrics outlives it. folder: see above; empty: the current one.
  ProcessMetrics(Metrics* metrics, std::string folder);

  void Refresh();

 private:
  Metrics& metrics_;
  const std::string folder_;
  absl::Mutex mutex_;
  double cpu_seconds_ ABSL_GUARDED_BY(mutex_) = 0;  // What the counter says.
};

}  // namespace selfology::observe
