// WebSockets that are passed on to the service that they are for, message by message, so that a page of
// the gateway's own origin can hear of events.
//
//   SocketTunnels tunnels({.address_of = [&](const Call& call) { ... }});   // "10.0.0.7:8083"
//   http::Server::Start(options, routes, {tunnels.Route("/api/notifications/websocket")});
//   ...
//   server->Stop();
//   tunnels.Stop();
//
// The service gets the client's path, query, Authorization and Origin, unless that is the gateway's own,
// and decides whether it may come; a refusal closes the client's socket (1008), a service that is away
// too (1013). A client that does not take what it is sent is read no further for, so that the service
// notices, and is dropped beyond 1 MiB.
// Threads: thread-safe; all tunnels share one I/O thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/http/server.h"

namespace selfology::api_gateway {

class SocketTunnels {
 public:
  struct Options {
    // Where to connect to, asked for each client; "host:port".
    std::function<absl::StatusOr<std::string>(const Call& call)> address_of;
  };

  explicit SocketTunnels(Options options);
  ~SocketTunnels();

  // It must outlive the server that has it.
  http::WebSocketRoute Route(std::string path);

  size_t open() const;  // Tunnels now.

  // Ends all; Route's functions do nothing afterwards.
  void Stop();

 private:
  class Tunnel;
  struct Core;

  const std::shared_ptr<Core> core_;
};

}  // namespace selfology::api_gateway
