#include "common/redis/connection.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::redis {

// Lets hiredis's parser build Replies in place instead of its own reply objects.
struct ReplyBuilder {
  static void* Place(const redisReadTask* task, Reply reply) {
    if (task->parent == nullptr) return new (std::nothrow) Reply(std::move(reply));
    Reply& slot = static_cast<Reply*>(task->parent->obj)->elements_[task->idx];
    slot = std::move(reply);
    return &slot;
  }
  static void* String(const redisReadTask* task, char* text, size_t size) {
    std::string value(text, size);
    return Place(task, task->type == REDIS_REPLY_ERROR ? Reply::OfError(std::move(value))
                                                       : Reply::OfString(std::move(value)));
  }
  static void* Array(const redisReadTask* task, int size) {
    return Place(task, Reply::OfArray(std::vector<Reply>(size)));
  }
  static void* Integer(const redisReadTask* task, long long value) {
    return Place(task, Reply::OfInteger(value));
  }
  static void* Nil(const redisReadTask* task) { return Place(task, Reply()); }
  // Called for whole replies only; the elements belong to them.
  static void Free(void* reply) { delete static_cast<Reply*>(reply); }
};

namespace {

// How soon a wait sees that its call was cancelled.
constexpr absl::Duration kCancellationLatency = absl::Milliseconds(100);
constexpr size_t kReadBytes = size_t{64} * 1024;

redisReplyObjectFunctions kBuildReplies = {&ReplyBuilder::String, &ReplyBuilder::Array,
                                           &ReplyBuilder::Integer, &ReplyBuilder::Nil,
                                           &ReplyBuilder::Free};

}  // namespace

void Connection::FreeContext::operator()(redisContext* context) const { redisFree(context); }

Connection::Connection(Address address, std::string client_name)
    : address_(std::move(address)),
      client_name_(std::move(client_name)),
      interrupt_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Connection::~Connection() {
  if (interrupt_fd_ >= 0) close(interrupt_fd_);
}

absl::StatusOr<Reply> Connection::Command(const Call& call, const Args& args) {
  ASSIGN_OR_RETURN(Replies replies, Pipeline(call, Batch().Add(args)));
  return std::move(replies.front());
}

absl::StatusOr<Replies> Connection::Pipeline(const Call& call, const Batch& batch) {
  Replies judged;
  if (batch.empty()) return judged;
  RETURN_IF_ERROR(StillWanted(call));  // Before anything is sent.
  if (context_ == nullptr) {
    if (absl::Status opened = Open(call); !opened.ok()) {
      Close();
      return opened;
    }
  }
  absl::StatusOr<std::vector<Reply>> replies = Exchange(call, batch);
  if (!replies.ok()) {
    Close();
    return replies.status();
  }
  judged.reserve(replies->size());
  for (Reply& reply : *replies) {
    if (reply.is_error()) {
      judged.push_back(reply.status());
    } else {
      judged.push_back(std::move(reply));
    }
  }
  return judged;
}

void Connection::Interrupt() {
  const uint64_t one = 1;
  // Can only fail when the counter is full, which is an interrupt too.
  [[maybe_unused]] const ssize_t written = write(interrupt_fd_, &one, sizeof one);
}

bool Connection::Usable() const {
  if (context_ == nullptr || context_->reader->pos != context_->reader->len) return false;
  if (tls_ != nullptr && tls_->HasPending()) return false;
  pollfd socket = {.fd = context_->fd, .events = POLLIN | POLLRDHUP, .revents = 0};
  return poll(&socket, 1, 0) == 0;
}

