#include "services/platform/file/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"

namespace selfology::file {
namespace {

constexpr int kAway = 100;  // From the numbers that descriptors have in children.

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> CommandOf(const OwnProgram& own, const ChildStart& start) {
  std::vector<std::string> words = {start.name};
  if (!own.program.empty()) {
    words = {own.path, "--argv0", start.name};
    if (!own.libraries.empty()) words.insert(words.end(), {"--library-path", own.libraries});
    words.push_back(own.program);
  }
  words.insert(words.end(), start.arguments.begin(), start.arguments.end());
  return words;
}

}  // namespace

void Descriptor::Close() {
  if (number_ >= 0) close(number_);
  number_ = -1;
}

absl::Status CannotStart() { return absl::UnavailableError("no process can be started"); }

absl::StatusOr<OwnProgram> ThisProgram() {
  char path[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof(path));
  if (size <= 0) return CannotStart();
  OwnProgram own{.path = std::string(path, size)};
  const std::string_view name = std::string_view(own.path).substr(own.path.rfind('/') + 1);
  if (!absl::StartsWith(name, "ld-linux")) return own;
  std::ifstream file("/proc/self/cmdline");
  const std::string line{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::vector<std::string> arguments = absl::StrSplit(line, '\0');
  for (size_t i = 1; i < arguments.size(); i += 2) {  // An option and its value.
    if (!absl::StartsWith(arguments[i], "--")) {
      own.program = arguments[i];
      return own;
    }
    if (i + 1 < arguments.size() && arguments[i] == "--library-path") {
      own.libraries = arguments[i + 1];
    }
  }
  return CannotStart();
}

absl::StatusOr<pid_t> StartItself(const ChildStart& start) {
  ASSIGN_OR_RETURN(const OwnProgram own, ThisProgram());
  std::vector<std::string> command = CommandOf(own, start);
  // Of the environment, which may hold secrets, only what the loader needs.
  std::vector<std::string> environment = start.environment;
  if (const char* libraries = getenv("LD_LIBRARY_PATH")) {
    environment.push_back(absl::StrCat("LD_LIBRARY_PATH=", libraries));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  const absl::Cleanup done = [&] {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  };
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<Descriptor> copies;
  for (const auto& [ours, theirs] : start.descriptors) {
    const Descriptor& copy = copies.emplace_back(fcntl(ours, F_DUPFD_CLOEXEC, kAway));
    if (copy.get() < 0) return CannotStart();
    posix_spawn_file_actions_adddup2(&actions, copy.get(), theirs);
  }
  sigset_t none;
  sigemptyset(&none);
  sigset_t all_signals;
  sigfillset(&all_signals);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all_signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t child = 0;
  if (posix_spawn(&child, own.path.c_str(), &actions, &attributes, Pointers(command).data(),
                  Pointers(environment).data()) != 0) {
    return CannotStart();
  }
  return child;
}

bool WaitFor(int descriptor, absl::Time deadline, const Call& call) {
  for (;;) {
    if (call.Cancelled()) return false;
    const absl::Duration left = deadline - absl::Now();
    const bool is_late = left <= absl::ZeroDuration();
    const int64_t wait = absl::ToInt64Milliseconds(std::min(left, absl::Milliseconds(100)));
    pollfd waited = {.fd = descriptor, .events = POLLIN, .revents = 0};
    const int ready = poll(&waited, 1, is_late ? 0 : static_cast<int>(wait) + 1);
    if (ready > 0) return true;
    if (is_late || (ready < 0 && errno != EINTR)) return false;
  }
}

void Kill(int process) { syscall(SYS_pidfd_send_signal, process, SIGKILL, nullptr, 0); }

std::optional<std::string> AwaitAnswer(int process, int answer, size_t longest, absl::Time deadline,
                                       const Call& call) {
  std::string said;
  bool in_time = true;
  std::array<char, 4096> buffer;
  while (in_time && said.size() < longest) {
    in_time = WaitFor(answer, deadline, call);
    if (!in_time) break;
    const ssize_t got = read(answer, buffer.data(), std::min(buffer.size(), longest - said.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    said.append(buffer.data(), got);
  }
  if (in_time && WaitFor(process, deadline, call)) return said;
  Kill(process);
  return std::nullopt;
}

}  // namespace selfology::file
