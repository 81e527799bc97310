// A person in a transaction: known from the first call on, and taken from status to status with an
// event for each step.
//
//   ASSIGN_OR_RETURN(store::Person person, Enter(tx, request.user_telegram_id(), now));
//   RETURN_IF_ERROR(WasSeen(tx, person, now));
//
// Enter locks the person until the transaction ends, so their events come in the order of their changes.
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "services/feed/feed/store/people_store.h"

namespace selfology::feed {

// A new person is NEW and follows the default channels.
absl::StatusOr<store::Person> Enter(postgres::Transaction& tx, int64_t user_id, absl::Time now,
                                    bool* is_new = nullptr);

// Sets the status, also in `person`, publishes feed.status.changed and writes the log.
absl::Status MoveTo(postgres::Transaction& tx, store::Person& person, v1::UserStatus status,
                    absl::Time now);
// Takes who is not that far to ONBOARDING or TRAINING.
absl::Status Bring(postgres::Transaction& tx, store::Person& person, v1::UserStatus goal,
                   absl::Time now);

// They reacted: whoever was away is back.
absl::Status WasSeen(postgres::Transaction& tx, store::Person& person, absl::Time now);
// They opened the feed: TRAINED becomes ACTIVE, too.
absl::Status OpenedFeed(postgres::Transaction& tx, store::Person& person, absl::Time now);

}  // namespace selfology::feed
