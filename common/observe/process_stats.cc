#include "common/observe/process_stats.h"

#include <dirent.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace selfology::observe {
namespace {

// Fields of proc(5) that stand behind the program's name, counted from the state, which is 0.
constexpr size_t kUserTicks = 11;
constexpr size_t kSystemTicks = 12;
constexpr size_t kThreads = 17;
constexpr size_t kStartTicks = 19;
constexpr size_t kVirtualBytes = 20;
constexpr size_t kResidentPages = 21;
constexpr size_t kFields = 22;

absl::StatusOr<std::string> Read(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::UnavailableError(absl::StrCat("cannot read ", path));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

absl::StatusOr<uint64_t> CountOpenFiles() {
  DIR* const folder = opendir("/proc/self/fd");
  if (folder == nullptr) return absl::UnavailableError("cannot read /proc/self/fd");
  uint64_t entries = 0;
  while (readdir(folder) != nullptr) ++entries;
  closedir(folder);
  // ".", "..", and the one that reads the folder.
  return entries - std::min<uint64_t>(entries, 3);
}

// The machine's or container's, version 2 and version 1.
constexpr std::array kMemoryFiles = {"/sys/fs/cgroup/memory.max",
                                     "/sys/fs/cgroup/memory/memory.limit_in_bytes"};

std::optional<double> CpuQuota() {
  if (const auto text = Read("/sys/fs/cgroup/cpu.max"); text.ok()) return ParseCpuMax(*text);
  const auto quota = Read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  const auto period = Read("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  if (!quota.ok() || !period.ok()) return std::nullopt;
  return ParseCpuMax(absl::StrCat(*quota, " ", *period));
}

}  // namespace

absl::StatusOr<ProcessStat> ParseProcessStat(std::string_view text) {
  // "42 (any (name) at all) S 1 ...": the last bracket ends the name.
  const size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 > text.size()) {
    return absl::InvalidArgumentError("stat: no name in brackets");
  }
  const std::vector<std::string_view> fields =
      absl::StrSplit(absl::StripAsciiWhitespace(text.substr(name_end + 1)), ' ');
  if (fields.size() < kFields) {
    return absl::InvalidArgumentError(
        absl::StrCat("stat: ", fields.size(), " fields behind the name, fewer than ", kFields));
  }
  ProcessStat stat;
  const std::pair<size_t, uint64_t*> wanted[] = {{kUserTicks, &stat.user_ticks},
                                                 {kSystemTicks, &stat.system_ticks},
                                                 {kThreads, &stat.threads},
                                                 {kStartTicks, &stat.start_ticks},
                                                 {kVirtualBytes, &stat.virtual_bytes},
                                                 {kResidentPages, &stat.resident_pages}};
  for (const auto& [field, value] : wanted) {
    if (!absl::SimpleAtoi(fields[field], value)) {
      return absl::InvalidArgumentError(
          absl::StrCat("stat: field ", field + 3, " must be a whole number"));
    }
  }
  return stat;
}

absl::StatusOr<uint64_t> ParseBootTime(std::string_view text) {
  for (std::string_view line : absl::StrSplit(text, '\n')) {
    uint64_t seconds = 0;
    if (line.starts_with("btime ") && absl::SimpleAtoi(line.substr(6), &seconds)) return seconds;
  }
  return absl::InvalidArgumentError("stat: no line btime");
}

std::optional<uint64_t> ParseMemoryMax(std::string_view text) {
  uint64_t bytes = 0;
  if (!absl::SimpleAtoi(absl::StripAsciiWhitespace(text), &bytes)) return std::nullopt;
  return bytes;
}

std::optional<double> ParseCpuMax(std::string_view text) {
  const std::vector<std::string_view> words =
      absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  int64_t quota = 0;
  int64_t period = 0;
  if (words.size() != 2 || !absl::SimpleAtoi(words[0], &quota) ||
      !absl::SimpleAtoi(words[1], &period) || quota <= 0 || period <= 0) {
    return std::nullopt;
  }
  return static_cast<double>(quota) / static_cast<double>(period);
}

absl::StatusOr<ProcessUse> ReadProcessUse() {
  const absl::StatusOr<std::string> text = Read("/proc/self/stat");
  if (!text.ok()) return text.status();
  const absl::StatusOr<ProcessStat> stat = ParseProcessStat(*text);
  if (!stat.ok()) return stat.status();
  const absl::StatusOr<uint64_t> files = CountOpenFiles();
  if (!files.ok()) return files.status();
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  ProcessUse use;
  use.cpu_seconds = static_cast<double>(stat->user_ticks + stat->system_ticks) / ticks_per_second;
  use.resident_bytes = stat->resident_pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  use.virtual_bytes = stat->virtual_bytes;
  use.threads = stat->threads;
  use.open_files = *files;
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) use.max_files = limit.rlim_cur;
  const absl::StatusOr<std::string> machine = Read("/proc/stat");
  if (!machine.ok()) return machine.status();
  const absl::StatusOr<uint64_t> boot = ParseBootTime(*machine);
  if (!boot.ok()) return boot.status();
  use.start_time =
      static_cast<double>(*boot) + static_cast<double>(stat->start_ticks) / ticks_per_second;
  return use;
}

