#include "tests/bench/doors_sockets.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"

namespace selfology::bench {
namespace {

absl::Status Broken(std::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
}

absl::StatusOr<int> Dial(const std::string& host, int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Broken("socket");
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(fd);
    return Broken("connect");
  }
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return fd;
}

absl::Status SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return Broken("send");
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return absl::OkStatus();
}

// The bytes of the first answer in `text`, 0 while some are missing, -1 for another answer than 200.
int64_t AnswerSize(std::string_view text) {
  const size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  if (!text.starts_with("HTTP/1.1 200")) return -1;
  constexpr std::string_view kLength = "ontent-Length: ";
  constexpr std::string_view kSmall = "ontent-length: ";
  size_t at = text.find(kLength);
  if (at == std::string_view::npos) at = text.find(kSmall);
  if (at == std::string_view::npos || at > end) return -1;
  const std::string_view rest = text.substr(at + kLength.size());
  int64_t length = 0;
  if (!absl::SimpleAtoi(std::string(rest.substr(0, rest.find('\r'))), &length)) return -1;
  const size_t size = end + 4 + static_cast<size_t>(length);
  return text.size() < size ? 0 : static_cast<int64_t>(size);
}

// A short text frame of a client; the mask is all zeros, which masks nothing.
std::string Frame(std::string_view text) {
  std::string frame = {static_cast<char>(0x81), static_cast<char>(0x80 | text.size())};
  frame.append(4, '\0');
  frame.append(text);
  return frame;
}

}  // namespace

