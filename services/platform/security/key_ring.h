// The keys of this process: what seals, what signs, what is published. They lie in PostgreSQL; a
// copy is kept in memory and read again once a minute.
//
//   ASSIGN_OR_RETURN(const std::shared_ptr<const KeyRing::Keys> keys, ring.Get(call));
//   keys->signing().Sign(...);
//
// Get opens transactions of its own where it must, so call it outside of one.
// Errors: UNAVAILABLE when the database is away and no copy is young enough; INTERNAL when a key
// does not open, as after another --security_seal_key_file.
// Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/crypto/crypto.h"
#include "common/crypto/seal_key.h"
#include "common/postgres/database.h"
#include "services/platform/security/key_plan.h"
#include "services/platform/security/key_store.h"
#include "services/platform/security/signing.h"

namespace selfology::security {

class KeyRing {
 public:
  using Clock = std::function<absl::Time()>;

  struct Keys {
    crypto::Sealer sealer;
    SigningKey signing;
    std::vector<v1::JsonWebKey> published;  // The one that signs first, those of RSA last.
    identity::KeySet verifying;             // The same.
    identity::KeySet all;                   // Also those whose tokens have expired.
    absl::Time read_at;
    std::optional<SigningKey> rsa;  // For apps that ask for RS256; none before one has.
  };

  // The database must outlive it.
  KeyRing(postgres::Database& database, Clock clock, crypto::SealKeys seal_keys, KeyRules rules);

  absl::StatusOr<std::shared_ptr<const Keys>> Get(const Call& call);

  // The same with a key of RSA; makes the first one.
  absl::StatusOr<std::shared_ptr<const Keys>> GetWithRsa(const Call& call);

  // Makes the next key when its time has come, and drops what no longer signs. Get does it, too,
  // where there is no key at all.
  absl::Status Rotate(const Call& call);

  // Seals what older seal keys sealed with the newest one.
  absl::Status Reseal(const Call& call);

 private:
  absl::StatusOr<std::shared_ptr<const Keys>> Load(const Call& call);
  // Keys of one algorithm.
  struct Kind {
    std::string_view table;
    absl::StatusOr<SigningKey> (*generate)();
  };
  static constexpr Kind kEc = {store::kEcKeys, &SigningKey::Generate};
  static constexpr Kind kRsa = {store::kRsaKeys, &SigningKey::GenerateRsa};

  // What signs, where something does, and what is known besides.
  struct OfKind {
    std::optional<SigningKey> signing;
    std::vector<v1::JsonWebKey> published;  // The one that signs first.
    std::vector<v1::JsonWebKey> all;
  };
  absl::StatusOr<OfKind> Read(const Call& call, const Kind& kind, const crypto::Sealer& sealer,
                              absl::Time now);
  absl::StatusOr<std::vector<store::KeyRow>> ReadRows(const Call& call, const Kind& kind);
  absl::Status MakeNext(const Call& call, const Kind& kind, const crypto::Sealer& sealer);

  postgres::Database& database_;
  const Clock clock_;
  crypto::SealKey seal_key_;
  const KeyRules rules_;
  absl::Mutex mutex_;
  std::shared_ptr<const Keys> keys_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::security
