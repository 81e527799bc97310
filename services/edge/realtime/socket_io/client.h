// One connection's share of socket_io::Server: the namespaces that its client is in. Internal to
// this folder. Threads: what the connection calls, one at a time; Send and Leave from any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/edge/realtime/engine_io/connection.h"
#include "services/edge/realtime/socket_io/packet.h"
#include "services/edge/realtime/socket_io/server.h"

namespace selfology::realtime::socket_io {

class Client : public std::enable_shared_from_this<Client> {
 public:
  Client(Server& server, std::shared_ptr<engine_io::Connection> connection)
      : server_(server), connection_(std::move(connection)) {}

  void Opened();
  void Received(engine_io::Packet message);
  void Gone(std::string_view reason);

  void Send(const Encoded& encoded);
  // The server takes a client out of a namespace.
  void Leave(const std::string& nsp, bool whole_client);
  void CloseUnlessConnected();

  engine_io::Connection& connection() const { return *connection_; }

 private:
  void Handle(Packet packet);
  void Connect(const std::string& nsp, const Json& auth);
  void Refuse(const std::string& nsp, std::string_view message);
  void Event(const Namespace& at, const SocketPtr& socket, Packet packet);
  SocketPtr Find(const std::string& nsp);
  // True: it was in it, and is so no longer.
  bool Remove(const SocketPtr& socket, std::string_view reason);

  Server& server_;
  const std::shared_ptr<engine_io::Connection> connection_;
  Decoder decoder_;
  absl::Mutex mutex_;
  bool ever_connected_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, SocketPtr, std::less<>> sockets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::realtime::socket_io
