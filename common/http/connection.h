// One client's connection, request after request. Internal to this folder: it brings Boost.Beast
// along.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/http/core.h"
#include "common/http/send_queue.h"
#include "common/observe/span.h"

namespace selfology::http {

// Tells, once, that an answer is awaited no longer, or no longer with patience. Thread-safe.
class Hurry {
 public:
  // run: calls what it is given, where it may block.
  explicit Hurry(std::function<void(std::function<void()>)> run) : run_(std::move(run)) {}
  void Set(std::function<void()> function);
  void Signal();

 private:
  const std::function<void(std::function<void()>)> run_;
  absl::Mutex mutex_;
  bool signalled_ ABSL_GUARDED_BY(mutex_) = false;
  std::function<void()> function_ ABSL_GUARDED_BY(mutex_);
};

// Runs on the I/O thread, but for the handlers. Lives as long as an operation or a handler refers
// to it.
class Connection : public Session, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Core& core, boost::asio::ip::tcp::socket socket);
  ~Connection() override;

  void Start();
  void Drain() override;
  void Abort() override;

 private:
  using ErrorCode = boost::system::error_code;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  enum class State { kIdle, kReading, kHandling, kWriting, kStreaming, kLingering, kClosed };

  // Why no handler gets to see a request.
  struct Refusal {
    int http_status;
    std::string reason;  // ErrorInfo.reason
    std::string message;
  };

  // Reading.
  void AwaitRequest();
  void ReadHeader();
  void OnHeader(const ErrorCode& error);
  std::optional<Refusal> CheckHeader();
  std::optional<Refusal> CheckRoute();
  void ReadBody();
  void OnBody(const ErrorCode& error);
  static std::optional<Refusal> OfParser(const ErrorCode& error);

  // Handling.
  Request TakeRequest(absl::Time deadline);
  void Handle();
  // Once a handler has returned, on its thread; http_status 0: it answers later.
  void EndSpan(std::string_view method, std::string_view route, int http_status) const;
  void Produce(Response response);
  void AnswerLater(const std::function<void(std::shared_ptr<Responder>)>& later);
  void Upgrade();
  void WatchForDisconnect();

  // Answering.
  void Refuse(const Refusal& refusal);
  void Respond(Response response);
  void RespondStreaming(const Response& response, std::shared_ptr<SendQueue> queue);
  template <typename Body>
  void FillHead(boost::beast::http::response<Body>& head, const Response& response);
  void PumpStream();
  template <typename Buffers>
  void WritePiece(const Buffers& buffers, bool is_last);
  void AfterResponse();

  // Ending. A client that is still sending would get a reset instead of our answer: linger until it
  // stops.
  void Linger();
  void DiscardInput();
  void Close();

  Core& core_;
  boost::beast::tcp_stream stream_;
  const std::string peer_;
  State state_ = State::kIdle;
  boost::beast::flat_buffer buffer_;

  // The request at hand.
  std::optional<Parser> parser_;
  Target target_;
  Router::Match match_;
  Admission admission_ = {};
  absl::Time arrival_;
  observe::Span span_;
  observe::TraceContext trace_;
  std::shared_ptr<std::atomic<bool>> cancelled_;
  bool is_head_ = false;
  bool keep_alive_ = false;
  bool body_is_read_ = false;
  bool is_watching_ = false;
  bool is_new_ = true;  // No request has begun yet.

  // The response at hand.
  boost::beast::http::response<boost::beast::http::string_body> response_;
  boost::beast::http::response<boost::beast::http::empty_body> head_;
  std::optional<boost::beast::http::response_serializer<boost::beast::http::empty_body>>
      head_serializer_;
  std::shared_ptr<SendQueue> queue_;  // Of a streaming response.
  std::string piece_;                 // Of it, being written.
  bool is_pumping_ = false;

  // While another thread has the answer: nothing else may refer to the connection.
  std::shared_ptr<Connection> held_;
  std::shared_ptr<Hurry> hurry_;
  char discarded_[4096];
};

}  // namespace selfology::http
