// An HTTP client that keeps its connections and obeys the call's deadline.
//
//   http::Client client({.metrics = &metrics});  // one for the process
//   ASSIGN_OR_RETURN(http::ClientResponse response,
//                    client.Send(call, {.method = "POST",
//                                       .url = base + "/sendMessage",
//                                       .headers = {{"Content-Type", std::string(http::kJson)}},
//                                       .body = json,
//                                       .target = "telegram sendMessage"}));
//   RETURN_IF_ERROR(http::ToStatus(response));   // 4xx and 5xx are no errors of Send
//
// Errors of Send, with status::Reason:
//   UNAVAILABLE          CONNECT_FAILED: nothing was sent, so nothing happened over there
//                        CONNECTION_LOST: it may have happened
//   DEADLINE_EXCEEDED    the call's deadline passed
//   CANCELLED            the call was cancelled (seen within 50 ms)
//   RESOURCE_EXHAUSTED   RESPONSE_TOO_LARGE
//   INVALID_ARGUMENT     the URL or a header is malformed
//   FAILED_PRECONDITION  TLS_NOT_TRUSTED; ADDRESS_NOT_ALLOWED (Options::may_connect)
//   what on_data or read_body returned
// Nothing is tried again (see common/resilience), but for requests other than POST and PATCH on a
// kept connection that turns out to be dead. Redirects are not followed.
//
// Sends `traceparent` (of a span within the call's trace) and accepts gzip. Bodies, URLs and headers are
// never logged.
// Metrics: request_duration_seconds{kind="http_client", operation=target}.
// Proxies: those of the environment (https_proxy, no_proxy).
// Threads: thread-safe; Send blocks.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/http/message.h"
#include "common/observe/metrics.h"

namespace selfology::http {

struct ClientRequest {
  std::string method = "GET";
  std::string url = {};  // http or https.
  Headers headers = {};
  std::string body = {};
  // If set, gives the body of a POST in place of `body`, which need not be in memory then: writes
  // the next bytes to `data`, at most `size` and at least one, and says how many; in all body_bytes
  // of them. An error ends the transfer. Runs on Send's thread.
  std::function<absl::StatusOr<size_t>(char* data, size_t size)> read_body = nullptr;
  size_t body_bytes = 0;
  // Over https: HTTP/2, if the server speaks it, else as without. Over http nothing changes.
  bool http2 = false;
  // Names the operation in metrics and errors, without secrets and of few values: "openai chat".
  std::string target = "unnamed";
  // If set, gets the body of a 2xx response as it comes, instead of ClientResponse::body; an error
  // ends the transfer. Runs on Send's thread.
  std::function<absl::Status(std::string_view data)> on_data = nullptr;
  // Of the body, unpacked; with on_data, of all of it together.
  size_t max_response_bytes = 16 << 20;
};

struct ClientResponse {
  int status = 0;
  Headers headers = {};
  std::string body = {};
};

// OK for 2xx; else status::FromHttpCode's error, without the body, with Retry-After as
// google.rpc.RetryInfo.
absl::Status ToStatus(const ClientResponse& response);

class Client {
 public:
  struct Options {
    std::string user_agent = "selfology/1.0";
    absl::Duration connect_timeout = absl::Seconds(5);  // Never past the call's deadline.
    int max_idle_connections = 64;                      // Kept for later, over all hosts.
    std::string ca_file = {};                           // PEM; empty: the system's.
    // If set, is asked of each address, "192.0.2.1" or "2001:db8::1", before it is connected to, after
    // names have been resolved: what it refuses is not reached, by whatever name or spelling. Proxies
    // are not used then. For URLs that others choose. Runs on Send's thread.
    std::function<bool(std::string_view address)> may_connect = nullptr;
    observe::Metrics* metrics = nullptr;  // May be null.
  };

  explicit Client(Options options);
  ~Client();  // No Send may be running.
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  absl::StatusOr<ClientResponse> Send(const Call& call, const ClientRequest& request);

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace selfology::http
