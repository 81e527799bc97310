#include "services/platform/file/scan/scanner.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "common/http/listen_address.h"
#include "common/status/status_macros.h"

namespace selfology::file {
namespace {

constexpr size_t kChunk = 64 * 1024;
constexpr size_t kLongestReply = 4096;

absl::Status Gone() { return absl::UnavailableError("the scanner cannot be reached"); }

struct Address {
  sockaddr_storage bytes = {};
  socklen_t size = 0;
};

absl::StatusOr<Address> ReadAddress(const std::string& text) {
  Address address;
  if (absl::StartsWith(text, "/")) {
    auto* local = reinterpret_cast<sockaddr_un*>(&address.bytes);
    if (text.size() >= sizeof(local->sun_path)) {
      return absl::InvalidArgumentError("the scanner's socket has too long a path");
    }
    local->sun_family = AF_UNIX;
    std::memcpy(local->sun_path, text.c_str(), text.size() + 1);
    address.size = sizeof(*local);
    return address;
  }
  ASSIGN_OR_RETURN(const http::ListenAddress parsed, http::ParseListenAddress(text));
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.bytes);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.bytes);
  if (inet_pton(AF_INET, parsed.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(parsed.port);
    address.size = sizeof(*v4);
  } else if (inet_pton(AF_INET6, parsed.host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(parsed.port);
    address.size = sizeof(*v6);
  } else {
    return absl::InvalidArgumentError("the scanner's address must be a path or an IP address");
  }
  return address;
}

}  // namespace

absl::StatusOr<Scan> Scan::Begin(const Call& call, const std::string& text) {
  ASSIGN_OR_RETURN(const Address address, ReadAddress(text));
  const int made = socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made < 0) return Gone();
  Scan scan(call, made);
  if (connect(made, reinterpret_cast<const sockaddr*>(&address.bytes), address.size) != 0) {
    if (errno != EINPROGRESS) return Gone();
    RETURN_IF_ERROR(scan.Await(POLLOUT));
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(made, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return Gone();
  }
  RETURN_IF_ERROR(scan.Send(std::string_view("zINSTREAM\0", 10)));
  return scan;
}

Scan::~Scan() {
  if (socket_ >= 0) close(socket_);
}

absl::Status Scan::Await(short what) const {
  for (;;) {
    const absl::Duration left = call_.Remaining();
    if (left <= absl::ZeroDuration()) return absl::DeadlineExceededError("the scanner is slow");
    if (call_.Cancelled()) return absl::CancelledError("the caller is gone");
    pollfd waited = {.fd = socket_, .events = what, .revents = 0};
    const int ready = poll(
        &waited, 1,
        static_cast<int>(absl::ToInt64Milliseconds(std::min(left, absl::Milliseconds(100)))) + 1);
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return Gone();
  }
}

absl::Status Scan::Send(std::string_view bytes) {
  while (!bytes.empty() && !full_) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      RETURN_IF_ERROR(Await(POLLOUT));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      full_ = true;  // Too much for it; the answer waits to be read.
    } else if (errno != EINTR) {
      return Gone();
    }
  }
  return absl::OkStatus();
}

absl::Status Scan::Add(std::string_view bytes) {
  while (!bytes.empty() && !full_) {
    const std::string_view chunk = bytes.substr(0, kChunk);
    const uint32_t size = htonl(static_cast<uint32_t>(chunk.size()));
    RETURN_IF_ERROR(Send({reinterpret_cast<const char*>(&size), sizeof(size)}));
    RETURN_IF_ERROR(Send(chunk));
    bytes.remove_prefix(chunk.size());
  }
  return absl::OkStatus();
}

absl::StatusOr<ClamReply> Scan::Finish() {
  RETURN_IF_ERROR(Send(std::string_view("\0\0\0\0", 4)));
  std::string reply;
  char buffer[512];
  while (reply.size() < kLongestReply && !absl::StrContains(reply, '\0')) {
    RETURN_IF_ERROR(Await(POLLIN));
    const ssize_t got = recv(socket_, buffer, sizeof(buffer), 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) break;
    reply.append(buffer, got);
  }
  if (reply.empty()) return Gone();
  return ReadClamReply(reply);
}

}  // namespace selfology::file
