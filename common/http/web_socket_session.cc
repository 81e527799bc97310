#include "common/http/web_socket_session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "common/http/send_queue.h"

namespace selfology::http {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

namespace {

using ErrorCode = boost::system::error_code;

constexpr size_t kKeptBytes = 4096;

struct CloseRequest {
  int code;
  std::string reason;
};

class WebSocketSession;

// The WebSocket that handlers get; it may outlive the session.
class Handle : public WebSocket {
 public:
  Handle(std::weak_ptr<WebSocketSession> session, std::shared_ptr<SendQueue> queue,
         std::shared_ptr<const Request> request)
      : session_(std::move(session)), queue_(std::move(queue)), request_(std::move(request)) {}

  absl::Status Send(std::string text) override {
    return queue_->Push(std::move(text), absl::ZeroDuration());
  }
  absl::Status SendBinary(std::string bytes) override {
    return queue_->Push(std::move(bytes), absl::ZeroDuration(), true);
  }
  void Close(int code, std::string_view reason) override;
  void Drop() override;
  size_t unsent_bytes() const override { return queue_->unsent_bytes(); }
  const Request& request() const override { return *request_; }

 private:
  const std::weak_ptr<WebSocketSession> session_;
  const std::shared_ptr<SendQueue> queue_;
  const std::shared_ptr<const Request> request_;
};

class WebSocketSession : public Session, public std::enable_shared_from_this<WebSocketSession> {
 public:
  WebSocketSession(Core& core, beast::tcp_stream stream, Request request,
                   const WebSocketRoute& route)
      : core_(core), route_(route), stream_(std::move(stream)) {
    request.call = Call(absl::InfiniteFuture(), request.call.trace(),
                        [cancelled = cancelled_] { return cancelled->load(); });
    request_ = std::make_shared<const Request>(std::move(request));
  }

  ~WebSocketSession() override {
    if (queue_ != nullptr) queue_->Close();
    core_.Remove(this);
  }

  void Accept(const beast::http::request<beast::http::string_body>& handshake) {
    // Ends the connections of clients that no longer answer pings.
    websocket::stream_base::timeout timeout{
        .handshake_timeout = absl::ToChronoNanoseconds(core_.options.header_timeout),
        .idle_timeout = absl::ToChronoNanoseconds(core_.options.idle_timeout),
        .keep_alive_pings = true};
    stream_.set_option(timeout);
    stream_.read_message_max(
        route_.max_message_bytes.value_or(core_.options.max_web_socket_message_bytes));
    // A message goes out as one frame, straight from where it is: no buffer for idle sockets.
    stream_.auto_fragment(false);
    if (route_.compress) {
      websocket::permessage_deflate deflate;
      deflate.server_enable = true;
      deflate.msg_size_threshold = 1024;
      stream_.set_option(deflate);
    }
    stream_.async_accept(handshake, [self = shared_from_this()](const ErrorCode& error) {
      if (!error) self->Open();
    });
  }

  void Drain() override {
    RequestClose({static_cast<int>(websocket::close_code::going_away), "the server is stopping"});
  }

  void Abort() override {
    cancelled_->store(true);
    if (queue_ != nullptr) queue_->Close();
    beast::get_lowest_layer(stream_).close();
  }

  // From any thread.
  void PostClose(const CloseRequest& request) {
    net::post(core_.io, [self = shared_from_this(), request] { self->RequestClose(request); });
  }
  void PostAbort() {
    net::post(core_.io, [self = shared_from_this()] { self->Abort(); });
  }

 private:
  void Open() {
    queue_ = std::make_shared<SendQueue>([weak = weak_from_this(), &io = core_.io] {
      net::post(io, [weak] {
        if (const auto self = weak.lock()) self->Pump();
      });
    });
    handle_ = std::make_shared<Handle>(weak_from_this(), queue_, request_);
    if (core_.draining->load()) Drain();
    if (route_.opened == nullptr) return Read();
    Run([this] { route_.opened(handle_); }, &WebSocketSession::Read);
  }

