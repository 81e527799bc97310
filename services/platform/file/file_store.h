// All SQL of the file service; see migrations/. Functions that return nothing are queued: they
// cost no round trip of their own. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/file/v1/file.pb.h"

namespace selfology::file::store {

struct Added {
  v1::FileEntry entry = {};
  bool is_new = false;  // False: the key was used before, and this is the entry it made.
};
absl::StatusOr<Added> AddEntry(postgres::Transaction& tx, int64_t user_id, std::string_view text,
                               std::string_view key, absl::Time now);

// Newest first, of lower ids than before_id.
absl::StatusOr<std::vector<v1::FileEntry>> ListEntries(postgres::Transaction& tx,
                                                         int64_t user_id, int64_t before_id,
                                                         int64_t limit);

void AddToCount(postgres::Transaction& tx, int64_t user_id, int64_t entries);
absl::StatusOr<int64_t> ReadCount(postgres::Transaction& tx, int64_t user_id);

// Everything about a person; the number of rows.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::file::store
