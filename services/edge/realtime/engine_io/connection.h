// A client of Engine.IO as the application sees it, whatever transport it is on.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/server.h"
#include "services/edge/realtime/engine_io/packet.h"

namespace selfology::realtime::engine_io {

// Kept as long as needed, by any thread. Once the client is gone, both functions do nothing.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual const std::string& id() const = 0;  // "sid"
  virtual Version version() const = 0;
  virtual const http::Request& request() const = 0;  // That began it.
  // Messages, in their order and together. A client that has not taken 1 MiB is dropped.
  virtual void Send(std::vector<Packet> packets) = 0;
  virtual void Close(std::string_view reason) = 0;  // A literal.
  // Closes it without waiting for what the client has not taken.
  virtual void Drop(std::string_view reason) = 0;
  virtual size_t unsent_bytes() = 0;
};

// What an application does. One connection's functions run one at a time, in order, on worker
// threads: opened, message*, closed.
struct Application {
  std::function<void(const std::shared_ptr<Connection>&)> opened = nullptr;
  std::function<void(const std::shared_ptr<Connection>&, Packet message)> message = nullptr;
  std::function<void(const std::shared_ptr<Connection>&, std::string_view reason)> closed = nullptr;
};

}  // namespace selfology::realtime::engine_io
