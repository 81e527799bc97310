#include "common/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "common/http/client.h"
#include "common/http/test_socket.h"
#include "common/observe/span.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Json = nlohmann::json;

Route Get(std::string path, Handler handler) {
  return {.method = "GET", .path = std::move(path), .handler = std::move(handler)};
}

class ServerTest : public testing::Test {
 protected:
  void Start(std::vector<Route> routes, Server::Options options = {}) {
    options.metrics = &metrics_;
    auto server = Server::Start(options, std::move(routes));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    ASSERT_NE(server_->port(), 0);
  }

  ClientResponse Send(std::string method, const std::string& path, std::string body = "",
                      Headers headers = {}) {
    auto response = client_.Send(Call::Background(absl::Seconds(20)),
                                 {.method = std::move(method),
                                  .url = absl::StrCat("http://127.0.0.1:", server_->port(), path),
                                  .headers = std::move(headers),
                                  .body = std::move(body)});
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(ClientResponse());
  }

  // What the server answers to these bytes, to its end.
  std::string Raw(std::string_view bytes) {
    TestSocket socket(server_->port());
    EXPECT_TRUE(socket.Send(bytes));
    return socket.ReadAll();
  }

  observe::Metrics metrics_;
  Client client_{{}};
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, HandlersSeeTheWholeRequest) {
  Request seen{.call = Call::Background(absl::ZeroDuration())};
  Start({{.method = "POST", .path = "/things/*", .handler = [&](const Request& request) {
            seen = request;
            return Response::Json("{}", 201);
          }}});
  const ClientResponse response =
      Send("POST", "/things/a%20b?page=2", std::string("\0body", 5), {{"X-Custom", "value"}});
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "{}");
  EXPECT_EQ(response.headers.Get("content-type"), "application/json");
  EXPECT_TRUE(response.headers.Get("Date").has_value());
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.path, "/things/a b");
  EXPECT_EQ(seen.Parameter("page"), "2");
  EXPECT_EQ(seen.Parameter("none"), std::nullopt);
  EXPECT_EQ(seen.headers.Get("x-custom"), "value");
  EXPECT_EQ(seen.body, std::string("\0body", 5));
  EXPECT_EQ(seen.peer, "127.0.0.1");
  EXPECT_FALSE(seen.draining());
  EXPECT_GT(seen.call.Remaining(), absl::Seconds(10));
}

TEST_F(ServerTest, ErrorsAreTheSpecsJson) {
  Start({Get("/missing",
             [](const Request&) -> absl::StatusOr<Response> {
               return status::Error(mesh::v1::ERROR_CODE_PROFILE_NOT_FOUND, "no profile");
             }),
         Get("/busy",
             [](const Request&) -> absl::StatusOr<Response> {
               return status::WithRetryAfter(absl::UnavailableError("busy"),
                                             absl::Milliseconds(1500));
             }),
         Get("/throws",
             [](const Request&) -> absl::StatusOr<Response> { throw std::runtime_error("x"); })});
  ClientResponse response = Send("GET", "/missing");
  EXPECT_EQ(response.status, 404);
  Json error = Json::parse(response.body)["error"];
  EXPECT_EQ(error["code"], "PROFILE_NOT_FOUND");
  EXPECT_EQ(error["trace_id"].get<std::string>().size(), 32u);
  response = Send("GET", "/busy");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.Get("Retry-After"), "2");
  EXPECT_EQ(Send("GET", "/throws").status, 500);
  response = Send("GET", "/nowhere");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(Json::parse(response.body)["error"]["code"], "NOT_FOUND");
  response = Send("DELETE", "/busy");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.Get("Allow"), "GET");
}

TEST_F(ServerTest, TracesGoOn) {
  observe::TraceContext seen;
  Start({Get("/", [&](const Request& request) {
    seen = request.call.trace();
    EXPECT_EQ(observe::ScopedTrace::Current(), seen);
    return Response();
  })});
  Send("GET", "/", "", {});
  EXPECT_TRUE(seen.valid());
  const std::string id = "4bf92f3577b34da6a3ce929d0e0e4736";
  Raw(absl::StrCat("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\ntraceparent: 00-", id,
                   "-00f067aa0ba902b7-01\r\n\r\n"));
  EXPECT_EQ(seen.trace_id.view(), id);
  EXPECT_EQ(seen.span_id, "00f067aa0ba902b7") << "nobody records a span of its own";
}

