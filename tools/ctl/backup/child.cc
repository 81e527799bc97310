#include "tools/ctl/backup/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

extern char** environ;

namespace selfology::ctl {
namespace {

constexpr size_t kBuffer = 1 << 18;
constexpr size_t kWords = 2000;  // Of a failure.

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// One end of a pipe to a running program.
class Running {
 public:
  // child_end: the descriptor of the program that the pipe becomes, 0 or 1.
  static absl::StatusOr<std::unique_ptr<Running>> Start(const Program& program, int child_end) {
    auto running = std::unique_ptr<Running>(new Running(program));
    // A program that ends early is no reason to end with it.
    signal(SIGPIPE, SIG_IGN);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return absl::InternalError("pipe");
    running->pipe_ = ends[child_end == STDOUT_FILENO ? 0 : 1];
    const int theirs = ends[child_end == STDOUT_FILENO ? 1 : 0];
    running->said_ = memfd_create("said", MFD_CLOEXEC);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, theirs, child_end);
    posix_spawn_file_actions_adddup2(&actions, running->said_, STDERR_FILENO);
    if (child_end == STDIN_FILENO) {
      posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    } else {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    std::vector<std::string> argv = program.argv, environment = program.environment;
    std::vector<char*> variables = Pointers(environment);
    variables.pop_back();
    // Of two of one name the first counts.
    for (char** each = environ; *each != nullptr; ++each) variables.push_back(*each);
    variables.push_back(nullptr);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t as_usual;
    sigemptyset(&as_usual);
    sigaddset(&as_usual, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &as_usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    const int failed = posix_spawnp(&running->pid_, argv[0].c_str(), &actions, &attributes,
                                    Pointers(argv).data(), variables.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(theirs);
    if (failed != 0) {
      running->pid_ = 0;
      return absl::FailedPreconditionError(absl::StrCat(argv[0], ": ", strerrordesc_np(failed)));
    }
    return running;
  }

  ~Running() {
    // Killed first: a program that reads an end may take what it got for whole.
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    CloseOurEnd();
    if (said_ >= 0) close(said_);
  }

  int pipe() const { return pipe_; }
  void CloseOurEnd() {
    if (pipe_ >= 0) close(std::exchange(pipe_, -1));
  }

  // Its end, in peace.
  absl::Status Wait() {
    CloseOurEnd();
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (code == 0 || code == also_good_) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(name_, " failed (", code, "): ", LastWords()));
  }

 private:
  explicit Running(const Program& program)
      : name_(std::filesystem::path(program.argv[0]).filename().string()),
        also_good_(program.also_good) {}

  std::string LastWords() const {
    const off_t size = lseek(said_, 0, SEEK_END);
    const auto wanted = static_cast<size_t>(std::min<off_t>(size, kWords));
    std::string words(wanted, '\0');
    const ssize_t got = pread(said_, words.data(), wanted, size - static_cast<off_t>(wanted));
    words.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
    return std::string(absl::StripAsciiWhitespace(words));
  }

  const std::string name_;
  const int also_good_;
  pid_t pid_ = 0;
  int pipe_ = -1;
  int said_ = -1;
};

}  // namespace

absl::Status ReadFrom(const Program& program, Bytes take) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Running> running, Running::Start(program, STDOUT_FILENO));
  std::string buffer(kBuffer, '\0');
  while (true) {
    const ssize_t got = read(running->pipe(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    RETURN_IF_ERROR(take(std::string_view(buffer).substr(0, static_cast<size_t>(got))));
  }
  return running->Wait();
}

absl::Status WriteTo(const Program& program, absl::FunctionRef<absl::Status(Bytes write)> source) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Running> running, Running::Start(program, STDIN_FILENO));
  bool listens = true;
  const auto write_all = [&](std::string_view bytes) -> absl::Status {
    while (!bytes.empty()) {
      const ssize_t written = write(running->pipe(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        listens = false;  // Why, it says itself.
        return absl::CancelledError("the program reads no more");
      }
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return absl::OkStatus();
  };
  const absl::Status sent = source(write_all);
  // What is not whole must not be taken for whole: the program is killed before it reads an end.
  if (!sent.ok() && listens) return sent;
  RETURN_IF_ERROR(running->Wait());
  return sent;
}

}  // namespace selfology::ctl
