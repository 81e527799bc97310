// The key that a service seals its secrets with: out of a file that the operator keeps or, for
// development, one that lies beside them in the service's own database and protects nothing.
//
//   ASSIGN_OR_RETURN(std::string key, crypto::ReadSealKey(path, "webhook_seal_key_file"));
//   crypto::SealKey seal(mesh.database(), "webhook_seal_key", std::move(key));
//   ASSIGN_OR_RETURN(const crypto::Sealer sealer, seal.Get(call));
//
// The table, of the service's migrations:
//   CREATE TABLE webhook_seal_key (one boolean PRIMARY KEY DEFAULT true CHECK (one), key bytea NOT NULL);
//
// Get opens a transaction of its own the first time, so call it outside of one.
// Errors: the database's. Threads: thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/call/call.h"
#include "common/crypto/crypto.h"
#include "common/postgres/database.h"

namespace selfology::crypto {

// 32 bytes, or 64 hexadecimal digits. Empty path: an empty key. INVALID_ARGUMENT names the flag.
absl::StatusOr<std::string> ReadSealKey(const std::string& path, std::string_view flag);

class SealKey {
 public:
  // key: of Sealer::kKeyBytes; empty: it is kept in the table. The database outlives it.
  SealKey(postgres::Database& database, std::string table, std::string key)
      : database_(database), table_(std::move(table)), key_(std::move(key)) {}

  absl::StatusOr<Sealer> Get(const Call& call);

 private:
  postgres::Database& database_;
  const std::string table_;
  const std::string key_;
  absl::Mutex mutex_;
  std::optional<Sealer> sealer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::crypto
