#include "tools/ctl/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>

namespace selfology::ctl {
namespace {

// A bound socket and its port; nullopt when the port is taken.
std::optional<std::pair<int, int>> Bind(int port) {
  const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_fd < 0) return std::nullopt;
  // What a server that was just stopped left behind does not count as taken.
  const int yes = 1;
  setsockopt(socket_fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  socklen_t size = sizeof(address);
  if (bind(socket_fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(socket_fd, 1) != 0 ||
      getsockname(socket_fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    close(socket_fd);
    return std::nullopt;
  }
  return std::pair(socket_fd, static_cast<int>(ntohs(address.sin_port)));
}

}  // namespace

PortReservation::~PortReservation() {
  for (const int socket_fd : sockets_) close(socket_fd);
}

absl::StatusOr<int> PortReservation::Reserve(int wanted) {
  auto bound = Bind(wanted);
  if (!bound.has_value()) bound = Bind(0);
  if (!bound.has_value()) return absl::UnavailableError("no free TCP port on 127.0.0.1");
  sockets_.push_back(bound->first);
  return bound->second;
}

}  // namespace selfology::ctl
