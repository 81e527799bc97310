// An HTTP/1.1 server for what is not gRPC: health, metrics, webhooks, the REST gateway, WebSockets.
//
//   ASSIGN_OR_RETURN(auto server, http::Server::Start({.port = 8080}, {
//       {.method = "GET", .path = "/health", .handler = [&](const http::Request&) {
//         return http::Response::Json(health.Json());
//       }},
//       {.method = "GET", .path = "/files/*", .handler = SendFile},  // whatever follows /files/
//   }));
//   server->port();
//   server->Stop();
//
// Handlers are straight-line code on worker threads and may block; sockets belong to one I/O
// thread, so idle connections cost no thread. A handler that waits for long (getUpdates) says
// `long_poll`: such handlers have threads of their own and delay nobody. One whose answer another
// thread will have gives Response::Later, and holds no thread until then. A handler's error becomes
// R000-26's error JSON with the HTTP status of its code; so do requests that match no route (404,
// 405), are malformed (400), or too large (413, 431). HEAD is answered by GET's handler.
//
// Metrics: request_duration_seconds{kind="http_server", operation="GET /files/*"}.
// Units: sizes in bytes.
// Threads: everything may be called from any thread, but Stop not from a handler.
// Sources: RFC 9110, 9112, 6455.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/http/message.h"
#include "common/http/url.h"
#include "common/observe/metrics.h"

namespace selfology::http {

struct Request {
  // Deadline: arrival plus the route's timeout. Trace: the client's traceparent, or a new one.
  // Cancelled when the client is gone or Stop has run out of patience.
  Call call;
  std::string method = {};        // "GET"
  std::string path = {};          // Decoded, without the query: "/files/a b".
  std::string encoded_path = {};  // As it was sent: "/files/a%20b".
  Parameters query = {};          // Decoded.
  Headers headers = {};
  std::string body = {};
  std::string peer = {};  // The client's (or its proxy's) address without port.
  // True once the server is stopping: who waits for something should answer now.
  std::function<bool()> draining = {};

  // The first query parameter of that name.
  std::optional<std::string_view> Parameter(std::string_view name) const;
};

// A response body that is written bit by bit (chunked). Kept as long as needed, by any thread;
// letting go of the last reference ends the response.
class Stream {
 public:
  virtual ~Stream() = default;
  // Sends data soon. Waits while the client is slow to read what was written before (more than 1
  // MiB). UNAVAILABLE once the client is gone, was too slow for Options::write_timeout, or the
  // server has stopped.
  virtual absl::Status Write(std::string_view data) = 0;
  virtual bool closed() const = 0;  // Write would fail.
};

struct Response;

// Answers a request whose handler has returned already. Kept as long as needed, by any thread;
// letting go of the last reference without an answer answers 500.
class Responder {
 public:
  virtual ~Responder() = default;
  // The first call counts; one after the client has gone does nothing. A stream is written on the
  // calling thread.
  virtual void Answer(Response response) = 0;
  // Runs `hurry` once, on a worker thread, when the client goes away or the server begins to stop, at
  // once if it has: answer then, since Stop waits for it. One function; a second replaces the first.
  virtual void OnHurry(std::function<void()> hurry) = 0;
};

struct Response {
  int status = 200;
  Headers headers = {};
  std::string body = {};
  // If set, writes the body instead. Called after the handler, on its thread.
  std::function<void(std::shared_ptr<Stream>)> stream = nullptr;
  // If set, answers later instead of all the above. Called after the handler, on its thread.
  std::function<void(std::shared_ptr<Responder>)> later = nullptr;
  // Closes the connection without a word instead: for servers that play a failing network.
  bool drop = false;