TEST_F(ServerTest, RequestsAreSpans) {
  class Kept final : public observe::SpanSink {
   public:
    void Take(observe::FinishedSpan span) override { spans.push_back(std::move(span)); }
    std::vector<observe::FinishedSpan> spans;
  } kept;
  const observe::Tracer tracer("file", &kept, /*share=*/1);
  observe::TraceContext seen;
  Start({Get("/files/*",
             [&](const Request& request) -> absl::StatusOr<Response> {
               seen = request.call.trace();
               return absl::InternalError("broken");
             })},
        {.tracer = &tracer});
  Send("GET", "/files/secret");
  server_.reset();
  ASSERT_EQ(kept.spans.size(), 1u);
  const observe::FinishedSpan& span = kept.spans[0];
  EXPECT_EQ(span.trace, seen);
  EXPECT_EQ(span.service, "file");
  EXPECT_EQ(span.kind, observe::SpanKind::kServer);
  EXPECT_EQ(span.name, "GET /files/*") << "and not what a client wrote";
  EXPECT_TRUE(span.failed);
  EXPECT_NE(
      std::find(span.attributes.begin(), span.attributes.end(),
                decltype(span.attributes)::value_type("http.response.status_code", int64_t{500})),
      span.attributes.end());
}

TEST_F(ServerTest, HeadIsGetWithoutABody) {
  Start({Get("/", [](const Request&) { return Response::Text("four"); })});
  const std::string answer = Raw("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 4\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(ServerTest, AConnectionTakesRequestAfterRequestAlsoAhead) {
  Start({Get("/*", [](const Request& request) { return Response::Text(request.path); })});
  TestSocket socket(server_->port());
  socket.Send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(socket.ReadResponse(), EndsWith("\r\n\r\n/1"));
  socket.Send(
      "GET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HTTP/1.1\r\nHost: x\r\n\r\nGET /4 HTTP/1.1\r\n");
  EXPECT_THAT(socket.ReadResponse(), EndsWith("/2"));
  EXPECT_THAT(socket.ReadResponse(), EndsWith("/3"));
  socket.Send("Host: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(socket.ReadAll(), EndsWith("/4"));
}

TEST_F(ServerTest, SpeaksHttp10) {
  Start({Get("/", [](const Request&) { return Response::Text("old"); }),
         Get("/stream", [](const Request&) {
           return Response::Streaming("text/plain", [](std::shared_ptr<Stream> stream) {
             EXPECT_TRUE(stream->Write("bit by ").ok());
             EXPECT_TRUE(stream->Write("bit").ok());
           });
         })});
  EXPECT_THAT(Raw("GET / HTTP/1.0\r\n\r\n"), EndsWith("\r\n\r\nold"));
  EXPECT_THAT(Raw("GET /stream HTTP/1.0\r\n\r\n"), EndsWith("\r\n\r\nbit by bit"));
}

TEST_F(ServerTest, HandlersCannotForgeHeaders) {
  Start({Get("/", [](const Request&) {
    Response response = Response::Text("x");
    response.headers.Add("X-Text", "a\r\nX-Forged: yes");
    response.headers.Add("bad name", "x");
    response.headers.Add("Content-Length", "100");
    response.headers.Add("X-Huge", std::string(70'000, 'x'));
    return response;
  })});
  const std::string answer = Raw("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("X-Text: a  X-Forged: yes\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 1\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("bad name")));
}

TEST_F(ServerTest, AsksForTheBodyWhenTheClientWaits) {
  Start({{.method = "POST", .path = "/", .handler = [](const Request& request) {
            return Response::Text(request.body);
          }}});
  TestSocket socket(server_->port());
  socket.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(socket.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.Send("body");
  EXPECT_THAT(socket.ReadResponse(), EndsWith("\r\n\r\nbody"));
}

TEST_F(ServerTest, ReadsChunkedBodiesAndSendsLargeOnes) {
  const std::string large(5 << 20, 'x');
  Start({{.method = "POST", .path = "/", .handler = [&](const Request& request) {
            EXPECT_EQ(request.body, "abc");
            return Response::Text(large);
          }}});
  EXPECT_THAT(
      Raw("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
          "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"),
      EndsWith(large));
}

TEST_F(ServerTest, LongPollsDelayNobody) {
  absl::Notification news;
  std::atomic<int> waiting = 0;
  Server::Options options;
  options.worker_threads = 2;
  options.long_poll_threads = 8;
  Start({{.path = "/poll",
          .handler =
              [&](const Request&) {
                ++waiting;
                news.WaitForNotification();
                return Response::Text("news");
              },
          .long_poll = true},
         Get("/quick", [](const Request&) { return Response::Text("quick"); })},
        options);
  std::vector<std::thread> polls;
  for (int i = 0; i < 8; ++i) {
    polls.emplace_back([&] { EXPECT_EQ(Send("GET", "/poll").body, "news"); });
  }
  while (waiting < 8) std::this_thread::yield();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Send("GET", "/quick").body, "quick");
  news.Notify();
  for (std::thread& poll : polls) poll.join();
}

TEST_F(ServerTest, AThousandRequestsAtOnce) {
  absl::BlockingCounter arrived(1000);
  Server::Options options;
  options.worker_threads = 1000;  // So that all of them are inside at the same time.
  Start({Get("/*",
             [&](const Request& request) {
               arrived.DecrementCount();
               if (request.path == "/0") arrived.Wait();
               return Response::Text(request.path);
             })},
        options);
  std::vector<std::unique_ptr<TestSocket>> sockets;
  for (int i = 0; i < 1000; ++i) {
    sockets.push_back(std::make_unique<TestSocket>(server_->port()));
    ASSERT_TRUE(sockets.back()->connected());
    ASSERT_TRUE(sockets.back()->Send(absl::StrCat("GET /", i, " HTTP/1.1\r\nHost: x\r\n\r\n")));
  }
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THAT(sockets[i]->ReadResponse(), EndsWith(absl::StrCat("\r\n\r\n/", i)));
  }
  EXPECT_THAT(
      metrics_.Expose(),
      HasSubstr(
          R"(request_duration_seconds_count{code="OK",kind="http_server",operation="GET /*"} 1000)"));
}

TEST_F(ServerTest, AHandlerLearnsThatItsClientHasGone) {
  absl::Notification inside, done;
  Start({Get("/", [&](const Request& request) {
    inside.Notify();
    while (!request.call.Cancelled()) std::this_thread::yield();
    done.Notify();
    return Response();
  })});
  TestSocket socket(server_->port());
  socket.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  inside.WaitForNotification();
  socket.Close();
  EXPECT_TRUE(done.WaitForNotificationWithTimeout(absl::Seconds(20)));
}

TEST_F(ServerTest, StreamsBitByBitFromAnyThread) {
  std::shared_ptr<Stream> kept;
  absl::Notification open;
  Start({Get("/",
             [&](const Request&) {
               return Response::Streaming(kEventStream, [&](std::shared_ptr<Stream> stream) {
                 kept = std::move(stream);
                 open.Notify();
               });
             }),
         Get("/next", [](const Request&) { return Response::Text("next"); })});
  TestSocket socket(server_->port());
  socket.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  open.WaitForNotification();
  const std::string head = socket.ReadUntil("\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_THAT(head, HasSubstr("text/event-stream"));
  EXPECT_TRUE(kept->Write("one").ok());
  EXPECT_EQ(socket.ReadUntil("one\r\n"), "3\r\none\r\n");
  EXPECT_TRUE(kept->Write("").ok());
  EXPECT_TRUE(kept->Write("two").ok());
  EXPECT_EQ(socket.ReadUntil("two\r\n"), "3\r\ntwo\r\n");
  EXPECT_FALSE(kept->closed());
  kept.reset();
  EXPECT_EQ(socket.ReadUntil("\r\n\r\n"), "0\r\n\r\n");
  EXPECT_THAT(socket.ReadResponse(), EndsWith("next"));
}

TEST_F(ServerTest, AStreamsProducerLearnsThatItsClientHasGone) {
  absl::Notification done;
  Start({Get("/", [&](const Request&) {
    return Response::Streaming("text/plain", [&](std::shared_ptr<Stream> stream) {
      while (stream->Write(std::string(100'000, 'x')).ok()) {  // Waits for the reader, then fails.
      }
      EXPECT_TRUE(stream->closed());
      done.Notify();
    });
  })});
  TestSocket socket(server_->port());
  socket.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  socket.ReadUntil("xxx");
  socket.Close();
  EXPECT_TRUE(done.WaitForNotificationWithTimeout(absl::Seconds(20)));
}

TEST_F(ServerTest, AStreamThatFailsIsCutOff) {
  Start({Get("/", [&](const Request&) {
    return Response::Streaming("text/plain", [&](std::shared_ptr<Stream> stream) {
      EXPECT_TRUE(stream->Write("part").ok());
      throw std::runtime_error("lost the rest");
    });
  })});
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(Raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), Not(EndsWith("0\r\n\r\n")));
  }
}

TEST_F(ServerTest, HandlersMayHangUp) {
  Start({Get("/", [](const Request&) { return Response{.drop = true}; })});
  EXPECT_THAT(Raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), IsEmpty());
}

TEST_F(ServerTest, RefusesBadAddressesAndTakenPorts) {
  Start({});
  EXPECT_EQ(Server::Start({.address = "nowhere"}, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Server::Start({.port = server_->port()}, {}).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(Server::Start({}, {{.path = "x"}}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace selfology::http