absl::StatusOr<RequestFigures> LoadRequests(const RequestLoad& load) {
  struct Connection {
    int fd;
    absl::Time began;
    std::string unread;
  };
  const std::string request = absl::StrCat("GET ", load.path, " HTTP/1.1\r\nHost: ", load.host,
                                           "\r\nAccept: application/json\r\n\r\n");
  std::vector<Connection> connections;
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  RequestFigures figures;
  const auto run = [&]() -> absl::Status {
    for (int i = 0; i < load.connections; ++i) {
      ASSIGN_OR_RETURN(const int fd, Dial(load.host, load.port));
      connections.push_back({fd, absl::Now(), ""});
      epoll_event event = {.events = EPOLLIN, .data = {.u64 = static_cast<uint64_t>(i)}};
      epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
    const absl::Time end = absl::Now() + load.how_long;
    for (Connection& one : connections) {
      one.began = absl::Now();
      RETURN_IF_ERROR(SendAll(one.fd, request));
    }
    size_t waiting = connections.size();
    std::array<epoll_event, 64> events;
    std::array<char, 16384> bytes;
    while (waiting > 0) {
      const int found = epoll_wait(epoll, events.data(), events.size(), 10'000);
      if (found <= 0) return Broken("no answer");
      for (int i = 0; i < found; ++i) {
        Connection& one = connections[events[static_cast<size_t>(i)].data.u64];
        const ssize_t got = recv(one.fd, bytes.data(), bytes.size(), 0);
        if (got <= 0) return Broken("recv");
        one.unread.append(bytes.data(), static_cast<size_t>(got));
        const int64_t size = AnswerSize(one.unread);
        if (size < 0) return absl::UnavailableError(one.unread.substr(0, 300));
        if (size == 0) continue;
        one.unread.erase(0, static_cast<size_t>(size));
        const absl::Time now = absl::Now();
        figures.took_ms.push_back(absl::ToDoubleMilliseconds(now - one.began));
        ++figures.requests;
        if (now >= end) {
          --waiting;
          continue;
        }
        one.began = now;
        RETURN_IF_ERROR(SendAll(one.fd, request));
      }
    }
    return absl::OkStatus();
  };
  const absl::Status status = run();
  for (const Connection& one : connections) close(one.fd);
  close(epoll);
  if (!status.ok()) return status;
  return figures;
}

Devices::~Devices() {
  for (const Device& device : devices_) close(device.fd);
  if (epoll_ >= 0) close(epoll_);
}

absl::Status Devices::Connect(int port, int64_t user_id, int count) {
  if (epoll_ < 0) epoll_ = epoll_create1(EPOLL_CLOEXEC);
  user_id_ = user_id;
  const std::string upgrade = absl::StrCat(
      "GET ",
      server_ == kSocketIo ? "/socket.io/?EIO=4&transport=websocket" : "/connection/websocket",
      " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  // Not all at once: a server's backlog is short.
  constexpr int kAtOnce = 100;
  for (int begun = 0; begun < count; begun += kAtOnce) {
    for (int i = begun; i < std::min(count, begun + kAtOnce); ++i) {
      ASSIGN_OR_RETURN(const int fd, Dial("127.0.0.1", port));
      epoll_event event = {.events = EPOLLIN, .data = {.u64 = devices_.size()}};
      devices_.push_back({.fd = fd});
      epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
      RETURN_IF_ERROR(SendAll(fd, upgrade));
    }
    RETURN_IF_ERROR(Turn(absl::Now() + absl::Seconds(60),
                         [this] { return ready_ == static_cast<int>(devices_.size()); }));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<absl::Time>> Devices::Hear(int events, absl::Duration patience) {
  for (Device& device : devices_) device.heard = 0;
  wanted_ = events;
  done_ = 0;
  RETURN_IF_ERROR(Turn(absl::Now() + patience, [this] { return done_ == count(); }));
  std::vector<absl::Time> times;
  for (const Device& device : devices_) times.push_back(device.at);
  return times;
}

absl::Status Devices::Turn(absl::Time until, const std::function<bool()>& done) {
  std::array<epoll_event, 256> events;
  std::array<char, 65536> bytes;
  while (!done()) {
    const absl::Duration left = until - absl::Now();
    if (left <= absl::ZeroDuration()) return absl::DeadlineExceededError("devices wait in vain");
    const int found = epoll_wait(epoll_, events.data(), events.size(),
                                 static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
    for (int i = 0; i < found; ++i) {
      Device& device = devices_[events[static_cast<size_t>(i)].data.u64];
      const ssize_t got = recv(device.fd, bytes.data(), bytes.size(), 0);
      if (got <= 0) return Broken("a device was dropped");
      device.unread.append(bytes.data(), static_cast<size_t>(got));
      RETURN_IF_ERROR(Take(device));
    }
  }
  return absl::OkStatus();
}

absl::Status Devices::Take(Device& device) {
  if (!device.upgraded) {
    const size_t end = device.unread.find("\r\n\r\n");
    if (end == std::string::npos) return absl::OkStatus();
    if (!device.unread.starts_with("HTTP/1.1 101")) {
      return absl::UnavailableError(device.unread.substr(0, 200));
    }
    device.upgraded = true;
    device.unread.erase(0, end + 4);
    if (server_ == kCentrifugo) {
      RETURN_IF_ERROR(
          SendAll(device.fd, Frame("{\"id\":1,\"connect\":{}}\n"
                                   "{\"id\":2,\"subscribe\":{\"channel\":\"person\"}}")));
    }
  }
  size_t at = 0;
  while (device.unread.size() - at >= 2) {
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(device.unread[at + i]); };
    size_t header = 2, size = byte(1) & 0x7f;
    if (size == 126) {
      if (device.unread.size() - at < 4) break;
      header = 4;
      size = static_cast<size_t>(byte(2)) << 8 | byte(3);
    } else if (size == 127) {
      return absl::UnavailableError("a frame of more than 64 KiB");
    }
    if (device.unread.size() - at < header + size) break;
    const int kind = byte(0) & 0x0f;
    if (kind == 1) {
      RETURN_IF_ERROR(Said(device, std::string_view(device.unread).substr(at + header, size)));
    } else if (kind == 8) {
      return absl::UnavailableError("a device was sent away");
    } else if (kind == 9) {
      std::string pong = Frame("");
      pong[0] = static_cast<char>(0x8a);
      RETURN_IF_ERROR(SendAll(device.fd, pong));
    }
    at += header + size;
  }
  device.unread.erase(0, at);
  // Idle devices of ours keep nothing.
  if (device.unread.empty()) device.unread.shrink_to_fit();
  return absl::OkStatus();
}

absl::Status Devices::Said(Device& device, std::string_view message) {
  if (server_ == kCentrifugo) {
    for (const absl::string_view line : absl::StrSplit(
             absl::string_view(message.data(), message.size()), '\n', absl::SkipEmpty())) {
      RETURN_IF_ERROR(CentrifugoSaid(device, {line.data(), line.size()}));
    }
    return absl::OkStatus();
  }
  if (message.starts_with("0")) {
    return SendAll(device.fd, Frame(absl::StrCat("40{\"user_id\":", user_id_, "}")));
  }
  if (message == "2") return SendAll(device.fd, Frame("3"));
  if (message.starts_with("44")) return absl::UnavailableError(std::string(message));
  if (message.starts_with("42[\"ready\"")) Ready(device);
  if (message.starts_with("42[\"event\"")) Heard(device);
  return absl::OkStatus();
}

absl::Status Devices::CentrifugoSaid(Device& device, std::string_view message) {
  if (message == "{}") return SendAll(device.fd, Frame("{}"));
  if (message.find("\"error\"") != message.npos)
    return absl::UnavailableError(std::string(message));
  if (message.starts_with("{\"id\":2,")) Ready(device);
  if (message.starts_with("{\"push\"")) Heard(device);
  return absl::OkStatus();
}

void Devices::Ready(Device& device) {
  if (device.ready) return;
  device.ready = true;
  ++ready_;
}

void Devices::Heard(Device& device) {
  device.at = absl::Now();
  if (++device.heard == wanted_) ++done_;
}

}  // namespace selfology::bench
