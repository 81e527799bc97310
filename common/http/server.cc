#include "common/http/server.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/http/connection.h"
#include "common/http/core.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::http {

namespace net = boost::asio;
using tcp = net::ip::tcp;

std::optional<std::string_view> Request::Parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Response Response::Text(std::string body, int status) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = std::move(body)};
}

Response Response::Json(std::string body, int status) {
  return {
      .status = status, .headers = {{"Content-Type", std::string(kJson)}}, .body = std::move(body)};
}

Response Response::Error(const absl::Status& error, std::string_view trace_id) {
  Response response = Json(status::ErrorJson(error, trace_id), status::HttpCode(error.code()));
  if (const auto delay = status::RetryAfter(error)) {
    response.headers.Set("Retry-After",
                         absl::StrCat(absl::ToInt64Seconds(absl::Ceil(*delay, absl::Seconds(1)))));
  }
  return response;
}

Response Response::Streaming(std::string_view content_type,
                             std::function<void(std::shared_ptr<Stream>)> stream) {
  return {.headers = {{"Content-Type", std::string(content_type)}, {"Cache-Control", "no-store"}},
          .stream = std::move(stream)};
}

Response Response::Later(std::function<void(std::shared_ptr<Responder>)> later) {
  return {.later = std::move(later)};
}

namespace {

class ServerImpl final : public Server {
 public:
  ServerImpl(Options options, Router router)
      : core_(std::move(options), std::move(router)),
        work_(net::make_work_guard(core_.io)),
        acceptor_(core_.io),
        pause_(core_.io) {}

  // NOLINTNEXTLINE(bugprone-exception-escape): what it posts throws for want of memory only.
  ~ServerImpl() override { Stop(absl::ZeroDuration()); }

  absl::Status Listen() {
    boost::system::error_code error;
    const auto address = net::ip::make_address(core_.options.address, error);
    if (error) return absl::InvalidArgumentError("the server's address is not an IP address");
    const tcp::endpoint endpoint(address, core_.options.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(net::socket_base::reuse_address(true), error);
    if (!error && address.is_v6()) acceptor_.set_option(net::ip::v6_only(false), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    if (error) {
      return absl::UnavailableError(
          absl::StrCat("cannot listen on port ", core_.options.port, ": ", error.message()));
    }
    Accept();
    io_thread_ = std::thread([this] { RunIo(); });
    return absl::OkStatus();
  }

  uint16_t port() const override { return port_; }

  void Stop(absl::Duration patience) override {
    absl::MutexLock lock(&stop_mutex_);
    if (!io_thread_.joinable()) return;
    const absl::Time deadline = absl::Now() + patience;
    core_.draining->store(true);
    // Waited for: from then on sessions only become fewer.
    absl::Notification drained;
    net::post(core_.io, [this, &drained] {
      boost::system::error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
      for (const auto& session : core_.Sessions()) session->Drain();
      drained.Notify();
    });
    drained.WaitForNotification();
    if (!core_.AwaitNoSessions(deadline)) {
      net::post(core_.io, [this] {
        for (const auto& session : core_.Sessions()) session->Abort();
      });
      core_.AwaitNoSessions(absl::InfiniteFuture());
    }
    core_.workers.Stop();
    core_.long_pollers.Stop();
    work_.reset();
    core_.io.stop();
    io_thread_.join();
  }

 private:
  void RunIo() {
    for (;;) {
      try {
        core_.io.run();
        return;
      } catch (const std::exception& error) {
        observe::Error("exception in the HTTP server's I/O thread", {{"what", error.what()}});
      }
    }
  }

  void Accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
      if (!acceptor_.is_open()) return;
      if (error) return AcceptLater();
      boost::system::error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      // Closed at once when there are too many: the client learns it now rather than at its
      // deadline.
      if (core_.CountSessions() < static_cast<size_t>(core_.options.max_connections)) {
        auto connection = std::make_shared<Connection>(core_, std::move(socket));
        core_.Add(connection);
        connection->Start();
      }
      Accept();
    });
  }

  // Out of file descriptors, most likely; trying at once would spin.
  void AcceptLater() {
    pause_.expires_after(std::chrono::milliseconds(100));
    pause_.async_wait([this](const boost::system::error_code&) {
      if (acceptor_.is_open()) Accept();
    });
  }

  Core core_;
  net::executor_work_guard<net::io_context::executor_type> work_;
  tcp::acceptor acceptor_;
  net::steady_timer pause_;
  uint16_t port_ = 0;
  absl::Mutex stop_mutex_;
  std::thread io_thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Options options, std::vector<Route> routes,
                                                      std::vector<WebSocketRoute> web_sockets) {
  ASSIGN_OR_RETURN(Router router, Router::Make(std::move(routes), std::move(web_sockets)));
  auto server = std::make_unique<ServerImpl>(std::move(options), std::move(router));
  RETURN_IF_ERROR(server->Listen());
  return server;
}

}  // namespace selfology::http
