// Engine.IO over HTTP: the routes of one path, and the sessions that come by them.
//
//   engine_io::Server engine({.paths = {"/socket.io"}}, {.opened = ..., .message = ..., .closed = ...});
//   auto http = http::Server::Start({.port = 3000}, engine.Routes(), engine.WebSocketRoutes());
//   engine.Stop();                                     // before the HTTP server
//
// A session's id begins with the name of the replica that has it ("replica.random"), so that a
// request that comes to another can be passed on.
//
// Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/executor/worker_pool.h"
#include "common/http/server.h"
#include "services/edge/realtime/engine_io/alarms.h"
#include "services/edge/realtime/engine_io/connection.h"
#include "services/edge/realtime/engine_io/live_session.h"
#include "services/edge/realtime/engine_io/session.h"

namespace selfology::realtime::engine_io {

struct Options {
  // Served with and without a "/" at their end; all the same.
  std::vector<std::string> paths = {"/socket.io"};
  SessionSettings session = {};
  // Whose pages may use it: "https://app.example.org", or "*" for all, which is without credentials.
  // Requests without an Origin are not from a page.
  std::vector<std::string> origins = {};
  std::string replica = "0";  // Without ".".
  // Passes a request for another replica's session on, and its answer back; it must not block. Null:
  // such sessions are unknown.
  std::function<void(const http::Request&, std::string_view replica,
                     std::shared_ptr<http::Responder>)>
      forward = nullptr;
  bool compress = false;  // Messages over WebSockets.
  // Between a WebSocket's opening and its first message, for clients that begin to listen only once
  // they know that it is open.
  absl::Duration greet_after = absl::ZeroDuration();
  int worker_threads = 32;
};

class Server {
 public:
  Server(Options options, Application application);
  ~Server();

  // They refer to the server.
  std::vector<http::Route> Routes();
  std::vector<http::WebSocketRoute> WebSocketRoutes();

  // A request that another replica passed on; as its route's handler.
  http::Response Handle(const http::Request& request);

  // Runs it once then, unless stopped before; it must be quick.
  void After(absl::Duration delay, std::function<void()> function);

  size_t sessions() const;

  // Ends all sessions, and takes no more. When it returns the application is not called any more.
  void Stop();

 private:
  http::Response Refuse(Refusal refusal) const;
  http::Response Respond(const Payload& payload) const;
  http::Response Begin(const http::Request& request);
  http::Response Continue(const http::Request& request, std::string_view id);
  absl::Status Accept(const http::Request& request);
  void Opened(const std::shared_ptr<http::WebSocket>& socket);
  void Received(const http::WebSocket* socket, std::string_view data, bool binary);
  void Gone(const http::WebSocket* socket);

  bool MayCome(const http::Request& request) const;
  void AddCors(const http::Request& request, http::Response& response) const;
  std::shared_ptr<LiveSession> Make(const http::Request& request, Transport transport);
  std::shared_ptr<LiveSession> Find(std::string_view id) const;
  std::string NewId() const;  // Empty: there is no randomness to be had.

  const Options options_;
  const Application application_;
  executor::WorkerPool workers_;
  Alarms alarms_;
  mutable absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<std::string, std::shared_ptr<LiveSession>> sessions_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<const http::WebSocket*, std::shared_ptr<LiveSession>> by_socket_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::realtime::engine_io
