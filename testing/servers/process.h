// A child process that never outlives its owner: killed when the Process goes, and by the kernel
// when this program dies, however it dies.
//
//   ASSIGN_OR_RETURN(auto process, Process::Start({.argv = {path, "--port", "0"}}));
//   RETURN_IF_ERROR(process->WaitForOutput("ready to accept", absl::Now() + absl::Seconds(30)));
//   process->Signal(SIGTERM);
//   ASSIGN_OR_RETURN(int exit_code, process->Wait(absl::Now() + absl::Seconds(10)));
//
// Errors: Start gives INTERNAL when nothing can be forked (a program that cannot be executed exits
// with 127); WaitForOutput gives FAILED_PRECONDITION with the last output when the process ends
// first.
//
// Threads: may be used from any.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace selfology::servers {

struct ProcessOptions {
  std::vector<std::string> argv = {};         // argv[0]: the program's path.
  std::vector<std::string> environment = {};  // "NAME=value", beside this program's own.
  std::string directory = "";                 // To start in; empty: this program's.
  bool forward_output = false;                // Also write its output to our standard error.
  std::string output_file = "";               // Also append its output there, all of it.
};

class Process {
 public:
  static absl::StatusOr<std::unique_ptr<Process>> Start(ProcessOptions options);
  ~Process();  // SIGKILL, if it still runs.

  pid_t pid() const;
  bool running() const;
  void Signal(int signal);

  // Its exit code, or 128 + the signal that ended it. DEADLINE_EXCEEDED if it still runs.
  absl::StatusOr<int> Wait(absl::Time deadline);

  // Until its output (standard output and error together) has contained text.
  absl::Status WaitForOutput(std::string_view text, absl::Time deadline);
  std::string output() const;  // All of it, up to the first MiB.

 private:
  Process() = default;
  void Watch(ProcessOptions options);
  void ReadOutput(int fd, const ProcessOptions& options);

  mutable absl::Mutex mutex_;
  std::string output_ ABSL_GUARDED_BY(mutex_);
  std::optional<int> exit_code_ ABSL_GUARDED_BY(mutex_);
  absl::Status started_ ABSL_GUARDED_BY(mutex_);
  bool forked_ ABSL_GUARDED_BY(mutex_) = false;
  pid_t pid_ ABSL_GUARDED_BY(mutex_) = 0;
  // The child's parent thread: the kernel kills the child when that thread ends.
  std::thread watcher_;
};

}  // namespace selfology::servers
