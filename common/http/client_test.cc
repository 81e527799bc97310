#include "common/http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/http/server.h"
#include "common/http/sse.h"
#include "common/status/status.h"

namespace selfology::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Gzip(const std::string& text) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);  // 16: with gzip's header.
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// Says the given words to each connection after the request's header, and hangs up; counts
// connections.
class RudeServer {
 public:
  explicit RudeServer(const std::string& words) : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    listen(listener_, 10);
    thread_ = std::thread([this, words] {
      for (;;) {
        const int client = accept(listener_, nullptr, nullptr);
        if (client < 0) return;
        char buffer[4096];
        (void)!recv(client, buffer, sizeof buffer, 0);
        (void)!send(client, words.data(), words.size(), MSG_NOSIGNAL);
        close(client);
      }
    });
  }
  ~RudeServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_, "/"); }

 private:
  const int listener_;
  uint16_t port_ = 0;
  std::thread thread_;
};

class ClientTest : public testing::Test {
 protected:
  std::string Serve(Handler handler, std::string method = "GET") {
    auto server = Server::Start(
        {}, {{.method = std::move(method), .path = "/*", .handler = std::move(handler)}});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    return absl::StrCat("http://127.0.0.1:", server_->port(), "/");
  }

  absl::StatusOr<ClientResponse> Send(const ClientRequest& request,
                                      absl::Duration timeout = absl::Seconds(20)) {
    return client_.Send(Call::Background(timeout), request);
  }

  observe::Metrics metrics_;
  Client client_{{.metrics = &metrics_}};
  std::unique_ptr<Server> server_;
};

TEST_F(ClientTest, SendsWhatItIsGiven) {
  const observe::TraceContext trace = {"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7",
                                       true};
  const std::string body = std::string("\0binary\n", 8) + std::string(100'000, 'x');
  const std::string url = Serve(
      [&](const Request& request) {
        EXPECT_EQ(request.body, body);
        EXPECT_EQ(request.headers.Get("Content-Type"), "application/json");
        EXPECT_EQ(request.headers.Get("X-Empty"), "");
        EXPECT_EQ(request.headers.Get("User-Agent"), "selfology/1.0");
        EXPECT_EQ(request.call.trace().trace_id, trace.trace_id);
        EXPECT_EQ(request.headers.Get("traceparent"), trace.Format());
        Response response = Response::Text("thanks", 202);
        response.headers.Add("X-Many", "1");
        response.headers.Add("X-Many", "2");
        return response;
      },
      "PUT");
  const auto response =
      client_.Send(Call::Background(absl::Seconds(20), trace),
                   {.method = "PUT",
                    .url = url,
                    .headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}},
                    .body = body,
                    .target = "test put"});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 202);
  EXPECT_EQ(response->body, "thanks");
  std::vector<std::string> many;
  for (const auto& [name, value] : response->headers) {
    if (name == "X-Many") many.push_back(value);
  }
  EXPECT_THAT(many, ElementsAre("1", "2"));
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr(R"(code="OK",kind="http_client",operation="test put"} 1)"));
}

TEST_F(ClientTest, ReadsABodyPieceByPiece) {
  const std::string body(3'000'000, 'x');
  std::string got;
  auto server = Server::Start({}, {{.method = "POST",
                                    .path = "/*",
                                    .handler =
                                        [&](const Request& request) {
                                          got = request.body;
                                          return Response::Text("thanks");
                                        },
                                    .max_body_bytes = body.size()}});
  ASSERT_TRUE(server.ok()) << server.status();
  size_t read = 0;
  ClientRequest request{.method = "POST",
                        .url = absl::StrCat("http://127.0.0.1:", (*server)->port(), "/"),
                        .body_bytes = body.size()};
  request.read_body = [&](char* data, size_t size) -> absl::StatusOr<size_t> {
    const size_t given = body.copy(data, std::min<size_t>(size, 1000), read);
    read += given;
    return given;
  };
  const auto response = Send(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "thanks");
  EXPECT_TRUE(got == body);

  request.read_body = [](char*, size_t) -> absl::StatusOr<size_t> {
    return absl::NotFoundError("no such file");
  };
  EXPECT_TRUE(absl::IsNotFound(Send(request).status()));
  request.read_body = [](char*, size_t) { return absl::StatusOr<size_t>(0); };
  EXPECT_TRUE(absl::IsInvalidArgument(Send(request).status()));
}

TEST_F(ClientTest, EveryMethodWithAndWithoutABody) {
  for (const std::string method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    const std::string url = Serve(
        [&](const Request& request) { return Response::Text(request.method + " " + request.body); },
        method);
    for (const std::string body : {"", "body"}) {
      const auto response = Send({.method = method, .url = url, .body = body});
      ASSERT_TRUE(response.ok()) << response.status();
      EXPECT_EQ(response->body, absl::StrCat(method, " ", body));
    }
  }
  const std::string url = Serve([&](const Request&) { return Response::Text("four"); });
  const auto head = Send({.method = "HEAD", .url = url});
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_EQ(head->headers.Get("Content-Length"), "4");
  EXPECT_EQ(head->body, "");
}

