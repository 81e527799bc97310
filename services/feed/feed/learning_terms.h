// What follows when a channel's terms change: words that may not be learned any more are taken out of
// posts, interactions and all models that learned them; words that may be are put into its posts.
//
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/postgres/transaction.h"
#include "services/feed/feed/store/channel_store.h"
#include "services/feed/feed/store/interaction_store.h"

namespace selfology::feed {

// Persons forget one after the other, each in a transaction of their own (Maintenance::ForgetWords): a channel may
// have many.
absl::Status KeepTerms(postgres::Transaction& tx, const store::Saved& saved);
// One of them.
absl::Status ForgetWordsOf(postgres::Transaction& tx, int64_t channel_id,
                           const store::Forgetter& one);

// The person's model anew from all that they did, stored; in a transaction that holds their lock.
absl::StatusOr<store::Model> RebuildModel(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::feed
