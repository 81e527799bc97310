// The SQL of what traits rest on; see migrations/0004_trait_evidence.sql. Functions that return
// nothing are queued. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/trait/v1/trait.pb.h"

namespace selfology::profile::store {

// All that there is of the person, the oldest first.
absl::StatusOr<std::vector<trait::v1::TraitEvidence>> ReadEvidence(postgres::Transaction& tx,
                                                                   int64_t user_id);

// Puts new evidence in the place of the old, which are the signs of this answer, the rating of this
// statement, or the correction of this trait.
void ReplaceAnswer(postgres::Transaction& tx, int64_t user_id, int64_t answer_id,
                   const std::vector<trait::v1::TraitEvidence>& signs, absl::Time now);
void ReplaceStatement(postgres::Transaction& tx, int64_t user_id,
                      const trait::v1::TraitEvidence& rating, absl::Time now);
void ReplaceCorrection(postgres::Transaction& tx, int64_t user_id,
                       const trait::v1::TraitEvidence& correction, absl::Time now);

// The number of rows erased.
absl::StatusOr<int64_t> DeleteEvidence(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::profile::store
