#include "services/platform/file/pictures/pictures.h"

#include <fcntl.h>
#include <linux/memfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "services/platform/file/child_process.h"
#include "services/platform/file/file_rules.h"
#include "services/platform/file/pictures/picture_child.h"

namespace selfology::file {
namespace {

using std::string_view_literals::operator""sv;

constexpr size_t kLongestLine = 512;
constexpr absl::Duration kServerPatience = absl::Seconds(20);  // With its start, on a busy machine.

absl::StatusOr<pid_t> SpawnServer(int requests) {
  return StartItself({.name = kPictureChild,
                      .environment = {"VIPS_CONCURRENCY=1"},
                      .descriptors = {{requests, kInput}}});
}

// Asks the server for a process. False: it is gone, or takes no more.
bool Send(int requests, const std::string& words, int input, int output, int answer) {
  const int descriptors[kDescriptors] = {input, output, answer};
  iovec part = {.iov_base = const_cast<char*>(words.data()), .iov_len = words.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(descriptors))] = {};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(descriptors));
  std::memcpy(CMSG_DATA(header), descriptors, sizeof(descriptors));
  return sendmsg(requests, &message, MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(words.size());
}

// The process that was asked for first, as a pidfd; -1: the server is gone.
int Receive(int requests) {
  char nothing = 0;
  iovec part = {.iov_base = &nothing, .iov_len = 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  ssize_t got = -1;
  do {
    got = recvmsg(requests, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  const cmsghdr* const header = got == 1 ? CMSG_FIRSTHDR(&message) : nullptr;
  int process = -1;
  if (header == nullptr || header->cmsg_len != CMSG_LEN(sizeof(process))) return -1;
  std::memcpy(&process, CMSG_DATA(header), sizeof(process));
  return process;
}

}  // namespace

absl::StatusOr<PictureBytes> PictureBytes::Make() {
  const int file = memfd_create("picture", MFD_CLOEXEC);
  if (file < 0) return absl::UnavailableError("no memory for a picture");
  return PictureBytes(file);
}

PictureBytes::~PictureBytes() {
  if (file_ >= 0) close(file_);
}

absl::Status PictureBytes::Add(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return absl::UnavailableError("no memory for a picture");
    bytes.remove_prefix(written);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> PictureBytes::ReadAll() const {
  struct stat about;
  if (fstat(file_, &about) != 0) return absl::UnavailableError("a picture's memory cannot be read");
  std::string bytes(about.st_size, '\0');
  for (size_t have = 0; have < bytes.size();) {
    const ssize_t got = pread(file_, bytes.data() + have, bytes.size() - have, have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return absl::UnavailableError("a picture's memory cannot be read");
    have += got;
  }
  return bytes;
}

absl::StatusOr<std::string> Pictures::Run(const Call& call,
                                          const std::vector<std::string>& arguments, int input,
                                          int output) {
  {
    absl::MutexLock lock(&mutex_);
    const auto is_free = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return free_ > 0; };
    if (!mutex_.AwaitWithDeadline(absl::Condition(&is_free), call.deadline())) {
      return absl::UnavailableError("too many pictures at once");
    }
    --free_;
  }
  const absl::Cleanup give_back = [this] {
    absl::MutexLock lock(&mutex_);
    ++free_;
  };
  if (kPictureChildIsLinked != 1 || lseek(input, 0, SEEK_SET) != 0) return CannotStart();
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return CannotStart();
  const Descriptor answer(ends[0]);
  Descriptor say(ends[1]);
  ASSIGN_OR_RETURN(const int child, Begin(call, arguments, input, output, say.get()));
  const Descriptor process(child);
  say.Close();
  const std::optional<std::string> said =
      AwaitAnswer(process.get(), answer.get(), kLongestLine,
                  std::min(call.deadline(), absl::Now() + options_.patience), call);
  if (!said.has_value()) {
    if (call.Cancelled()) return absl::CancelledError("the caller is gone");
    return absl::FailedPreconditionError("the picture takes too long to read");
  }
  std::string_view line = *said;
  if (TakePrefix(line, "refused ")) return absl::FailedPreconditionError(line);
  if (TakePrefix(line, "ok ")) return std::string(line);
  return absl::FailedPreconditionError("the picture takes too much memory or time to read");
}

Pictures::~Pictures() { EndServer(); }

absl::StatusOr<int> Pictures::Begin(const Call& call, const std::vector<std::string>& arguments,
                                    int input, int output, int answer) {
  std::string words;
  for (const std::string& argument : arguments) absl::StrAppend(&words, argument, "\0"sv);
  if (words.size() > kLongestWords) return CannotStart();
  {
    absl::MutexLock lock(&mutex_);
    const auto is_free = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !is_asked_; };
    if (!mutex_.AwaitWithDeadline(absl::Condition(&is_free), call.deadline())) {
      return absl::UnavailableError("too many pictures at once");
    }
    is_asked_ = true;
  }
  const absl::Cleanup done = [this] {
    absl::MutexLock lock(&mutex_);
    is_asked_ = false;
  };
  // One that has waited in vain for a while has ended, perhaps just now.
  for (int tried = 0; tried < 2; ++tried) {
    RETURN_IF_ERROR(StartServer());
    ASSIGN_OR_RETURN(const int process, Ask(call, words, input, output, answer));
    if (process >= 0) return process;
    EndServer();
  }
  return CannotStart();
}

// -1: the server is gone, or hangs.
absl::StatusOr<int> Pictures::Ask(const Call& call, const std::string& words, int input, int output,
                                  int answer) {
  if (!Send(server_.requests, words, input, output, answer)) return -1;
  if (++server_.owed == 1) server_.silent_since = absl::Now();
  for (;;) {
    const absl::Time hangs_at = server_.silent_since + kServerPatience;
    if (!WaitFor(server_.requests, std::min(call.deadline(), hangs_at), call)) {
      if (absl::Now() >= hangs_at) return -1;
      if (call.Cancelled()) return absl::CancelledError("the caller is gone");
      return absl::UnavailableError("no process for pictures was started in time");
    }
    const int process = Receive(server_.requests);
    if (process < 0) return -1;
    server_.silent_since = absl::Now();
    if (--server_.owed == 0) return process;
    // Nobody waits for it any more.
    Kill(process);
    close(process);
  }
}

absl::Status Pictures::StartServer() {
  if (server_.requests >= 0) return absl::OkStatus();
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return CannotStart();
  const Descriptor theirs(ends[1]);
  const absl::StatusOr<pid_t> pid = SpawnServer(theirs.get());
  if (!pid.ok()) {
    close(ends[0]);
    return pid.status();
  }
  server_ = {.requests = ends[0], .pid = *pid, .owed = 0, .silent_since = absl::Now()};
  return absl::OkStatus();
}

void Pictures::EndServer() {
  if (server_.requests < 0) return;
  close(server_.requests);
  server_.requests = -1;
  kill(server_.pid, SIGKILL);  // What it started goes with it.
  while (waitpid(server_.pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

absl::StatusOr<Look> Pictures::LookAt(const Call& call, const PictureBytes& input) {
  ASSIGN_OR_RETURN(const PictureBytes nothing, PictureBytes::Make());
  ASSIGN_OR_RETURN(const std::string line,
                   Run(call, {"look"}, input.descriptor(), nothing.descriptor()));
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  Look look;
  if (words.size() != 4 || !absl::SimpleAtoi(words[1], &look.width) ||
      !absl::SimpleAtoi(words[2], &look.height) || !absl::SimpleAtoi(words[3], &look.frames)) {
    return absl::InternalError("the process for pictures answers nonsense");
  }
  look.media_type = absl::StrCat("image/", words[0]);
  return look;
}

absl::StatusOr<Made> Pictures::Make(const Call& call, const PictureBytes& input,
                                    const VariantSpec& spec) {
  ASSIGN_OR_RETURN(const PictureBytes output, PictureBytes::Make());
  ASSIGN_OR_RETURN(const std::string line,
                   Run(call,
                       {"make", absl::StrCat(spec.width), absl::StrCat(spec.height),
                        spec.cover ? "1" : "0", std::string(MediaTypeOf(spec.format).substr(6)),
                        absl::StrCat(spec.quality), absl::StrCat(spec.max_bytes)},
                       input.descriptor(), output.descriptor()));
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  Made made;
  if (words.size() != 2 || !absl::SimpleAtoi(words[0], &made.width) ||
      !absl::SimpleAtoi(words[1], &made.height)) {
    return absl::InternalError("the process for pictures answers nonsense");
  }
  ASSIGN_OR_RETURN(made.bytes, output.ReadAll());
  return made;
}

}  // namespace selfology::file
