#include "services/edge/api_gateway/socket_tunnels.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/http/listen_address.h"
#include "common/http/url.h"
#include "common/observe/log.h"

namespace selfology::api_gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr absl::Duration kAsk = absl::Seconds(2);
constexpr auto kConnect = std::chrono::seconds(5);
constexpr auto kIdle = std::chrono::seconds(60);
constexpr auto kLookAgain = milliseconds(50);
// Of what the client has not taken: the service is read no further until then.
constexpr size_t kEnough = 256 << 10;
// Of what the service has not taken.
constexpr size_t kTooMuch = 2 << 20;
constexpr size_t kMaxMessage = 1 << 20;
constexpr int kRefused = 1008, kTryLater = 1013;

// Whether the page that connects was read from where it connects to: the service, which has another
// address, cannot tell.
bool IsOwnOrigin(const http::Request& request) {
  const auto origin = request.headers.Get("Origin");
  const auto host = request.headers.Get("Host");
  if (!origin.has_value() || !host.has_value() || host->empty()) return false;
  return absl::EqualsIgnoreCase(*origin, absl::StrCat("http://", *host)) ||
         absl::EqualsIgnoreCase(*origin, absl::StrCat("https://", *host));
}

}  // namespace

struct SocketTunnels::Core {
  explicit Core(Options given) : options(std::move(given)) {}

  const Options options;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(io);
  std::thread thread;
  mutable absl::Mutex mutex;
  std::map<const http::WebSocket*, std::shared_ptr<Tunnel>> tunnels ABSL_GUARDED_BY(mutex);
  bool stopped ABSL_GUARDED_BY(mutex) = false;
};

// One client's. All but Begin, Say and End run on the I/O thread.
class SocketTunnels::Tunnel : public std::enable_shared_from_this<Tunnel> {
 public:
  Tunnel(asio::io_context& io, std::shared_ptr<http::WebSocket> client)
      : io_(io), client_(std::move(client)), service_(io), resolver_(io), timer_(io) {}

  void Begin(const std::string& address) {
    asio::post(io_, [self = shared_from_this(), address] { self->Connect(address); });
  }
  void Say(std::string message, bool binary) {
    asio::post(io_, [self = shared_from_this(), message = std::move(message), binary]() mutable {
      self->Add(std::move(message), binary);
    });
  }
  // The client is gone.
  void End() {
    asio::post(io_, [self = shared_from_this()] { self->Close(); });
  }

 private:
  struct Message {
    std::string text;
    bool binary;
  };

  void Connect(const std::string& address) {
    const auto parsed = http::ParseListenAddress(address);
    if (!parsed.ok()) return Fail(kTryLater, "no address");
    host_ = address;
    auto& socket = beast::get_lowest_layer(service_);
    socket.expires_after(kConnect);
    resolver_.async_resolve(
        parsed->host, absl::StrCat(parsed->port),
        [self = shared_from_this()](error_code error,
                                    const asio::ip::tcp::resolver::results_type& found) {
          // What was done when Close came cannot be cancelled any more; a socket would open again.
          if (self->closed_) return;
          if (error) return self->Fail(kTryLater, "unknown host");
          beast::get_lowest_layer(self->service_)
              .async_connect(found, [self](error_code refused, const auto&) {
                if (self->closed_) return;
                if (refused) return self->Fail(kTryLater, "away");
                self->Handshake();
              });
        });
  }

  void Handshake() {
    beast::get_lowest_layer(service_).expires_never();
    // Both ends notice a dead peer.
    service_.set_option(websocket::stream_base::timeout{
        .handshake_timeout = kConnect, .idle_timeout = kIdle, .keep_alive_pings = true});
    service_.read_message_max(kMaxMessage);
    const http::Request& request = client_->request();
    service_.set_option(
        websocket::stream_base::decorator([&request](websocket::request_type& upgrade) {
          for (const char* name : {"Authorization", "Origin", "User-Agent", "traceparent"}) {
            if (std::string_view(name) == "Origin" && IsOwnOrigin(request)) continue;
            if (const auto value = request.headers.Get(name)) {
              upgrade.set(name, beast::string_view(value->data(), value->size()));
            }
          }
        }));
    const std::string query = http::EncodeQuery(request.query);
    service_.async_handshake(host_,
                             absl::StrCat(request.encoded_path, query.empty() ? "" : "?", query),
                             [self = shared_from_this()](error_code error) {
                               if (self->closed_) return;
                               if (error == websocket::error::upgrade_declined) {
                                 return self->Fail(kRefused, "refused");
                               }
                               if (error) return self->Fail(kTryLater, "away");
                               self->open_ = true;
                               self->Write();
                               self->Read();
                             });
  }

  void Read() {
    service_.async_read(buffer_, [self = shared_from_this()](error_code error, size_t) {
      if (error) {
        const int code = self->service_.reason().code;
        const bool said = error == websocket::error::closed && code >= 1000 && code != 1005;
        return self->Fail(said ? code : kTryLater, said ? "" : "away");
      }
      self->PassOn();
    });
  }

