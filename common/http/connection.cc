// Reading requests and handing them over; connection_respond.cc answers.
#include "common/http/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/none.hpp>
#include <cerrno>
#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/http/web_socket_session.h"
#include "common/status/status.h"

namespace selfology::http {

namespace net = boost::asio;
namespace beast = boost::beast;

namespace {

std::string AddressOf(const net::ip::tcp::socket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return error ? std::string() : endpoint.address().to_string();
}

// Clients may write anything.
std::string_view KnownMethod(std::string_view method) {
  for (const std::string_view known :
       {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"}) {
    if (method == known) return known;
  }
  return "_OTHER";
}

}  // namespace

Connection::Connection(Core& core, net::ip::tcp::socket socket)
    : core_(core), stream_(std::move(socket)), peer_(AddressOf(stream_.socket())) {}

Connection::~Connection() {
  if (queue_ != nullptr) queue_->Close();
  core_.Remove(this);
}

void Connection::Start() { AwaitRequest(); }

void Connection::Drain() {
  if (state_ == State::kIdle) return Close();
  if (hurry_ != nullptr) hurry_->Signal();
}

void Connection::Abort() { Close(); }

void Connection::AwaitRequest() {
  if (core_.draining->load()) return Close();
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(core_.options.max_header_bytes));
  parser_->body_limit(boost::none);  // The route's, once it is known.
  match_ = {};
  if (buffer_.size() > 0) return ReadHeader();
  state_ = State::kIdle;
  const absl::Duration idle = core_.options.idle_timeout;
  stream_.expires_after(
      absl::ToChronoNanoseconds(is_new_ ? std::min(idle, core_.options.header_timeout) : idle));
  stream_.async_read_some(buffer_.prepare(4096),
                          [self = shared_from_this()](const ErrorCode& error, size_t size) {
                            if (error) return self->Close();
                            self->buffer_.commit(size);
                            self->ReadHeader();
                          });
}

void Connection::ReadHeader() {
  state_ = State::kReading;
  is_new_ = false;
  // One deadline for all of the header, however many pieces it comes in.
  stream_.expires_after(absl::ToChronoNanoseconds(core_.options.header_timeout));
  beast::http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](const ErrorCode& error, size_t) { self->OnHeader(error); });
}

std::optional<Connection::Refusal> Connection::OfParser(const ErrorCode& error) {
  if (error == beast::http::error::header_limit) {
    return Refusal{431, "HEADER_TOO_LARGE", "the request's header is too large"};
  }
  if (error == beast::http::error::body_limit) {
    return Refusal{413, "BODY_TOO_LARGE", "the request's body is too large"};
  }
  if (error == beast::http::error::bad_version) {
    return Refusal{505, "HTTP_VERSION_NOT_SUPPORTED", "HTTP/1.0 and HTTP/1.1 only"};
  }
  // The client went away, or was too slow.
  if (error == beast::http::error::end_of_stream || error == beast::http::error::partial_message ||
      error.category() != make_error_code(beast::http::error::bad_line_ending).category()) {
    return std::nullopt;
  }
  return Refusal{400, "MALFORMED_REQUEST", error.message()};
}

void Connection::OnHeader(const ErrorCode& error) {
  arrival_ = absl::Now();
  cancelled_ = std::make_shared<std::atomic<bool>>(false);
  keep_alive_ = false;
  body_is_read_ = false;
  is_head_ = false;
  target_ = {};
  if (error) {
    trace_ = observe::NewTrace(core_.random);
    const auto refusal = OfParser(error);
    return refusal.has_value() ? Refuse(*refusal) : Close();
  }
  const auto& header = parser_->get();
  const auto parent = observe::TraceContext::Parse(header["traceparent"]);
  span_ = observe::Span::Enter(core_.options.tracer, observe::SpanKind::kServer,
                               parent.value_or(observe::TraceContext()), arrival_, core_.random);
  trace_ = span_.trace();
  is_head_ = header.method() == beast::http::verb::head;
  body_is_read_ = parser_->is_done();
  auto refusal = CheckHeader();
  if (!refusal.has_value()) {
    keep_alive_ = parser_->keep_alive();
    refusal = CheckRoute();
  }
  if (refusal.has_value()) return Refuse(*refusal);
  if (match_.web_socket != nullptr) return Upgrade();
  if (body_is_read_) return Handle();
  if (header[beast::http::field::expect].empty()) return ReadBody();
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  stream_.expires_after(absl::ToChronoNanoseconds(core_.options.write_timeout));
  net::async_write(stream_, net::buffer(kContinue),
                   [self = shared_from_this()](const ErrorCode& write_error, size_t) {
                     return write_error ? self->Close() : self->ReadBody();
                   });
}