TEST_F(ClientTest, HttpErrorsAreResponsesThatToStatusReads) {
  const std::string url = Serve([](const Request&) -> absl::StatusOr<Response> {
    return status::WithRetryAfter(absl::ResourceExhaustedError("slow down"), absl::Seconds(7));
  });
  const auto response = Send({.url = url, .target = "busy"});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 429);
  EXPECT_THAT(response->body, HasSubstr("slow down"));
  const absl::Status error = ToStatus(*response);
  EXPECT_EQ(error.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status::RetryAfter(error), absl::Seconds(7));
  EXPECT_TRUE(ToStatus({.status = 204}).ok());
  EXPECT_TRUE(absl::IsUnavailable(ToStatus({.status = 503})));
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr(R"(code="RESOURCE_EXHAUSTED",kind="http_client",operation="busy"} 1)"));
}

TEST_F(ClientTest, UnpacksGzip) {
  const std::string text(1 << 20, 'x');
  const std::string url = Serve([&](const Request& request) {
    EXPECT_THAT(std::string(*request.headers.Get("Accept-Encoding")), HasSubstr("gzip"));
    Response response = Response::Text(Gzip(text));
    response.headers.Add("Content-Encoding", "gzip");
    return response;
  });
  EXPECT_EQ(Send({.url = url})->body, text);
  const auto bomb = Send({.url = url, .max_response_bytes = text.size() - 1});
  EXPECT_EQ(status::Reason(bomb.status()), "RESPONSE_TOO_LARGE");
}

