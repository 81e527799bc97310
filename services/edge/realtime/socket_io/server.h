// Socket.IO: namespaces, rooms, events and their acknowledgements, over Engine.IO.
//
//   socket_io::Server server({.engine = {.origins = {"*"}}}, {{
//       .name = "/",
//       .connect = [&](const SocketPtr& socket, const Json& auth) { return CheckToken(auth); },
//       .connected = [&](const SocketPtr& socket, const Json& auth) { socket->Join("all"); },
//       .event = [&](const SocketPtr& socket, const std::string& name, Json arguments,
//                    const Acknowledge& acknowledge) { ... },
//   }});
//   server.To("/", "all").Emit("news", {1, "two"});
//
// Clients of Socket.IO 2 (Engine.IO 3) are served as well: they are connected to "/" without asking,
// and their auth is the query of their first request.
//
// A client that is slow, or sends what the protocol forbids, is disconnected; the others do not
// notice. Rooms are of this process.
//
// Threads: thread-safe. The functions of one client run one at a time, in order, on worker threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/edge/realtime/engine_io/server.h"
#include "services/edge/realtime/socket_io/packet.h"

namespace selfology::realtime::socket_io {

class Server;
class Client;

// One client in one namespace. Kept as long as needed, by any thread; once the client has left, what
// it is told goes nowhere.
class Socket : public std::enable_shared_from_this<Socket> {
 public:
  Socket(Server& server, std::weak_ptr<Client> client, std::string nsp, std::string id);

  const std::string& id() const { return id_; }
  const std::string& nsp() const { return nsp_; }
  // That began the connection. Null once the client is gone.
  std::shared_ptr<const http::Request> request() const;

  // arguments: an array. See EncodeEvent for what goes to several.
  void Send(const Encoded& event);
  void Emit(std::string_view event, const Json& arguments);
  // `acknowledged` gets the arguments of the answer, DEADLINE_EXCEEDED, or UNAVAILABLE; once, on
  // whatever thread; it must not block.
  void Emit(std::string_view event, const Json& arguments, absl::Duration patience,
            std::function<void(absl::StatusOr<Json>)> acknowledged);
  void Join(std::string_view room);
  void Leave(std::string_view room);
  // whole_client: also from the other namespaces, and its connection ends.
  void Disconnect(bool whole_client = false);
  // Ends the connection without waiting for what the client has not taken. reason: a literal.
  void Drop(std::string_view reason);
  size_t unsent_bytes() const;  // Of the whole connection.

 private:
  friend class Client;
  friend class Server;
  void Acknowledged(uint64_t id, absl::StatusOr<Json> arguments);

  Server& server_;
  const std::weak_ptr<Client> client_;
  const std::string nsp_;
  const std::string id_;
  absl::Mutex mutex_;  // Before the server's.
  bool left_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t next_ack_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<uint64_t, std::function<void(absl::StatusOr<Json>)>> acks_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string, std::less<>> rooms_ ABSL_GUARDED_BY(mutex_);
};
using SocketPtr = std::shared_ptr<Socket>;

Encoded EncodeEvent(std::string_view nsp, std::string_view event, const Json& arguments);

// Answers an event, once; null if no answer is wanted. arguments: an array.
using Acknowledge = std::function<void(const Json& arguments)>;

struct Namespace {
  std::string name = "/";
  // An error refuses the client; its message is what the client is told.
  std::function<absl::Status(const SocketPtr&, const Json& auth)> connect = nullptr;
  std::function<void(const SocketPtr&, const Json& auth)> connected = nullptr;
  std::function<void(const SocketPtr&, const std::string& event, Json arguments,
                     const Acknowledge& acknowledge)>
      event = nullptr;
  // Of whom connected was called.
  std::function<void(const SocketPtr&, std::string_view reason)> disconnected = nullptr;
};

struct Options {
  engine_io::Options engine = {};
  absl::Duration connect_timeout = absl::Seconds(45);  // For a client to enter a namespace.
  int max_namespaces = 16;                             // That one client is in.
};

class Server {
 public:
  Server(Options options, std::vector<Namespace> namespaces);
  ~Server();

  engine_io::Server& engine() { return *engine_; }

  // All sockets in a room; what is emitted is encoded once.
  class Room {
   public:
    void Emit(std::string_view event, const Json& arguments) const;
    size_t size() const;

   private:
    friend class Server;
    Room(Server& server, std::string nsp, std::string key)
        : server_(server), nsp_(std::move(nsp)), key_(std::move(key)) {}
    Server& server_;
    const std::string nsp_;
    const std::string key_;
  };
  Room To(std::string_view nsp, std::string_view room);

  void Stop() { engine_->Stop(); }

 private:
  friend class Client;
  friend class Socket;

  const Namespace* Find(std::string_view name) const;
  void Opened(const std::shared_ptr<engine_io::Connection>& connection);
  std::shared_ptr<Client> ClientOf(const engine_io::Connection* connection);
  std::vector<SocketPtr> Members(const std::string& key) const;
  void RemoveMember(const std::string& key, const SocketPtr& socket);
  void Forget(const SocketPtr& socket);
  static std::string KeyOf(std::string_view nsp, std::string_view room);

  const Options options_;
  const std::vector<Namespace> namespaces_;
  std::atomic<uint64_t> last_socket_ = 0;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<const engine_io::Connection*, std::shared_ptr<Client>> clients_
      ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::set<SocketPtr>> rooms_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<engine_io::Server> engine_;  // Last: it calls the rest until it is gone.
};

}  // namespace selfology::realtime::socket_io