absl::Status Connection::Open(const Call& call) {
  if (interrupt_fd_ < 0) return Lost("no file descriptor is left");
  // Resolving a host name is the one wait that no deadline bounds.
  context_.reset(address_.host.empty()
                     ? redisConnectUnixNonBlock(address_.socket_path.c_str())
                     : redisConnectNonBlock(address_.host.c_str(), address_.port));
  if (context_ == nullptr) return Lost("no memory");
  if (context_->err != 0) return Lost(context_->errstr);
  fcntl(context_->fd, F_SETFD, FD_CLOEXEC);
  if (!address_.host.empty()) redisEnableKeepAlive(context_.get());
  redisReaderFree(context_->reader);
  context_->reader = redisReaderCreateWithFunctions(&kBuildReplies);
  if (context_->reader == nullptr) return Lost("no memory");

  RETURN_IF_ERROR(Await(call, POLLOUT));
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(context_->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return Lost("cannot connect", error);
  if (address_.tls) RETURN_IF_ERROR(StartTls(call));
  return SignIn(call);
}

absl::Status Connection::StartTls(const Call& call) {
  absl::StatusOr<std::unique_ptr<TlsSession>> session =
      TlsSession::Open(context_->fd, address_.host, address_.tls_files);
  if (!session.ok()) return Lost(session.status().message());
  tls_ = *std::move(session);
  while (true) {
    const absl::StatusOr<int> events = tls_->Handshake();
    if (!events.ok()) return Lost(events.status().message());
    if (*events == 0) return absl::OkStatus();
    RETURN_IF_ERROR(Await(call, *events).status());
  }
}

absl::Status Connection::SignIn(const Call& call) {
  Batch batch;
  if (!address_.password.empty()) {
    Args auth{"AUTH"};
    if (!address_.user.empty()) auth.Add(address_.user);
    batch.Add(auth.Add(address_.password));
  }
  if (address_.db != 0) batch.Add({"SELECT", address_.db});
  if (!client_name_.empty()) batch.Add({"CLIENT", "SETNAME", client_name_});
  if (batch.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<Reply> replies, Exchange(call, batch));
  for (const Reply& reply : replies) {
    if (reply.is_error()) return status::Annotate(reply.status(), address_.target);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Reply>> Connection::Exchange(const Call& call, const Batch& batch) {
  std::vector<Reply> replies;
  replies.reserve(batch.size());
  std::string_view unsent = batch.wire();
  while (true) {
    if (!unsent.empty()) RETURN_IF_ERROR(Send(&unsent));
    // Reading while there is still something to send: a server whose replies nobody takes stops
    // reading.
    ASSIGN_OR_RETURN(const int ready, Await(call, unsent.empty() ? POLLIN : POLLIN | POLLOUT));
    if ((ready & ~POLLOUT) == 0) continue;
    RETURN_IF_ERROR(Receive());
    while (replies.size() < batch.size()) {
      Reply reply;
      ASSIGN_OR_RETURN(const bool complete, Next(&reply));
      if (!complete) break;
      replies.push_back(std::move(reply));
    }
    if (replies.size() == batch.size()) return replies;
  }
}

absl::Status Connection::Send(std::string_view* unsent) {
  if (tls_ != nullptr) {
    const absl::StatusOr<size_t> taken = tls_->Send(*unsent);
    if (!taken.ok()) return Lost(taken.status().message());
    unsent->remove_prefix(*taken);
    return absl::OkStatus();
  }
  const ssize_t sent = send(context_->fd, unsent->data(), unsent->size(), MSG_NOSIGNAL);
  if (sent >= 0) {
    unsent->remove_prefix(sent);
  } else if (errno != EAGAIN && errno != EINTR) {
    return Lost("cannot send", errno);
  }
  return absl::OkStatus();
}

absl::Status Connection::Receive() {
  std::array<char, kReadBytes> bytes;
  ssize_t received = 0;
  if (tls_ != nullptr) {
    // A record is smaller than our buffer, so that nothing stays behind where poll does not see it.
    const absl::StatusOr<size_t> read = tls_->Receive(bytes.data(), bytes.size());
    if (!read.ok()) return Lost(read.status().message());
    if (*read == 0) return absl::OkStatus();
    received = static_cast<ssize_t>(*read);
  } else {
    received = recv(context_->fd, bytes.data(), bytes.size(), 0);
    if (received == 0) return Lost("connection closed by the server");
    if (received < 0) {
      if (errno == EAGAIN || errno == EINTR) return absl::OkStatus();
      return Lost("cannot receive", errno);
    }
  }
  if (redisReaderFeed(context_->reader, bytes.data(), received) != REDIS_OK) {
    return Lost(redisReaderGetError(context_->reader));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Connection::Next(Reply* reply) {
  void* built = nullptr;
  if (redisReaderGetReply(context_->reader, &built) != REDIS_OK) {
    return Lost(redisReaderGetError(context_->reader));
  }
  if (built == nullptr) return false;
  const std::unique_ptr<Reply> owned(static_cast<Reply*>(built));
  *reply = std::move(*owned);
  return true;
}

absl::Status Connection::StillWanted(const Call& call) const {
  if (call.Cancelled()) return absl::CancelledError("the call was cancelled");
  if (call.Remaining() > absl::ZeroDuration()) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat("redis ", address_.target, " did not answer in time"));
}

absl::StatusOr<int> Connection::Await(const Call& call, int events) {
  while (true) {
    RETURN_IF_ERROR(StillWanted(call));
    const timespec timeout =
        absl::ToTimespec(std::clamp(call.Remaining(), absl::ZeroDuration(), kCancellationLatency));
    std::array<pollfd, 2> sources = {
        pollfd{.fd = context_->fd, .events = static_cast<short>(events), .revents = 0},
        pollfd{.fd = interrupt_fd_, .events = POLLIN, .revents = 0}};
    const int ready = ppoll(sources.data(), sources.size(), &timeout, nullptr);
    if (ready < 0 && errno != EINTR) return Lost("cannot wait", errno);
    if (ready <= 0) continue;
    if (sources[1].revents != 0) {
      uint64_t count = 0;
      [[maybe_unused]] const ssize_t got = read(interrupt_fd_, &count, sizeof count);
      return absl::CancelledError("interrupted");
    }
    return sources[0].revents;
  }
}

absl::Status Connection::Lost(std::string_view what, int error_number) const {
  return Outage(absl::StrCat("redis ", address_.target, ": ", what, error_number == 0 ? "" : ": ",
                             error_number == 0 ? "" : std::strerror(error_number)));
}

void Connection::Close() {
  tls_.reset();
  context_.reset();
}

}  // namespace selfology::redis