ProcessLimits ReadProcessLimits() {
  ProcessLimits limits;
  limits.memory_bytes =
      static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  for (const char* const path : kMemoryFiles) {
    const absl::StatusOr<std::string> text = Read(path);
    if (!text.ok()) continue;
    const std::optional<uint64_t> most = ParseMemoryMax(*text);
    if (most.has_value() && *most > 0) limits.memory_bytes = std::min(limits.memory_bytes, *most);
  }
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  limits.cpu_cores = sched_getaffinity(0, sizeof(cpus), &cpus) == 0
                         ? static_cast<double>(CPU_COUNT(&cpus))
                         : static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
  if (const std::optional<double> quota = CpuQuota(); quota.has_value()) {
    limits.cpu_cores = std::min(limits.cpu_cores, *quota);
  }
  return limits;
}

absl::StatusOr<DiskSpace> ReadDiskSpace(const std::string& folder) {
  struct statvfs disk = {};
  if (statvfs(folder.empty() ? "." : folder.c_str(), &disk) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("state_folder: ", folder));
  }
  // As df counts: what is kept for privileged processes is nobody's.
  const uint64_t used = disk.f_blocks - disk.f_bfree;
  return DiskSpace{.free_bytes = disk.f_bavail * disk.f_frsize,
                   .total_bytes = (used + disk.f_bavail) * disk.f_frsize};
}

ProcessMetrics::ProcessMetrics(Metrics* metrics, std::string folder)
    : metrics_(*metrics), folder_(std::move(folder)) {
  Refresh();
}

void ProcessMetrics::Refresh() {
  const auto set = [this](std::string_view name, std::string_view help, double value) {
    metrics_.Gauge(name, help).Set(value);
  };
  if (const absl::StatusOr<ProcessUse> use = ReadProcessUse(); use.ok()) {
    absl::MutexLock lock(&mutex_);
    // Read before another's scrape, and set after it: the counter never goes back.
    const double more = std::max(0.0, use->cpu_seconds - cpu_seconds_);
    cpu_seconds_ += more;
    metrics_
        .Counter("process_cpu_seconds_total", "Total user and system CPU time spent, in seconds")
        .Increment(more);
    set("process_resident_memory_bytes", "Resident memory size in bytes",
        static_cast<double>(use->resident_bytes));
    set("process_virtual_memory_bytes", "Virtual memory size in bytes",
        static_cast<double>(use->virtual_bytes));
    set("process_open_fds", "Number of open file descriptors",
        static_cast<double>(use->open_files));
    set("process_max_fds", "Maximum number of open file descriptors",
        static_cast<double>(use->max_files));
    set("process_threads", "Number of threads", static_cast<double>(use->threads));
    set("process_start_time_seconds", "Start time of the process since the Unix epoch, in seconds",
        use->start_time);
  }
  const ProcessLimits limits = ReadProcessLimits();
  set("process_memory_limit_bytes", "Memory that the process may take, in bytes",
      static_cast<double>(limits.memory_bytes));
  set("process_cpu_limit_cores", "CPU that the process may take, in cores", limits.cpu_cores);
  if (const absl::StatusOr<DiskSpace> disk = ReadDiskSpace(folder_); disk.ok()) {
    set("state_disk_free_bytes", "Space left on the disk of the state folder, in bytes",
        static_cast<double>(disk->free_bytes));
    set("state_disk_total_bytes", "Size of the disk of the state folder, in bytes",
        static_cast<double>(disk->total_bytes));
  }
}

}  // namespace selfology::observe
