#include "common/events/erasure.h"

#include "common/status/status_macros.h"

namespace selfology::events {

absl::StatusOr<bool> BeginErasure(postgres::Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto begun, tx.QueryOne<bool>("SELECT begin_erasure($1)", user_id));
  return begun.has_value() && std::get<0>(*begun);
}

void FinishErasure(postgres::Transaction& tx, int64_t user_id, absl::Time erased_at) {
  tx.Queue("SELECT finish_erasure($1, $2)", user_id, erased_at);
}

absl::StatusOr<absl::Time> ErasedAt(postgres::Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<absl::Time>("SELECT erased_at FROM selfology.event_erasures"
                                           " WHERE owner = current_user AND partition_key = $1",
                                           user_id));
  return row.has_value() ? std::get<0>(*row) : absl::InfinitePast();
}

absl::StatusOr<bool> IsSettled(postgres::Transaction& tx, const uuid::Uuid& event_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<bool>("SELECT pg_snapshot_xmin(pg_current_snapshot()) > xid FROM outbox"
                        " WHERE id = $1",
                        event_id));
  return !row.has_value() || std::get<0>(*row);
}

void RedactOutbox(postgres::Transaction& tx, int64_t user_id, absl::Time erased_at) {
  // Without an index: erasing is rare, and each event would pay for one.
  tx.Queue(
      "UPDATE outbox SET payload = '', redacted_at = clock_timestamp()"
      " WHERE (partition_key = $1 OR subject = $1) AND occurred_at <= $2 AND redacted_at IS NULL",
      user_id, erased_at);
}

}  // namespace selfology::events