std::optional<Connection::Refusal> Connection::CheckHeader() {
  using beast::http::field;
  const auto& header = parser_->get();
  // Duplicates and unknown encodings are how requests are smuggled past proxies.
  const size_t hosts = header.count(field::host);
  if (hosts > 1 || (hosts == 0 && header.version() == 11)) {
    return Refusal{400, "MALFORMED_REQUEST", "there must be one Host header"};
  }
  const size_t encodings = header.count(field::transfer_encoding);
  const std::string_view encoding = header[field::transfer_encoding];
  if (encodings > 1 || (encodings == 1 &&
                        (header.version() == 10 || !absl::EqualsIgnoreCase(encoding, "chunked")))) {
    return Refusal{501, "NOT_IMPLEMENTED", "the only Transfer-Encoding is chunked"};
  }
  const std::string_view expectation = header[field::expect];
  if (!expectation.empty() && !absl::EqualsIgnoreCase(expectation, "100-continue")) {
    return Refusal{417, "EXPECTATION_FAILED", "the only expectation is 100-continue"};
  }
  auto target = ParseTarget(header.target());
  if (!target.ok())
    return Refusal{400, "MALFORMED_REQUEST", std::string(target.status().message())};
  target_ = *std::move(target);
  return std::nullopt;
}

std::optional<Connection::Refusal> Connection::CheckRoute() {
  const auto& header = parser_->get();
  const bool wants_web_socket = beast::websocket::is_upgrade(header);
  match_ = core_.router.Find(header.method_string(), target_.path, wants_web_socket);
  if (match_.web_socket != nullptr) {
    if (body_is_read_ && buffer_.size() == 0) return std::nullopt;
    return Refusal{400, "MALFORMED_REQUEST", "data after a request to open a WebSocket"};
  }
  if (match_.route == nullptr) {
    if (match_.needs_upgrade) return Refusal{426, "UPGRADE_REQUIRED", "this is a WebSocket"};
    if (match_.allow.empty()) return Refusal{404, "NOT_FOUND", "there is nothing at this path"};
    return Refusal{405, "METHOD_NOT_ALLOWED", absl::StrCat("allowed: ", match_.allow)};
  }
  const Route& route = *match_.route;
  admission_ =
      route.admit != nullptr
          ? route.admit(header.method_string(), target_.encoded_path)
          : Admission{route.max_body_bytes.value_or(core_.options.max_body_bytes),
                      route.timeout.value_or(core_.options.request_timeout), route.long_poll};
  const size_t limit = admission_.max_body_bytes;
  const auto length = parser_->content_length();
  if (length.has_value() && *length > limit) {
    return OfParser(make_error_code(beast::http::error::body_limit));
  }
  parser_->body_limit(limit);  // For chunked bodies.
  return std::nullopt;
}

void Connection::ReadBody() {
  stream_.expires_after(absl::ToChronoNanoseconds(core_.options.body_timeout));
  beast::http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](const ErrorCode& error, size_t) { self->OnBody(error); });
}

void Connection::OnBody(const ErrorCode& error) {
  if (!error) {
    body_is_read_ = true;
    return Handle();
  }
  keep_alive_ = false;
  const auto refusal = OfParser(error);
  return refusal.has_value() ? Refuse(*refusal) : Close();
}

Request Connection::TakeRequest(absl::Time deadline) {
  auto& message = parser_->get();
  Request request{
      .call = Call(deadline, trace_, [cancelled = cancelled_] { return cancelled->load(); }),
      .method = std::string(message.method_string()),
      .path = std::move(target_.path),
      .encoded_path = std::move(target_.encoded_path),
      .query = std::move(target_.query),
      .body = std::move(message.body()),
      .peer = peer_,
      .draining = [draining = core_.draining] { return draining->load(); }};
  for (const auto& field : message) request.headers.Add(field.name_string(), field.value());
  return request;
}

