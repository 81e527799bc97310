// Says whom a token or an API key stands for, out of what this process holds in memory: the keys that
// tokens are signed with, and what is revoked. Both come from the service "security".
//
//   service::Authenticator authenticator({.clock = &absl::Now}, channel_to_security);
//   broadcast.On<TokensRevoked>([&](const auto& event) { authenticator.Revoke(event); },
//                               [&] { authenticator.ReadRevocations(); });
//   ASSIGN_OR_RETURN(auto caller, authenticator.Authenticate(call, "Bearer eyJ..."));
//
// A token costs no call: one that was seen before a hash and two looks, a new one its signature. The
// keys are asked for when a token names an unknown one, once in 5 s at most, and every minute, so
// that one which is withdrawn serves no longer. An API key ("sk_...") is asked about, and what was
// said is remembered for a minute or until the key is revoked.
//
// While security cannot be reached, what is known goes on working. What would have to be asked is
// SERVICE_UNAVAILABLE: unknown keys, API keys, and, as nothing may be taken that could be revoked,
// every token until what is revoked was read once.
//
// Errors: UNAUTHENTICATED for what is not good, SERVICE_UNAVAILABLE as above.
// Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/identity/caller.h"
#include "common/identity/jws.h"
#include "common/identity/revocations.h"
#include "common/identity/token_cache.h"
#include "common/identity/token_verifier.h"
#include "common/rpc/channel.h"
#include "selfology/events/v1/security.pb.h"
#include "selfology/security/v1/verification_service_client.h"

namespace selfology::service {

class Authenticator {
 public:
  struct Options {
    // Without an issuer: the one that security names.
    identity::TokenRules rules = {.issuer = ""};
    std::function<absl::Time()> clock = {};       // Required.
    absl::Duration ask_again = absl::Seconds(5);  // For keys, at the soonest.
    absl::Duration remember_api_key = absl::Seconds(60);
    size_t tokens = 100'000;  // Remembered at most.
    size_t api_keys = 10'000;
  };

  Authenticator(Options options, std::shared_ptr<rpc::Channel> security);

  // `authorization`: "Bearer ", then a token or an API key.
  absl::StatusOr<std::shared_ptr<const identity::Caller>> Authenticate(
      const Call& call, std::string_view authorization);

  void Revoke(const events::v1::TokensRevoked& event);
  // Adds all that is revoked now to what is known. When it cannot be read, Refresh tries again.
  void ReadRevocations();
  // Reads the keys if their time has come, and what could not be read before. Called every few
  // seconds.
  void Refresh();

 private:
  using CallerPtr = std::shared_ptr<const identity::Caller>;

  absl::StatusOr<CallerPtr> ByToken(const Call& call, std::string_view token);
  absl::StatusOr<CallerPtr> ByApiKey(const Call& call, std::string_view key);
  absl::StatusOr<identity::Caller> Verify(const Call& call, std::string_view token, absl::Time now);
  // UNAUTHENTICATED if it is.
  absl::Status CheckNotRevoked(const identity::Caller& caller) const;

  // Reads what is revoked, if that never succeeded.
  absl::Status KnowRevocations(const Call& call);
  absl::Status ReadRevocations(const Call& call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(asking_);
  absl::Status ReadKeys(const Call& call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(asking_);
  void Add(const security::v1::Revocation& revocation) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What tokens are checked by.
  struct Known {
    identity::KeySet keys = {};
    identity::TokenRules rules = {};
  };
  std::shared_ptr<const Known> known() const;

  const Options options_;
  const security::v1::VerificationServiceClient security_;
  identity::TokenCache tokens_;
  identity::TokenCache api_keys_;

  // Held while security is asked, so that many who need the same ask once. Before mutex_.
  absl::Mutex asking_;
  absl::Time ask_keys_at_ ABSL_GUARDED_BY(asking_) = absl::InfinitePast();
  absl::Time ask_revocations_at_ ABSL_GUARDED_BY(asking_) = absl::InfinitePast();
  absl::Time refresh_keys_at_ ABSL_GUARDED_BY(asking_) = absl::InfinitePast();
  // Of the last time.
  absl::Status keys_status_ ABSL_GUARDED_BY(asking_) = absl::UnavailableError("not asked yet");
  absl::StatusCode last_status_ ABSL_GUARDED_BY(asking_) = absl::StatusCode::kUnknown;

  mutable absl::Mutex mutex_;
  std::shared_ptr<const Known> known_ ABSL_GUARDED_BY(mutex_) = std::make_shared<const Known>();
  identity::Revocations revoked_ ABSL_GUARDED_BY(mutex_);
  bool revocations_known_ ABSL_GUARDED_BY(mutex_) = false;  // Read once at least.
  bool revocations_stale_ ABSL_GUARDED_BY(mutex_) = true;   // To be read again.
};

}  // namespace selfology::service
