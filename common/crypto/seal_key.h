// The keys that a service seals its secrets with: out of a file that the operator keeps or, for
// development, one that lies beside them in the service's own database and protects nothing.
//
//   ASSIGN_OR_RETURN(crypto::SealKeys keys, crypto::ReadSealKeys(path, "webhook_seal_key_file"));
//   crypto::SealKey seal(mesh.database(), "webhook_seal_key", std::move(keys));
//   ASSIGN_OR_RETURN(const crypto::Sealer sealer, seal.Get(call));
//
// The table, of the service's migrations:
//   CREATE TABLE webhook_seal_key (one boolean PRIMARY KEY DEFAULT true CHECK (one), key bytea NOT NULL);
//
// Get opens a transaction of its own the first time, so call it outside of one. Where there is a file, a key that the
// table has from before still opens what it sealed; reseal.h brings all to the newest key.
// Errors: the database's. Threads: thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/call/call.h"
#include "common/crypto/crypto.h"
#include "common/postgres/database.h"

namespace selfology::crypto {

// Of Sealer::kKeyBytes each, the newest first: it seals, all open. None: the key is kept in the database.
using SealKeys = std::vector<std::string>;

// A file of 32 bytes, or of lines with 64 hexadecimal digits each, the newest key first; empty lines and lines that begin
// with "#" do not count. Empty path: no keys. INVALID_ARGUMENT names the flag.
absl::StatusOr<SealKeys> ReadSealKeys(const std::string& path, std::string_view flag);

class SealKey {
 public:
  // The database outlives it.
  SealKey(postgres::Database& database, std::string table, SealKeys keys)
      : database_(database), table_(std::move(table)), keys_(std::move(keys)) {}

  absl::StatusOr<Sealer> Get(const Call& call);

 private:
  postgres::Database& database_;
  const std::string table_;
  const SealKeys keys_;
  absl::Mutex mutex_;
  std::optional<Sealer> sealer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::crypto
