// Which events each consumer group has handled: rows that commit with the effect, and refuse to be
// there twice.
//
//   tx.Queue(inbox::kMark, group, ids, keys, people, occurred);
//   ... the effect ...
//   if (inbox::HandledBefore(tx.Commit())) return;
//
// Threads: may be called from any.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/events/envelope.h"
#include "common/postgres/database.h"

namespace selfology::events::inbox {

// $1: the group, $2: event ids, $3: their keys, $4: the people they are about, $5: when they
// occurred. Fails when one was handled before, a key is parked or a person erased.
inline constexpr std::string_view kMark =
    "INSERT INTO inbox (consumer_group, event_id) SELECT $1, id FROM unnest($2::uuid[]) AS id"
    " WHERE (SELECT may_handle($1, $3::bigint[], $4::bigint[], $5::timestamptz[]))";

// Why the mark failed.
bool HandledBefore(const absl::Status& status);
bool UserIsParked(const absl::Status& status);
bool UserIsErased(const absl::Status& status);  // Since the event occurred; see erasure.h.

// Any of the three: the event's own fate, rather than a failure of the database.
bool Refuses(const absl::Status& status);

// What the mark would say now, in one read: OK, one of the three, or the database's failure.
absl::Status MayBegin(postgres::Database& database, const Call& call, const std::string& group,
                      const Envelope& envelope);

// Marks the event of an erased person handled, though it was not. False: the database cannot be
// reached.
bool Drop(postgres::Database& database, const Call& call, const std::string& group,
          const Envelope& envelope);

}  // namespace selfology::events::inbox
