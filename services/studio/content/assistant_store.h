// SQL of texts that were written for people; see migrations/0002_drafts.sql. Functions that return
// nothing are queued. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"

namespace selfology::content::store {

// One that was made since then.
absl::StatusOr<std::optional<std::string>> FindDraft(postgres::Transaction& tx, int64_t user_id,
                                                     std::string_view key, absl::Time since);
void SaveDraft(postgres::Transaction& tx, int64_t user_id, std::string_view key,
               std::string_view answer, absl::Time now);
// Those made before; how many.
absl::StatusOr<int64_t> DeleteDrafts(postgres::Transaction& tx, absl::Time before);

}  // namespace selfology::content::store
