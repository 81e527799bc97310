// The door for incoming webhooks: /webhooks/{provider}/{endpoint_id} over HTTP.
//
//   Receiver receiver({...});
//   http::Server::Start({.max_body_bytes = Receiver::kMaxBodyBytes, ...}, receiver.Routes());
//
// A request is answered by
//   200  it is taken, written down and routed; or it has come before; or it is a challenge that holds
//   400  the signature is malformed or missing
//   401  the signature does not hold, or is too old
//   404  there is no such source, or it is switched off
//   405  neither GET nor POST
//   413  the body has more than 10 MB
//   429  more than 1,000 requests in a minute came to this source; Retry-After says when to come back
//   503  it cannot be written down now: the sender comes again
// Threads: thread-safe.
// Requirements: R004 (10 MB, 30 s, 1,000 a minute for each endpoint, HMAC).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/crypto/seal_key.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/redis/client.h"
#include "common/resilience/rate_limiter.h"
#include "services/edge/webhook/inbound/signature.h"
#include "services/edge/webhook/inbound/source_store.h"

namespace selfology::webhook {

class Receiver {
 public:
  static constexpr size_t kMaxBodyBytes = 10'000'000;
  static constexpr absl::Duration kTimeout = absl::Seconds(30);

  struct Parts {
    postgres::Database& database;
    redis::Client& redis;
    http::Client& http;  // For PayPal's certificates.
    crypto::SealKey& seal_key;
    observe::Metrics& metrics;
    std::function<absl::Time()> clock;
    int per_minute = 1000;
  };
  explicit Receiver(const Parts& parts);

  std::vector<http::Route> Routes();

 private:
  absl::StatusOr<http::Response> Handle(const http::Request& request);
  absl::StatusOr<std::optional<store::SourceRow>> Find(const Call& call, std::string_view provider,
                                                       std::string_view endpoint_id);
  absl::StatusOr<Verification> VerificationOf(const Call& call, const store::SourceRow& source,
                                              const Incoming& incoming, bool is_post);
  absl::StatusOr<std::string> PaypalCertificate(const Call& call, std::string_view url);
  absl::Status Refuse(const Call& call, const store::SourceRow& source, std::string_view refusal,
                      size_t body_bytes);
  absl::StatusOr<bool> Take(const Call& call, const store::SourceRow& source,
                            const Incoming& incoming);

  const Parts parts_;
  resilience::RateLimiter limiter_;
  const observe::Counter taken_;
  const observe::Counter repeated_;
  const observe::Counter refused_;
  absl::Mutex mutex_;
  std::map<std::string, std::string, std::less<>> certificates_ ABSL_GUARDED_BY(mutex_);  // By URL.
};

}  // namespace selfology::webhook
