// Answering requests, at once or bit by bit.
#include <algorithm>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/http/connection.h"
#include "common/observe/log.h"
#include "common/status/status.h"

namespace selfology::http {

namespace net = boost::asio;
namespace beast = boost::beast;

namespace {

// More is not sent: clients refuse such headers, and Beast throws from 64 KiB on.
constexpr size_t kMaxFieldBytes = 8 << 10;

bool IsToken(std::string_view name) {
  return !name.empty() && name.size() < 256 &&
         std::all_of(
             name.begin(), name.end(),
             [](char c) {
               return absl::ascii_isalnum(c) || absl::StrContains("!#$%&'*+-.^_`|~", c);
             });
}

// What this file decides itself.
bool IsOurs(std::string_view name) {
  return absl::EqualsIgnoreCase(name, "Content-Length") ||
         absl::EqualsIgnoreCase(name, "Connection") ||
         absl::EqualsIgnoreCase(name, "Transfer-Encoding");
}

bool MayHaveBody(int status) { return status >= 200 && status != 204 && status != 304; }

// The Stream that a handler gets.
class QueueStream : public Stream {
 public:
  QueueStream(std::shared_ptr<SendQueue> queue, absl::Duration patience)
      : queue_(std::move(queue)), patience_(patience) {}
  ~QueueStream() override { queue_->End(); }

  absl::Status Write(std::string_view data) override {
    absl::Status pushed = queue_->Push(std::string(data), patience_);
    // A client that slow is as good as gone.
    if (absl::IsResourceExhausted(pushed)) {
      return status::Error(absl::StatusCode::kUnavailable, status::Reason(pushed),
                           pushed.message());
    }
    return pushed;
  }
  bool closed() const override { return queue_->closed(); }

 private:
  const std::shared_ptr<SendQueue> queue_;
  const absl::Duration patience_;
};

// The Responder that a handler gets; it may outlive the connection, and that the server.
class LateAnswer final : public Responder {
 public:
  using Give = std::function<void(Response)>;

  LateAnswer(Give give, std::string trace_id, std::shared_ptr<Hurry> hurry)
      : give_(std::move(give)), trace_id_(std::move(trace_id)), hurry_(std::move(hurry)) {}
  ~LateAnswer() override {
    Answer(Response::Error(absl::InternalError("the handler gave no answer"), trace_id_));
  }

  void Answer(Response response) override {
    if (is_answered_.exchange(true)) return;
    hurry_->Set(nullptr);
    give_(std::move(response));
  }
  void OnHurry(std::function<void()> hurry) override { hurry_->Set(std::move(hurry)); }

