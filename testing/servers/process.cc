#include "testing/servers/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

extern char** environ;

namespace selfology::servers {
namespace {

constexpr size_t kMaxOutput = size_t{1} << 20;  // Bytes.
constexpr size_t kQuotedOutput = 2000;          // Bytes of the output's end that errors repeat.

std::string_view NameOf(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

// This program's environment with some variables set otherwise.
std::vector<std::string> Environment(const std::vector<std::string>& changes) {
  std::vector<std::string> all = changes;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const bool changed = std::any_of(changes.begin(), changes.end(), [&](const auto& change) {
      return NameOf(change) == NameOf(*variable);
    });
    if (!changed) all.push_back(*variable);
  }
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

[[noreturn]] void Exec(char* const* argv, char* const* environment, const char* directory,
                       int output, pid_t parent) {
  // Only calls that are allowed between fork and exec in a program with threads.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // It died before prctl could tell.
  // A terminal's Ctrl-C is for this program, which then ends its children in their order.
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  // Sockets of ours that know no O_CLOEXEC: held by a child as well, they would stay open after we
  // closed them, and whoever is at the other end would wait for us.
  close_range(STDERR_FILENO + 1, ~0U, 0);
  if (*directory != '\0' && chdir(directory) != 0) {
    dprintf(STDERR_FILENO, "%s: %s\n", directory, strerrordesc_np(errno));
    _exit(127);
  }
  execve(argv[0], argv, environment);
  dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerrordesc_np(errno));
  _exit(127);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Process>> Process::Start(ProcessOptions options) {
  if (options.argv.empty()) return absl::InvalidArgumentError("argv is empty");
  std::unique_ptr<Process> process(new Process);
  process->watcher_ = std::thread([p = process.get(), options = std::move(options)]() mutable {
    p->Watch(std::move(options));
  });
  absl::MutexLock lock(&process->mutex_);
  process->mutex_.Await(absl::Condition(&process->forked_));
  if (!process->started_.ok()) return process->started_;
  return process;
}

Process::~Process() {
  Signal(SIGKILL);
  watcher_.join();
}

// The watcher thread: forks, follows the output to its end, collects the exit code.
void Process::Watch(ProcessOptions options) {
  std::vector<std::string> environment = Environment(options.environment);
  const std::vector<char*> argv = Pointers(options.argv);
  const std::vector<char*> variables = Pointers(environment);
  const pid_t parent = getpid();
  int pipe_ends[2];
  absl::Status started;
  pid_t pid = -1;
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
    started = absl::InternalError(absl::StrCat("pipe: ", strerrordesc_np(errno)));
  } else {
    pid = fork();
    if (pid == 0) {
      Exec(argv.data(), variables.data(), options.directory.c_str(), pipe_ends[1], parent);
    }
    if (pid < 0) started = absl::InternalError(absl::StrCat("fork: ", strerrordesc_np(errno)));
    close(pipe_ends[1]);
  }
  {
    absl::MutexLock lock(&mutex_);
    pid_ = pid;
    started_ = started;
    forked_ = true;
    if (!started.ok()) exit_code_ = 127;
  }
  if (pid < 0) return;

  // Its output ends once it and all that it started have ended: only then may another take its
  // place.
  ReadOutput(pipe_ends[0], options);
  close(pipe_ends[0]);
  siginfo_t info;
  while (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  // From here on nobody signals this pid, which may be another process's soon.
  absl::MutexLock lock(&mutex_);
  int status = 0;
  waitpid(pid, &status, 0);
  exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void Process::ReadOutput(int fd, const ProcessOptions& options) {
  std::ofstream file;
  if (!options.output_file.empty()) file.open(options.output_file, std::ios::app);
  bool forward = options.forward_output;
  char buffer[4096];
  while (true) {
    const ssize_t size = read(fd, buffer, sizeof(buffer));
    if (size == 0 || (size < 0 && errno != EINTR)) return;
    if (size < 0) continue;
    if (forward && write(STDERR_FILENO, buffer, size) < 0) forward = false;
    if (file.is_open()) file.write(buffer, size).flush();
    absl::MutexLock lock(&mutex_);
    output_.append(buffer, std::min<size_t>(size, kMaxOutput - output_.size()));
  }
}

pid_t Process::pid() const {
  absl::MutexLock lock(&mutex_);
  return pid_;
}

bool Process::running() const {
  absl::MutexLock lock(&mutex_);
  return !exit_code_.has_value();
}

void Process::Signal(int signal) {
  absl::MutexLock lock(&mutex_);
  if (!exit_code_.has_value()) kill(pid_, signal);
}

absl::StatusOr<int> Process::Wait(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto ended = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return exit_code_.has_value(); };
  if (mutex_.AwaitWithDeadline(absl::Condition(&ended), deadline)) return *exit_code_;
  return absl::DeadlineExceededError("the process still runs");
}

absl::Status Process::WaitForOutput(std::string_view text, absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  const auto said = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return absl::StrContains(output_, text);
  };
  const auto decided = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return said() || exit_code_.has_value();
  };
  const bool in_time = mutex_.AwaitWithDeadline(absl::Condition(&decided), deadline);
  if (said()) return absl::OkStatus();
  const std::string_view all = output_;
  const std::string_view end = all.substr(all.size() - std::min(all.size(), kQuotedOutput));
  if (!in_time) {
    return absl::DeadlineExceededError(absl::StrCat("it has not said \"", text, "\": ", end));
  }
  return absl::FailedPreconditionError(
      absl::StrCat("it ended with exit code ", *exit_code_, ": ", end));
}

std::string Process::output() const {
  absl::MutexLock lock(&mutex_);
  return output_;
}

}  // namespace selfology::servers
