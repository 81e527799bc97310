// The token by which this process proves itself to others (docs/architecture.md, "Who may call"): got
// from the service "security" for the process's account and its secret, kept, and renewed before it
// ends.
//
//   ServiceToken token({.account = "content", .secret = secret, .clock = &absl::Now}, security);
//   ASSIGN_OR_RETURN(const std::string bearer, token.Get(call));
//
// After half of its life the next call that needs it renews it; others go on with the one there is.
// While security is away, that one serves as long as it is good; after a failure security is asked
// again after a second at the soonest.
//
// Errors: SERVICE_UNAVAILABLE while there is none to be had, also if security does not take the
// account or its secret: no fault of who called. Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/rpc/channel.h"
#include "selfology/security/v1/token_service_client.h"

namespace selfology::service {

class ServiceToken {
 public:
  struct Options {
    std::string account = {};  // As --security_service_accounts names it.
    std::string secret = {};
    std::function<absl::Time()> clock = {};  // Required.
  };

  // `security`: as nobody, since nobody has a token before there is one.
  ServiceToken(Options options, std::shared_ptr<rpc::Channel> security);

  absl::StatusOr<std::string> Get(const Call& call);

 private:
  struct Held {
    std::string token = {};
    absl::Time renew_at = absl::InfinitePast();
    absl::Time expires_at = absl::InfinitePast();
  };

  Held held() const;
  void Renew(const Call& call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(asking_);
  absl::Status Ask(const Call& call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(asking_);

  const Options options_;
  const security::v1::TokenServiceClient security_;

  // Held while security is asked: of all that need a token, one asks. Before mutex_.
  absl::Mutex asking_;
  absl::Time ask_again_at_ ABSL_GUARDED_BY(asking_) = absl::InfinitePast();
  absl::Status last_ ABSL_GUARDED_BY(asking_);

  mutable absl::Mutex mutex_;
  Held held_ ABSL_GUARDED_BY(mutex_);
};

// The same for Settings::service_token, which asks security at that gRPC target; without
// credentials, such as Tls::ForPeer's, in plaintext.
std::function<absl::StatusOr<std::string>(const Call&)> ServiceTokenOf(
    ServiceToken::Options options, const std::string& security_target,
    std::shared_ptr<grpc::ChannelCredentials> credentials = nullptr);

}  // namespace selfology::service
