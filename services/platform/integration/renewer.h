// Renews tokens: whoever comes first, of all replicas, and nobody else.
//
// A renewal is one state change in three steps. The row is locked, the renewal counted and held for a minute, and
// that is committed; the provider is asked; the row is locked again and, if the count is still ours, the new tokens
// are written. So a refresh token is not used by two at a time, which providers that rotate them take for theft; and
// who comes back late writes nothing. Those who find a renewal under way wait for what it gives.
//
// Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/crypto/seal_key.h"
#include "common/postgres/database.h"
#include "services/platform/integration/connection_store.h"
#include "services/platform/integration/provider_client.h"
#include "services/platform/integration/providers.h"

namespace selfology::integration {

class Renewer {
 public:
  struct Parts {
    postgres::Database& database;
    crypto::SealKey& seal_key;
    ProviderClient& client;
    const Providers& providers;
    std::function<absl::Time()> clock;
  };
  explicit Renewer(Parts parts) : parts_(std::move(parts)) {}  // All outlive it.

  // The connection with a token newer than `generation` (0: than the one it has now). NOT_FOUND;
  // FAILED_PRECONDITION: it is broken or cannot be renewed; UNAVAILABLE: the provider does not renew it now.
  absl::StatusOr<store::ConnectionRow> Renew(const Call& call, const identity::Owner& owner,
                                             const std::string& connection_id, int64_t generation);

  // All that are due, a few at a time.
  absl::Status RenewDue(const Call& call);

  // The provider says that the token of that generation is none, and it cannot be renewed.
  absl::Status NoteRefused(const Call& call, const identity::Owner& owner,
                           const std::string& connection_id, int64_t generation);

  // Has providers forget tokens that nobody wants any more.
  absl::Status RevokeDue(const Call& call);

 private:
  struct Begun {
    store::ConnectionRow row;
    bool ours = false;         // Else somebody else is at it.
    bool done = false;         // It has a newer token already.
    bool interrupted = false;  // A renewal before was never finished.
  };
  absl::StatusOr<Begun> Begin(const Call& call, const identity::Owner& owner,
                              const std::string& connection_id, int64_t& generation);
  absl::StatusOr<store::ConnectionRow> Finish(const Begun& begun, const Provider& provider,
                                              const absl::StatusOr<TokenAnswer>& answer,
                                              const std::string& old_refresh_token);

  const Parts parts_;
};

}  // namespace selfology::integration