void Connection::Handle() {
  state_ = State::kHandling;
  stream_.expires_never();
  WatchForDisconnect();
  const Route& route = *match_.route;
  auto work = [self = shared_from_this(), &route,
               request =
                   std::make_shared<const Request>(TakeRequest(arrival_ + admission_.timeout))] {
    Response response;
    const absl::Status status = CatchAll([&] {
      absl::StatusOr<Response> result = route.handler(*request);
      if (!result.ok()) return result.status();
      response = *std::move(result);
      return absl::OkStatus();
    });
    if (!status.ok()) response = Response::Error(status, request->call.trace().trace_id.view());
    self->EndSpan(request->method, route.path, response.later == nullptr ? response.status : 0);
    self->Produce(std::move(response));
  };
  if (route.runs_inline) return Core::RunHere(trace_, work);
  auto& pool = admission_.long_poll ? core_.long_pollers : core_.workers;
  if (!Core::Run(pool, trace_, std::move(work))) {
    Refuse({503, "SERVICE_UNAVAILABLE", "no thread to handle the request"});
  }
}

void Connection::EndSpan(std::string_view method, std::string_view route, int http_status) const {
  const auto code = http_status < 400 ? absl::StatusCode::kOk : status::FromHttpCode(http_status);
  span_.End(code, absl::Now(), [&](observe::FinishedSpan& span) {
    const std::string_view known = KnownMethod(method);
    span.name = absl::StrCat(known, " ", route);
    span.Add("http.request.method", known);
    span.Add("http.route", route);
    if (http_status != 0) span.Add("http.response.status_code", http_status);
  });
}

void Connection::Upgrade() {
  state_ = State::kHandling;
  stream_.expires_never();
  const WebSocketRoute& route = *match_.web_socket;
  auto request = std::make_shared<Request>(TakeRequest(absl::InfiniteFuture()));
  auto work = [self = shared_from_this(), &route, request] {
    absl::Status status = absl::OkStatus();
    if (route.accept != nullptr) {
      Request limited = *request;
      limited.call = request->call.WithTimeout(self->core_.options.request_timeout);
      status = CatchAll([&] { return route.accept(limited); });
    }
    const int http_status = status.ok() ? 101 : status::HttpCode(status.code());
    self->EndSpan(request->method, route.path, http_status);
    net::post(self->core_.io, [self, &route, request, status] {
      if (self->state_ == State::kClosed) return;
      if (!status.ok()) return self->Respond(Response::Error(status, self->trace_.trace_id.view()));
      self->state_ = State::kClosed;
      StartWebSocket(self->core_, std::move(self->stream_), self->parser_->get(),
                     std::move(*request), route);
    });
  };
  if (route.runs_inline) return Core::RunHere(trace_, work);
  if (!Core::Run(core_.workers, trace_, std::move(work))) Close();
}

void Connection::WatchForDisconnect() {
  if (std::exchange(is_watching_, true)) return;
  stream_.socket().async_wait(
      net::ip::tcp::socket::wait_read, [self = shared_from_this()](const ErrorCode& error) {
        self->is_watching_ = false;
        if (error || (self->state_ != State::kHandling && self->state_ != State::kStreaming))
          return;
        char byte;
        const ssize_t size =
            recv(self->stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (size > 0) return;  // The next request, already.
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) return self->WatchForDisconnect();
        self->cancelled_->store(true);
        if (self->hurry_ != nullptr) self->hurry_->Signal();
        if (self->state_ == State::kStreaming) self->Close();
      });
}

void Connection::Close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  if (cancelled_ != nullptr) cancelled_->store(true);
  if (queue_ != nullptr) queue_->Close();
  if (hurry_ != nullptr) hurry_->Signal();
  // Let go of later: it may be the last reference to what runs here.
  if (held_ != nullptr) net::post(core_.io, [held = std::exchange(held_, nullptr)] {});
  ErrorCode ignored;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_both, ignored);
  stream_.socket().close(ignored);
}

}  // namespace selfology::http
