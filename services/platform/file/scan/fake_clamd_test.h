// What of clamd the scanner talks to, at a port of its own: takes streams, and finds kTestVirus.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace selfology::file {

inline constexpr char kTestVirus[] = "THIS-IS-A-TEST-VIRUS";

class FakeClamd {
 public:
  // limit: bytes of one stream.
  explicit FakeClamd(size_t limit) : limit_(limit) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_, 16);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~FakeClamd() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  // While set it answers with an error.
  std::atomic<bool> broken = false;

 private:
  static bool ReadAll(int peer, char* bytes, size_t size) {
    while (size > 0) {
      const ssize_t got = recv(peer, bytes, size, 0);
      if (got <= 0) return false;
      bytes += got;
      size -= got;
    }
    return true;
  }

  std::string Judge(int peer) {
    std::string command(10, '\0');
    if (!ReadAll(peer, command.data(), command.size()) || !command.starts_with("zINSTREAM")) {
      return "UNKNOWN COMMAND";
    }
    std::string stream;
    for (;;) {
      uint32_t size = 0;
      if (!ReadAll(peer, reinterpret_cast<char*>(&size), 4)) return "";
      size = ntohl(size);
      if (size == 0) break;
      if (stream.size() + size > limit_) return "INSTREAM size limit exceeded. ERROR";
      std::string chunk(size, '\0');
      if (!ReadAll(peer, chunk.data(), size)) return "";
      stream += chunk;
    }
    if (broken) return "stream: Can't allocate memory ERROR";
    return absl::StrContains(stream, kTestVirus) ? "stream: Test-Signature FOUND" : "stream: OK";
  }

  void Serve() {
    for (;;) {
      const int peer = accept(listener_, nullptr, nullptr);
      if (peer < 0) return;
      const std::string answer = Judge(peer);
      send(peer, answer.c_str(), answer.size() + 1, MSG_NOSIGNAL);
      close(peer);
    }
  }

  const size_t limit_;
  int listener_;
  uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace selfology::file