  // Runs one of the room's functions on a worker thread, then goes on here.
  void Run(std::function<void()> function, void (WebSocketSession::*next)()) {
    if (route_.runs_inline) return RunInline(function, next);
    auto work = [self = shared_from_this(), function = std::move(function), next] {
      const absl::Status status = CatchAll([&] {
        function();
        return absl::OkStatus();
      });
      net::post(self->core_.io, [self, next, failed = !status.ok()] {
        if (failed) {
          self->RequestClose({static_cast<int>(websocket::close_code::internal_error), ""});
        }
        (self.get()->*next)();
      });
    };
    if (!Core::Run(core_.workers, request_->call.trace(), std::move(work))) Abort();
  }

  void RunInline(const std::function<void()>& function, void (WebSocketSession::*next)()) {
    absl::Status status;
    Core::RunHere(request_->call.trace(), [&] {
      status = CatchAll([&] {
        function();
        return absl::OkStatus();
      });
    });
    if (!status.ok()) {
      RequestClose({static_cast<int>(websocket::close_code::internal_error), ""});
    }
    (this->*next)();
  }

  void Read() {
    stream_.async_read(buffer_, [self = shared_from_this()](const ErrorCode& error, size_t) {
      if (error) return self->Closed();
      std::string message = beast::buffers_to_string(self->buffer_.cdata());
      self->buffer_.consume(self->buffer_.size());
      // An idle socket must not keep what its largest message once took.
      if (self->buffer_.capacity() > kKeptBytes) self->buffer_.shrink_to_fit();
      const bool is_binary = self->stream_.got_binary() && self->route_.received_binary != nullptr;
      const auto& received = is_binary ? self->route_.received_binary : self->route_.received;
      if (received == nullptr) return self->Read();
      self->Run(
          [raw = self.get(), &received, message = std::move(message)]() mutable {
            received(raw->handle_, std::move(message));
          },
          &WebSocketSession::Read);
    });
  }

  void Closed() {
    Abort();
    if (route_.closed == nullptr) return;
    Run([this] { route_.closed(handle_); }, &WebSocketSession::End);
  }

  void End() {}  // The last reference goes, and the session with it.

  void RequestClose(CloseRequest request) {
    if (!close_request_.has_value()) close_request_ = std::move(request);
    if (queue_ == nullptr) return;  // Not open yet; Open pumps.
    queue_->End();
    Pump();
  }

  // Sends what is queued, then the close frame if one is wanted.
  void Pump() {
    if (is_writing_ || is_closing_) return;
    SendQueue::Taken taken = queue_->TakeOne();
    if (taken.piece.has_value()) {
      piece_ = *std::move(taken.piece);
      is_writing_ = true;
      stream_.binary(taken.binary);
      stream_.async_write(net::buffer(piece_),
                          [self = shared_from_this()](const ErrorCode& error, size_t) {
                            self->is_writing_ = false;
                            if (error) return self->Abort();  // The pending read notices.
                            self->Pump();
                          });
      return;
    }
    if (!close_request_.has_value()) return;
    is_closing_ = true;
    websocket::close_reason reason(static_cast<std::uint16_t>(close_request_->code));
    reason.reason.assign(close_request_->reason.data(),
                         std::min(close_request_->reason.size(), reason.reason.max_size()));
    stream_.async_close(reason, [self = shared_from_this()](const ErrorCode&) { self->Abort(); });
  }

  Core& core_;
  const WebSocketRoute& route_;
  websocket::stream<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
  const std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<const Request> request_;
  std::shared_ptr<SendQueue> queue_;
  std::shared_ptr<Handle> handle_;
  std::string piece_;
  std::optional<CloseRequest> close_request_;
  bool is_writing_ = false;
  bool is_closing_ = false;
};

void Handle::Close(int code, std::string_view reason) {
  if (const auto session = session_.lock()) session->PostClose({code, std::string(reason)});
}

void Handle::Drop() {
  if (const auto session = session_.lock()) session->PostAbort();
}

}  // namespace

void StartWebSocket(Core& core, beast::tcp_stream stream,
                    const beast::http::request<beast::http::string_body>& handshake,
                    Request request, const WebSocketRoute& route) {
  auto session =
      std::make_shared<WebSocketSession>(core, std::move(stream), std::move(request), route);
  core.Add(session);
  session->Accept(handshake);
}

}  // namespace selfology::http
