// What is left of an erased person in the outbox and in the streams, and removing it in the
// background: selfology.redactions has a row for each erasure.
//
//   events::RequestRedaction(tx, user_id, erased_at);     // With the erasure's end.
//
//   RETURN_IF_ERROR(events::RedactOutbox(call, owner));   // By a timer, again and again:
//   ASSIGN_OR_RETURN(auto due, events::RedactionsOfStreams(call, owner));
//   ... delete the entries of stream 0 ...
//   RETURN_IF_ERROR(events::NoteStreamRedacted(call, owner, due, 0, streams));
//
// Each step is noted, so what was interrupted goes on where it was. `owner`: under the role that
// owns the outbox. Errors: the database's. Threads: any; several may work on the same redaction.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"

namespace selfology::events {

struct Redaction {
  int64_t id = 0;
  int64_t user_id = 0;
  absl::Time erased_at;  // Events about the person from until then go.
  int32_t streams_done = 0;
};

void RequestRedaction(postgres::Transaction& tx, int64_t user_id, absl::Time erased_at);

// Empties the payloads of all redactions whose time has come: once every transaction that began
// before the erasure's end has ended, all events from before it are in the outbox. The rows stay.
// One partition of the outbox in each transaction, which may take a minute.
absl::Status RedactOutbox(const Call& call, postgres::Database& owner);

// Those whose outbox is redacted and whose events the relay has brought to the streams: nothing
// about the person comes to the streams any more unless a reader still holds rows from before.
absl::StatusOr<std::vector<Redaction>> RedactionsOfStreams(const Call& call,
                                                           postgres::Database& owner);

// The entries of the stream `stream`, of 0 to streams - 1, are gone. In the order of the streams.
absl::Status NoteStreamRedacted(const Call& call, postgres::Database& owner,
                                const std::vector<Redaction>& redactions, int stream, int streams);

}  // namespace selfology::events
