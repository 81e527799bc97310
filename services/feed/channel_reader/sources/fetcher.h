// Fetches pages gently: so many requests a second to a host at most, over all replicas; whoever refuses
// is left alone for a while.
//
//   ASSIGN_OR_RETURN(const Fetched page, fetcher.Get(call, {.url = url, .host = "telegram"}));
//   if (page.status == 302) ...            // redirects are followed only if asked for
//
// Errors: RESOURCE_EXHAUSTED with status::RetryAfter: the host's turn comes too late for the call, or it
// refuses (429; 503 with Retry-After); FAILED_PRECONDITION: the address is not a public one; those of
// http::Client.
// Threads: thread-safe; Get blocks until its turn.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/http/client.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"

namespace selfology::channel_reader {

struct Ask {
  std::string url = {};
  // Whose budget it counts on; empty: the URL's host.
  std::string host = {};
  // The URL is of the operator's choice: it may be within their network.
  bool is_ours = false;
  int redirects = 0;  // At most so many are followed.
  std::string accept = "text/html,application/xhtml+xml";
  std::string etag = {};  // Of what is known already.
  std::string last_modified = {};
  size_t max_bytes = size_t{2} << 20;
  std::string target = "channel page";  // For metrics.
};

struct Fetched {
  int status = 0;
  http::Headers headers = {};
  std::string body = {};
  std::string url = {};  // After redirects.
};

class Fetcher {
 public:
  struct Options {
    absl::Duration spacing = absl::Seconds(1);  // Between two requests to a host.
    bool private_addresses = false;             // Others' URLs may lead there, too; for tests.
    observe::Metrics* metrics = nullptr;
    std::function<absl::Time()> clock = {};
    // Waits for a turn; false: the call was cancelled. Empty: really waits.
    std::function<bool(const Call&, absl::Duration)> wait = {};
  };
  // Both outlive it. `http`: for what is ours.
  Fetcher(postgres::Database& database, http::Client& http, Options options);

  absl::StatusOr<Fetched> Get(const Call& call, const Ask& ask);

 private:
  absl::Status AwaitTurn(const Call& call, const std::string& host);
  absl::StatusOr<Fetched> Once(const Call& call, const Ask& ask, const std::string& url);

  postgres::Database& database_;
  http::Client& http_;
  const Options options_;
  http::Client public_http_;
};

}  // namespace selfology::channel_reader
