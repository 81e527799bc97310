// Whatever bytes a client sends: the server answers with HTTP or closes, answers the same however
// the bytes are cut into pieces, and goes on serving.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/http/server.h"
#include "common/http/test_socket.h"
#include "testing/fuzz.h"

namespace selfology::http {
namespace {

constexpr size_t kMaxHeaderBytes = 2048;

Server& TheServer() {
  static Server& server = *[] {
    const Handler echo = [](const Request& request) -> absl::StatusOr<Response> {
      MUST(request.path.starts_with("/"));
      return Response::Text(
          absl::StrCat(request.method, " ", request.path, " ", request.body.size()));
    };
    const Handler stream = [](const Request& request) -> absl::StatusOr<Response> {
      return Response::Streaming("text/plain", [body = request.body](std::shared_ptr<Stream> out) {
        (void)out->Write("first ");
        (void)out->Write(body);
      });
    };
    Server::Options options;
    options.max_header_bytes = kMaxHeaderBytes;
    options.max_body_bytes = 512;
    options.worker_threads = 2;
    auto started = Server::Start(
        options,
        {{.path = "/health", .handler = echo},
         {.method = "POST", .path = "/telegram", .handler = echo},
         {.method = "POST", .path = "/stream", .handler = stream},
         {.path = "/files/*", .handler = echo}},
        {{.path = "/socket",
          .received = [](const auto& socket, auto text) { (void)socket->Send(std::move(text)); }}});
    MUST(started.ok());
    return started->release();
  }();
  return server;
}

std::string Exchange(std::string_view first, std::string_view second) {
  TestSocket socket(TheServer().port());
  MUST(socket.connected());
  // The server may close before it has read all.
  if (socket.Send(first)) (void)socket.Send(second);
  socket.CloseSending();
  return socket.ReadAll();
}

std::string StatusLine(std::string_view answer) {
  return std::string(answer.substr(0, answer.find("\r\n")));
}

void Check(std::string_view request) {
  const std::string answer = Exchange(request, "");
  if (!answer.empty()) {
    const std::string status = StatusLine(answer);
    MUST(status.starts_with("HTTP/1.") && status.size() >= 12);
    // Who is refused is told why.
    const bool refused = status[9] == '4' || status[9] == '5';
    MUST(!refused || request.starts_with("HEAD") || !answer.ends_with("\r\n\r\n"));
  }
  const size_t cut = request.size() / 2;
  const std::string again = Exchange(request.substr(0, cut), request.substr(cut));
  // What comes in pieces is judged once its header has ended, and closed upon when it never does;
  // nor is the limit of a header the same to the byte.
  const bool near_limit = request.size() > kMaxHeaderBytes / 2;
  const bool too_large = near_limit && (StatusLine(again).find(" 431 ") != std::string::npos ||
                                        StatusLine(answer).find(" 431 ") != std::string::npos);
  MUST(again.empty() || answer.empty() || too_large || StatusLine(again) == StatusLine(answer));

  static int inputs = 0;
  if (++inputs % 100 != 0) return;
  MUST(Exchange("GET /health HTTP/1.0\r\n\r\n", "").ends_with("GET /health 0"));
}

}  // namespace
}  // namespace selfology::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  selfology::http::Check(selfology::testing::InputText(data, size));
  return 0;
}
