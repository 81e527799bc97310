// A bare TCP client, for what no proper HTTP client would send.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"

namespace selfology::http {

class TestSocket {
 public:
  explicit TestSocket(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval patience = {.tv_sec = 20, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~TestSocket() { Close(); }
  TestSocket(const TestSocket&) = delete;
  TestSocket& operator=(const TestSocket&) = delete;

  bool connected() const { return connected_; }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  void CloseSending() { shutdown(fd_, SHUT_WR); }

  bool Send(std::string_view data) {
    while (!data.empty()) {
      const ssize_t sent = send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      data.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // Waits for bytes, or the server's end; false: neither came in that time.
  bool AwaitInput(int milliseconds) {
    pollfd wait = {.fd = fd_, .events = POLLIN, .revents = 0};
    return poll(&wait, 1, milliseconds) > 0;
  }

  // Everything until the server closes, or has sent nothing for 20 s: then it is not closed().
  std::string ReadAll() {
    while (ReadSome()) {
    }
    return std::exchange(pending_, "");
  }

  // Whether reading has come to the server's end.
  bool closed() const { return closed_; }

  // Up to and with `end`; less if the server closes.
  std::string ReadUntil(std::string_view end) {
    for (;;) {
      const size_t at = pending_.find(end);
      if (at != std::string::npos) return TakePending(at + end.size());
      if (!ReadSome()) return std::exchange(pending_, "");
    }
  }

  // One response with a Content-Length.
  std::string ReadResponse() {
    std::string head = ReadUntil("\r\n\r\n");
    const size_t at = head.find("Content-Length: ");
    size_t length = 0;
    if (at == std::string::npos) return head;
    (void)absl::SimpleAtoi(head.substr(at + 16, head.find('\r', at) - at - 16), &length);
    while (pending_.size() < length && ReadSome()) {
    }
    return head + TakePending(length);
  }

 private:
  bool ReadSome() {
    char buffer[4096];
    ssize_t size = 0;
    do {
      size = recv(fd_, buffer, sizeof buffer, 0);
    } while (size < 0 && errno == EINTR);
    if (size <= 0) {
      closed_ = size == 0 || errno == ECONNRESET;
      return false;
    }
    pending_.append(buffer, static_cast<size_t>(size));
    return true;
  }
  std::string TakePending(size_t size) {
    std::string taken = pending_.substr(0, size);
    pending_.erase(0, size);
    return taken;
  }

  int fd_;
  bool connected_ = false;
  bool closed_ = false;
  std::string pending_;
};

}  // namespace selfology::http