  void PassOn() {
    std::string message = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    const absl::Status sent = service_.got_text() ? client_->Send(std::move(message))
                                                  : client_->SendBinary(std::move(message));
    if (!sent.ok()) {
      client_->Drop();
      return Close();
    }
    ReadOnceTaken();
  }

  void ReadOnceTaken() {
    if (closed_) return;
    if (client_->unsent_bytes() <= kEnough) return Read();
    timer_.expires_after(kLookAgain);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->ReadOnceTaken();
    });
  }

  void Add(std::string message, bool binary) {
    if (closed_) return;
    unsent_ += message.size();
    if (unsent_ > kTooMuch) return Fail(kTryLater, "too much");
    to_service_.push_back({std::move(message), binary});
    if (to_service_.size() == 1) Write();
  }

  void Write() {
    if (!open_ || closed_ || to_service_.empty()) return;
    service_.binary(to_service_.front().binary);
    service_.async_write(asio::buffer(to_service_.front().text),
                         [self = shared_from_this()](error_code error, size_t) {
                           if (error) return self->Close();
                           self->unsent_ -= self->to_service_.front().text.size();
                           self->to_service_.pop_front();
                           self->Write();
                         });
  }

  void Fail(int code, std::string_view why) {
    if (closed_) return;
    client_->Close(code, why);
    Close();
  }

  void Close() {
    if (closed_) return;
    closed_ = true;
    timer_.cancel();
    resolver_.cancel();
    if (!open_) return beast::get_lowest_layer(service_).close();
    service_.async_close(websocket::close_code::normal, [self = shared_from_this()](error_code) {
      beast::get_lowest_layer(self->service_).close();
    });
  }

  asio::io_context& io_;
  const std::shared_ptr<http::WebSocket> client_;
  websocket::stream<beast::tcp_stream> service_;
  asio::ip::tcp::resolver resolver_;
  asio::steady_timer timer_;
  std::string host_;
  beast::flat_buffer buffer_;
  std::deque<Message> to_service_;
  size_t unsent_ = 0;
  bool open_ = false;
  bool closed_ = false;
};

SocketTunnels::SocketTunnels(Options options) : core_(std::make_shared<Core>(std::move(options))) {
  core_->thread = std::thread([core = core_.get()] { core->io.run(); });
}

SocketTunnels::~SocketTunnels() { Stop(); }

http::WebSocketRoute SocketTunnels::Route(std::string path) {
  const auto find = [core = core_](const http::WebSocket* client) -> std::shared_ptr<Tunnel> {
    absl::MutexLock lock(&core->mutex);
    const auto found = core->tunnels.find(client);
    return found == core->tunnels.end() ? nullptr : found->second;
  };
  const auto say = [find](const std::shared_ptr<http::WebSocket>& client, std::string message,
                          bool binary) {
    if (const auto tunnel = find(client.get())) tunnel->Say(std::move(message), binary);
  };
  return {.path = std::move(path),
          .opened =
              [core = core_](const std::shared_ptr<http::WebSocket>& client) {
                const Call call = Call::Background(kAsk, client->request().call.trace());
                const auto address = core->options.address_of(call);
                if (!address.ok()) {
                  observe::Warning("no place for a WebSocket", {{"status", address.status()}});
                  return client->Close(kTryLater, "away");
                }
                auto tunnel = std::make_shared<Tunnel>(core->io, client);
                {
                  absl::MutexLock lock(&core->mutex);
                  if (core->stopped) return client->Close(kTryLater, "the gateway stops");
                  core->tunnels[client.get()] = tunnel;
                }
                tunnel->Begin(*address);
              },
          .received = [say](const std::shared_ptr<http::WebSocket>& client,
                            std::string message) { say(client, std::move(message), false); },
          .received_binary = [say](const std::shared_ptr<http::WebSocket>& client,
                                   std::string bytes) { say(client, std::move(bytes), true); },
          .closed =
              [core = core_](const std::shared_ptr<http::WebSocket>& client) {
                std::shared_ptr<Tunnel> tunnel;
                {
                  absl::MutexLock lock(&core->mutex);
                  const auto found = core->tunnels.find(client.get());
                  if (found == core->tunnels.end()) return;
                  tunnel = std::move(found->second);
                  core->tunnels.erase(found);
                }
                tunnel->End();
              },
          .max_message_bytes = kMaxMessage};
}

size_t SocketTunnels::open() const {
  absl::MutexLock lock(&core_->mutex);
  return core_->tunnels.size();
}

void SocketTunnels::Stop() {
  {
    absl::MutexLock lock(&core_->mutex);
    if (core_->stopped) return;
    core_->stopped = true;
    core_->tunnels.clear();
  }
  core_->io.stop();
  core_->thread.join();
}

}  // namespace selfology::api_gateway