  static Response Text(std::string body, int status = 200);
  static Response Json(std::string body, int status = 200);
  static Response Error(const absl::Status& error, std::string_view trace_id);
  static Response Streaming(std::string_view content_type,
                            std::function<void(std::shared_ptr<Stream>)> stream);
  static Response Later(std::function<void(std::shared_ptr<Responder>)> later);
};

using Handler = std::function<absl::StatusOr<Response>(const Request&)>;

// What is granted to one request, where that depends on more than its route.
struct Admission {
  size_t max_body_bytes;
  absl::Duration timeout;  // May be infinite.
  bool long_poll = false;
};

struct Route {
  std::string method = "GET";  // "*": every one that the path has no other route for.
  std::string path = {};       // "/exact", or "/prefix/*"; the exact and the longer one win.
  Handler handler = nullptr;
  bool long_poll = false;
  // Runs the handler on the I/O thread: without a change of threads, and in the order in which
  // requests come in, also those of different connections. It must not block.
  bool runs_inline = false;
  // Instead of Options' max_body_bytes and request_timeout.
  std::optional<size_t> max_body_bytes = std::nullopt;
  std::optional<absl::Duration> timeout = std::nullopt;
  // If set, decides these and long_poll for each request, before its body is read. Runs on the I/O
  // thread and must not block.
  std::function<Admission(std::string_view method, std::string_view encoded_path)> admit = nullptr;
};

// A request that no handler gets to see: malformed, too large, for nobody.
struct Refused {
  absl::Status error;
  int status;  // HTTP's.
  std::string_view method;
  std::string_view encoded_path;  // Both empty where they are not known.
  std::string_view trace_id;
};

// A client's WebSocket. Kept as long as needed, by any thread.
class WebSocket {
 public:
  virtual ~WebSocket() = default;
  // Sends a text or a binary message soon. RESOURCE_EXHAUSTED when over 1 MiB waits for a slow
  // client; UNAVAILABLE once closed.
  virtual absl::Status Send(std::string text) = 0;
  virtual absl::Status SendBinary(std::string bytes) = 0;
  // Begins the closing handshake. code: RFC 6455, 7.4.1 (1000: normal).
  virtual void Close(int code = 1000, std::string_view reason = "") = 0;
  // Ends it at once, without a word; what waits is not sent. `closed` runs as ever.
  virtual void Drop() = 0;
  virtual size_t unsent_bytes() const = 0;     // That wait for the client to take them.
  virtual const Request& request() const = 0;  // That opened it.
};

// One socket's functions run one at a time, in order, on worker threads: opened, received*, closed.
struct WebSocketRoute {
  std::string path = {};  // As in Route.
  // An error refuses the client with that error's HTTP response.
  std::function<absl::Status(const Request&)> accept = nullptr;
  std::function<void(const std::shared_ptr<WebSocket>&)> opened = nullptr;
  std::function<void(const std::shared_ptr<WebSocket>&, std::string message)> received = nullptr;
  // Binary messages; if not set, they are `received`, too.
  std::function<void(const std::shared_ptr<WebSocket>&, std::string bytes)> received_binary =
      nullptr;
  std::function<void(const std::shared_ptr<WebSocket>&)> closed = nullptr;
  // Instead of Options' max_web_socket_message_bytes.
  std::optional<size_t> max_message_bytes = std::nullopt;
  // Runs all of them on the I/O thread, as in Route.
  bool runs_inline = false;
  // Offers RFC 7692's permessage-deflate, for messages of 1 KiB and more. Costs memory per socket.
  bool compress = false;
};

class Server {
 public:
  struct Options {
    std::string address = "127.0.0.1";  // IPv4 or IPv6; "::" is all of both.
    uint16_t port = 0;                  // 0: a free one; see port().
    size_t max_header_bytes = 16 << 10;
    size_t max_body_bytes = 1 << 20;
    size_t max_web_socket_message_bytes = 64 << 10;
    int max_connections = 4096;   // Further ones are closed at once.
    int worker_threads = 32;      // At most; they come and go with the work.
    int long_poll_threads = 128;  // Likewise.
    // Between a connection's requests; for a WebSocket, without a sign of life (it is pinged).
    absl::Duration idle_timeout = absl::Seconds(60);
    // From a new connection to its first byte (unless idle_timeout is less), from a request's first
    // byte to its header's end, and from there to its body's.
    absl::Duration header_timeout = absl::Seconds(10);
    absl::Duration body_timeout = absl::Seconds(30);
    // Of a handler's Call: a deadline; no handler is interrupted.
    absl::Duration request_timeout = absl::Seconds(30);
    // For a response, or a piece of a stream, to be taken by the client.
    absl::Duration write_timeout = absl::Seconds(30);
    // If set, says in place of Response::Error what such a client is told. Runs on the I/O thread.
    std::function<Response(const Refused&)> refusal = nullptr;
    observe::Metrics* metrics = nullptr;  // May be null.
    // Records a span for each request that a handler gets to see; null: none does, and requests go on
    // with the client's trace. Outlives the server.
    const observe::Tracer* tracer = nullptr;
  };

  // Listens when it returns. INVALID_ARGUMENT: bad address or routes; UNAVAILABLE: the port is
  // taken.
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      Options options, std::vector<Route> routes, std::vector<WebSocketRoute> web_sockets = {});

  // Stops without patience.
  virtual ~Server() = default;

  virtual uint16_t port() const = 0;

  // Takes no more connections, closes idle ones and WebSockets (1001), lets requests and streams in
  // flight end for as long as `patience`; then cancels their calls and closes. Returns when no
  // handler runs.
  virtual void Stop(absl::Duration patience = absl::Seconds(10)) = 0;
};

}  // namespace selfology::http