TEST_F(ClientTest, ObeysTheDeadlineAndTheCancelling) {
  std::atomic<bool> inside = false;
  const std::string url = Serve([&](const Request& request) {
    inside = true;
    while (!request.call.Cancelled()) std::this_thread::yield();  // The client hangs up.
    return Response();
  });
  const absl::Time start = absl::Now();
  EXPECT_EQ(Send({.url = url}, absl::Milliseconds(200)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(200));
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  inside = false;
  const Call call(absl::Now() + absl::Seconds(20), {}, [&] { return inside.load(); });
  EXPECT_EQ(client_.Send(call, {.url = url}).status().code(), absl::StatusCode::kCancelled);
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  EXPECT_EQ(Send({.url = url}, absl::ZeroDuration()).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ClientTest, TellsWhetherAnythingWasSent) {
  const std::string url = Serve([](const Request&) { return Response(); });
  server_.reset();
  absl::Status error = Send({.url = url, .target = "gone"}).status();
  EXPECT_TRUE(absl::IsUnavailable(error));
  EXPECT_EQ(status::Reason(error), "CONNECT_FAILED");
  EXPECT_THAT(std::string(error.message()), testing::StartsWith("gone: "));
  EXPECT_THAT(std::string(error.message()), Not(HasSubstr("127.0.0.1")));
  for (const char* words :
       {"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "not http at all"}) {
    RudeServer rude(words);
    error = Send({.url = rude.url()}).status();
    EXPECT_TRUE(absl::IsUnavailable(error)) << words;
    EXPECT_EQ(status::Reason(error), "CONNECTION_LOST") << words;
  }
}

TEST_F(ClientTest, RefusesWhatItCannotSend) {
  for (const ClientRequest& bad : {ClientRequest{.url = ""},
                                   {.url = "nonsense://x"},
                                   {.url = "file:///etc/passwd"},
                                   {.url = "http://"},
                                   {.url = "http://x/\r\nX: y"},
                                   {.method = "GET /x", .url = "http://127.0.0.1:1/"},
                                   {.url = "http://127.0.0.1:1/", .headers = {{"X", "a\r\nY: b"}}},
                                   {.url = "http://127.0.0.1:1/", .headers = {{"X: y", "a"}}}}) {
    EXPECT_EQ(Send(bad).status().code(), absl::StatusCode::kInvalidArgument) << bad.url;
  }
}

// Spellings of one address, and a name for it: what counts is where the connection would go.
TEST_F(ClientTest, ConnectsToAllowedAddressesOnly) {
  Serve([](const Request&) { return Response::Text("here"); });
  std::vector<std::string> asked;
  bool allowed = false;
  Client client({.may_connect = [&](std::string_view address) {
    asked.emplace_back(address);
    return allowed;
  }});
  const auto get = [&](std::string_view host) {
    return client.Send(Call::Background(absl::Seconds(20)),
                       {.url = absl::StrCat("http://", host, ":", server_->port(), "/")});
  };
  for (const char* host : {"127.0.0.1", "2130706433", "0x7f.1", "017700000001", "localhost",
                           "[::1]", "[::ffff:127.0.0.1]"}) {
    const absl::Status refused = get(host).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << host;
    EXPECT_EQ(status::Reason(refused), "ADDRESS_NOT_ALLOWED") << host;
  }
  EXPECT_THAT(asked, ::testing::IsSupersetOf({"127.0.0.1", "::1", "::ffff:127.0.0.1"}));
  allowed = true;
  EXPECT_TRUE(get("127.0.0.1").ok());
}

TEST_F(ClientTest, BoundsTheResponse) {
  const std::string url = Serve([](const Request& request) {
    Response response = Response::Text(std::string(1000, 'x'));
    if (request.path == "/header") {
      for (int i = 0; i < 20; ++i) response.headers.Add("X-Long", std::string(8000, 'x'));
    }
    return response;
  });
  EXPECT_TRUE(Send({.url = url, .max_response_bytes = 1000}).ok());
  EXPECT_EQ(status::Reason(Send({.url = url, .max_response_bytes = 999}).status()),
            "RESPONSE_TOO_LARGE");
  EXPECT_EQ(status::Reason(Send({.url = url + "header"}).status()), "RESPONSE_TOO_LARGE");
}

TEST_F(ClientTest, StreamsAsItComes) {
  absl::Notification first_seen;
  const std::string url = Serve([&](const Request& request) {
    if (request.path == "/error") return Response::Text("why", 500);
    return Response::Streaming(kEventStream, [&](std::shared_ptr<Stream> stream) {
      EXPECT_TRUE(stream->Write(FormatEvent({.data = "first"})).ok());
      first_seen.WaitForNotification();
      EXPECT_TRUE(stream->Write(FormatEvent({.type = "done", .data = "last"})).ok());
    });
  });
  EventReader reader;
  std::vector<std::string> seen;
  ClientRequest request = {.url = url, .on_data = [&](std::string_view data) {
                             for (const ServerEvent& event : reader.Feed(data)) {
                               seen.push_back(event.data);
                               if (event.data == "first") first_seen.Notify();
                             }
                             return absl::OkStatus();
                           }};
  const auto response = Send(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "");
  EXPECT_THAT(seen, ElementsAre("first", "last"));
  request.url = url + "error";
  EXPECT_EQ(Send(request)->body, "why");
  request.url = url;
  request.on_data = [](std::string_view) { return absl::DataLossError("not what was asked for"); };
  EXPECT_EQ(Send(request).status().code(), absl::StatusCode::kDataLoss);
  request.on_data = [](std::string_view) -> absl::Status { throw std::runtime_error("oh"); };
  EXPECT_EQ(Send(request).status().code(), absl::StatusCode::kInternal);
}

// The server closes after `max_connections`; a client that reused nothing would be refused.
TEST_F(ClientTest, ReusesConnections) {
  auto server =
      Server::Start({.max_connections = 1},
                    {{.path = "/", .handler = [](const Request&) { return Response::Text("x"); }}});
  ASSERT_TRUE(server.ok());
  const std::string url = absl::StrCat("http://127.0.0.1:", (*server)->port(), "/");
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(Send({.url = url}).ok());
}

TEST_F(ClientTest, AConnectionClosedMeanwhileIsReplaced) {
  auto server =
      Server::Start({.idle_timeout = absl::Milliseconds(50)},
                    {{.path = "/", .handler = [](const Request&) { return Response::Text("x"); }}});
  ASSERT_TRUE(server.ok());
  const std::string url = absl::StrCat("http://127.0.0.1:", (*server)->port(), "/");
  ASSERT_TRUE(Send({.url = url}).ok());
  const uint16_t port = (*server)->port();
  server->reset();
  auto next =
      Server::Start({.port = port},
                    {{.path = "/", .handler = [](const Request&) { return Response::Text("y"); }}});
  ASSERT_TRUE(next.ok()) << next.status();
  const auto response = Send({.url = url});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "y");
}

TEST_F(ClientTest, APostWhoseAnswerIsLostIsNotSentAgain) {
  std::atomic<int> posts = 0;
  const std::string url = Serve(
      [&](const Request&) {
        Response response = Response::Text("x");
        response.drop = ++posts == 2;
        return response;
      },
      "POST");
  for (const std::string body : {"once", ""}) {
    posts = 0;
    const auto post = [&] { return Send({.method = "POST", .url = url, .body = body}); };
    ASSERT_TRUE(post().ok());
    // On the connection of the first.
    EXPECT_EQ(status::Reason(post().status()), "CONNECTION_LOST");
    EXPECT_EQ(posts, 2);
    EXPECT_TRUE(post().ok());
  }
}

TEST_F(ClientTest, ServesManyThreads) {
  const std::string url =
      Serve([](const Request& request) { return Response::Text(request.path); });
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const auto response = Send({.url = absl::StrCat(url, t, "/", i)});
        ASSERT_TRUE(response.ok()) << response.status();
        EXPECT_EQ(response->body, absl::StrCat("/", t, "/", i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace selfology::http
