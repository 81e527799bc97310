// What the official test suites of Engine.IO and Socket.IO expect to find on port 3000: both
// protocols, with their settings and their handlers. Prints its port; ends by SIGTERM.
//
//   bazel run //services/edge/realtime:conformance_server -- 3000
//
// tests/peers/socketio_suites runs the suites.
#include <signal.h>

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "common/http/server.h"
#include "services/edge/realtime/engine_io/server.h"
#include "services/edge/realtime/socket_io/server.h"

namespace selfology::realtime {
namespace {

engine_io::Options EngineOptions(std::string path) {
  return {.paths = {std::move(path)},
          .session = {.ping_interval = absl::Milliseconds(300),
                      .ping_timeout = absl::Milliseconds(200),
                      .max_payload = 1'000'000},
          .origins = {"*"},
          // The suite of protocol 3 loses a message that comes together with the handshake.
          .greet_after = absl::Milliseconds(20)};
}

socket_io::Namespace Echo(std::string name) {
  using socket_io::Json;
  using socket_io::SocketPtr;
  return {.name = std::move(name),
          .connected = [](const SocketPtr& socket,
                          const Json& auth) { socket->Emit("auth", Json::array({auth})); },
          .event =
              [](const SocketPtr& socket, const std::string& event, const Json& arguments,
                 const socket_io::Acknowledge& acknowledge) {
                if (event == "message") socket->Emit("message-back", arguments);
                if (event == "message-with-ack" && acknowledge != nullptr) acknowledge(arguments);
              }};
}

int Run(uint16_t port) {
  // Before there is a thread that they might end.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  engine_io::Server echo(
      EngineOptions("/engine.io"),
      {.opened = [](const auto&) {},
       .message = [](const std::shared_ptr<engine_io::Connection>& connection,
                     engine_io::Packet message) { connection->Send({std::move(message)}); },
       .closed = [](const auto&, std::string_view) {}});
  socket_io::Server sockets(
      {.engine = EngineOptions("/socket.io"), .connect_timeout = absl::Seconds(1)},
      {Echo("/"), Echo("/custom")});
  std::vector<http::Route> routes = echo.Routes();
  for (http::Route& route : sockets.engine().Routes()) routes.push_back(std::move(route));
  std::vector<http::WebSocketRoute> web_sockets = echo.WebSocketRoutes();
  for (http::WebSocketRoute& route : sockets.engine().WebSocketRoutes()) {
    web_sockets.push_back(std::move(route));
  }
  const auto server = http::Server::Start({.address = "::", .port = port}, std::move(routes),
                                          std::move(web_sockets));
  if (!server.ok()) {
    std::cerr << server.status() << "\n";
    return 1;
  }
  std::cout << (*server)->port() << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  echo.Stop();
  sockets.Stop();
  (*server)->Stop();
  return 0;
}

}  // namespace
}  // namespace selfology::realtime

int main(int argc, char** argv) {
  uint32_t port = 0;
  if (argc > 1 && (!absl::SimpleAtoi(argv[1], &port) || port > UINT16_MAX)) return 2;
  return selfology::realtime::Run(static_cast<uint16_t>(port));
}
