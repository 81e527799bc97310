#include "tests/bench/programs.h"

#include <errno.h>
#include <sched.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"

namespace selfology::bench {
namespace {

std::string Runfiles() {
  for (const char* variable : {"TEST_SRCDIR", "RUNFILES_DIR"}) {
    if (const char* folder = std::getenv(variable); folder != nullptr) return folder;
  }
  return std::filesystem::absolute(absl::StrCat(program_invocation_name, ".runfiles")).string();
}

}  // namespace

absl::StatusOr<std::unique_ptr<servers::Process>> StartProgram(
    const std::string& program, const std::vector<std::string>& arguments,
    const std::vector<std::string>& environment, std::string_view ready) {
  const std::string runfiles = Runfiles();
  std::vector<std::string> argv = {absl::StrCat(runfiles, "/debian_sysroot/run"),
                                   absl::StrCat(runfiles, "/selfology/", program)};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  ASSIGN_OR_RETURN(auto process,
                   servers::Process::Start({.argv = argv, .environment = environment}));
  RETURN_IF_ERROR(process->WaitForOutput(ready, absl::Now() + absl::Seconds(60)));
  return process;
}

void Confine(int pid, int cores) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  for (int core = 0; core < cores; ++core) CPU_SET(core, &allowed);
  std::error_code ignored;
  for (const auto& task :
       std::filesystem::directory_iterator(absl::StrCat("/proc/", pid, "/task"), ignored)) {
    sched_setaffinity(std::atoi(task.path().filename().c_str()), sizeof allowed, &allowed);
  }
}

}  // namespace selfology::bench