 private:
  const Give give_;
  const std::string trace_id_;
  const std::shared_ptr<Hurry> hurry_;
  std::atomic<bool> is_answered_ = false;
};

}  // namespace

void Hurry::Set(std::function<void()> function) {
  {
    absl::MutexLock lock(&mutex_);
    if (!signalled_) {
      // Let go of outside of the lock: it may hold the last reference to what sets another.
      std::swap(function_, function);
      return;
    }
  }
  if (function != nullptr) run_(std::move(function));
}

void Hurry::Signal() {
  std::function<void()> function;
  {
    absl::MutexLock lock(&mutex_);
    if (std::exchange(signalled_, true)) return;
    function = std::exchange(function_, nullptr);
  }
  if (function != nullptr) run_(std::move(function));
}

void Connection::AnswerLater(const std::function<void(std::shared_ptr<Responder>)>& later) {
  // Runs only while the connection stands, and with it the server.
  auto hurry = std::make_shared<Hurry>(
      [weak = weak_from_this(), trace = trace_](std::function<void()> function) {
        const auto self = weak.lock();
        if (self == nullptr) return;
        Core::Run(self->core_.workers, trace, [function = std::move(function)] {
          const absl::Status ignored = CatchAll([&] {
            function();
            return absl::OkStatus();
          });
        });
      });
  net::post(core_.io, [self = shared_from_this(), hurry] {
    self->hurry_ = hurry;
    if (self->state_ == State::kClosed || self->core_.draining->load() ||
        self->cancelled_->load()) {
      hurry->Signal();
    }
    if (self->state_ != State::kClosed) self->held_ = self;
  });
  const auto responder = std::make_shared<LateAnswer>(
      [weak = weak_from_this()](Response response) {
        response.later = nullptr;
        if (const auto self = weak.lock()) self->Produce(std::move(response));
      },
      std::string(trace_.trace_id.view()), hurry);
  const absl::Status status = CatchAll([&] {
    later(responder);
    return absl::OkStatus();
  });
  if (!status.ok()) responder->Answer(Response::Error(status, trace_.trace_id.view()));
}

void Connection::Produce(Response response) {
  if (response.later != nullptr) return AnswerLater(response.later);
  if (response.drop) return net::post(core_.io, [self = shared_from_this()] { self->Close(); });
  if (response.stream == nullptr || is_head_) {
    net::post(core_.io, [self = shared_from_this(), response = std::move(response)]() mutable {
      self->Respond(std::move(response));
    });
    return;
  }
  auto queue = std::make_shared<SendQueue>([weak = weak_from_this(), &io = core_.io] {
    net::post(io, [weak] {
      if (const auto self = weak.lock()) self->PumpStream();
    });
  });
  const auto produce = std::exchange(response.stream, nullptr);
  net::post(core_.io, [self = shared_from_this(), response = std::move(response), queue] {
    self->RespondStreaming(response, queue);
  });
  // Kept here, so that a producer that throws does not end the body as if it were whole.
  const auto stream = std::make_shared<QueueStream>(queue, core_.options.write_timeout);
  const absl::Status status = CatchAll([&] {
    produce(stream);
    return absl::OkStatus();
  });
  if (status.ok()) return;
  queue->Close();
  net::post(core_.io, [self = shared_from_this()] { self->Close(); });
}

void Connection::Refuse(const Refusal& refusal) {
  const absl::Status error =
      status::Error(status::FromHttpCode(refusal.http_status), refusal.reason, refusal.message);
  Response response = Response::Error(error, trace_.trace_id.view());
  if (core_.options.refusal != nullptr) {
    const bool is_known = !target_.encoded_path.empty();
    response = core_.options.refusal(
        {.error = error,
         .status = refusal.http_status,
         .method = is_known ? std::string_view(parser_->get().method_string()) : "",
         .encoded_path = target_.encoded_path,
         .trace_id = trace_.trace_id.view()});
  }
  response.status = refusal.http_status;
  if (!match_.allow.empty()) response.headers.Set("Allow", match_.allow);
  if (match_.needs_upgrade) response.headers.Set("Upgrade", "websocket");
  Respond(std::move(response));
}

template <typename Body>
void Connection::FillHead(beast::http::response<Body>& head, const Response& response) {
  int status = response.status;
  if (status < 200 || status > 999) {
    observe::Error("HTTP handler returned an invalid status", {{"status", status}});
    status = 500;
  }
  const std::string operation = match_.route == nullptr
                                    ? "unmatched"
                                    : absl::StrCat(match_.route->method, " ", match_.route->path);
  core_.requests.Record(operation,
                        status < 400 ? absl::StatusCode::kOk : status::FromHttpCode(status),
                        absl::Now() - arrival_);
  if (core_.draining->load() || !body_is_read_) keep_alive_ = false;
  head.version(parser_->get().version() == 10 ? 10 : 11);
  head.result(static_cast<unsigned>(status));
  head.keep_alive(keep_alive_);
  head.set("Date",
           absl::FormatTime("%a, %d %b %E4Y %H:%M:%S GMT", absl::Now(), absl::UTCTimeZone()));
  for (const auto& [name, value] : response.headers) {
    if (IsOurs(name)) continue;
    if (!IsToken(name) || value.size() > kMaxFieldBytes) {
      observe::Error("invalid HTTP response header dropped", {{"operation", operation}});
      continue;
    }
    std::string line = value;
    // A line break would start a header of its own.
    std::replace_if(
        line.begin(), line.end(), [](char c) { return absl::ascii_iscntrl(c) && c != '\t'; }, ' ');
    head.insert(name, line);
  }
}

void Connection::Respond(Response response) {
  const std::shared_ptr<Connection> held = std::exchange(held_, nullptr);
  hurry_ = nullptr;
  if (state_ == State::kClosed) return;
  state_ = State::kWriting;
  response_ = {};
  FillHead(response_, response);
  if (MayHaveBody(response.status)) {
    response_.content_length(response.body.size());
    if (!is_head_) response_.body() = std::move(response.body);
  }
  stream_.expires_after(absl::ToChronoNanoseconds(core_.options.write_timeout));
  beast::http::async_write(stream_, response_,
                           [self = shared_from_this()](const ErrorCode& error, size_t) {
                             return error ? self->Close() : self->AfterResponse();
                           });
}

void Connection::RespondStreaming(const Response& response, std::shared_ptr<SendQueue> queue) {
  const std::shared_ptr<Connection> held = std::exchange(held_, nullptr);
  hurry_ = nullptr;
  if (state_ == State::kClosed) return queue->Close();
  state_ = State::kStreaming;
  queue_ = std::move(queue);
  head_ = {};
  // HTTP/1.0 knows no chunks: there the connection's end is the body's.
  const bool is_chunked = parser_->get().version() != 10;
  if (!is_chunked) keep_alive_ = false;
  FillHead(head_, response);
  head_.chunked(is_chunked);
  head_serializer_.emplace(head_);
  is_pumping_ = true;
  stream_.expires_after(absl::ToChronoNanoseconds(core_.options.write_timeout));
  beast::http::async_write_header(stream_, *head_serializer_,
                                  [self = shared_from_this()](const ErrorCode& error, size_t) {
                                    if (error) return self->Close();
                                    self->is_pumping_ = false;
                                    self->PumpStream();
                                  });
}

void Connection::PumpStream() {
  if (state_ != State::kStreaming || is_pumping_) return;
  SendQueue::Taken taken = queue_->TakeAll();
  const bool is_chunked = head_.chunked();
  if (taken.piece.has_value()) {
    piece_ = *std::move(taken.piece);
    const net::const_buffer buffer = net::buffer(piece_);
    // An empty chunk would be the last one.
    if (piece_.empty()) return WritePiece(net::const_buffer(), false);
    if (is_chunked) return WritePiece(beast::http::make_chunk(buffer), false);
    return WritePiece(buffer, false);
  }
  if (!taken.ended) return stream_.expires_never();
  if (is_chunked) return WritePiece(beast::http::make_chunk_last(), true);
  AfterResponse();
}

template <typename Buffers>
void Connection::WritePiece(const Buffers& buffers, bool is_last) {
  is_pumping_ = true;
  stream_.expires_after(absl::ToChronoNanoseconds(core_.options.write_timeout));
  net::async_write(stream_, buffers,
                   [self = shared_from_this(), is_last](const ErrorCode& error, size_t) {
                     if (error) return self->Close();
                     self->is_pumping_ = false;
                     return is_last ? self->AfterResponse() : self->PumpStream();
                   });
}

void Connection::AfterResponse() {
  if (state_ == State::kClosed) return;
  if (queue_ != nullptr) queue_->Close();
  queue_ = nullptr;
  if (keep_alive_) return AwaitRequest();
  if (!body_is_read_ || buffer_.size() > 0) return Linger();
  Close();
}

void Connection::Linger() {
  state_ = State::kLingering;
  ErrorCode ignored;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(std::chrono::seconds(2));
  DiscardInput();
}

void Connection::DiscardInput() {
  stream_.async_read_some(net::buffer(discarded_),
                          [self = shared_from_this()](const ErrorCode& error, size_t) {
                            return error ? self->Close() : self->DiscardInput();
                          });
}

}  // namespace selfology::http
