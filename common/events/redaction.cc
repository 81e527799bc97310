#include "common/events/redaction.h"

#include <tuple>

#include "common/status/status_macros.h"

namespace selfology::events {
namespace {

using postgres::Transaction;

// One partition, which has no index on people.
constexpr absl::Duration kPartition = absl::Minutes(1);

// Redacts the next partition of the outbox; false when there is none left.
absl::StatusOr<bool> RedactNext(const Call& call, postgres::Database& owner, int64_t id) {
  return owner.Write(call.WithTimeout(kPartition), [&](Transaction& tx) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const auto row, tx.QueryOne<bool>("SELECT redact_next_partition($1)", id));
    return row.has_value() && std::get<0>(*row);
  });
}

}  // namespace

void RequestRedaction(Transaction& tx, int64_t user_id, absl::Time erased_at) {
  tx.Queue("INSERT INTO redactions (user_id, erased_at) VALUES ($1, $2)", user_id, erased_at);
}

absl::Status RedactOutbox(const Call& call, postgres::Database& owner) {
  using Ids = std::vector<std::tuple<int64_t>>;
  ASSIGN_OR_RETURN(const Ids ids,
                   owner.Read(call,
                              [](Transaction& tx) {
                                return tx.Query<int64_t>(
                                    "SELECT id FROM redactions WHERE outbox_done_at IS NULL"
                                    " AND xid < pg_snapshot_xmin(pg_current_snapshot())"
                                    " ORDER BY id");
                              },
                              {.newest = true}));
  absl::Status status;
  for (const auto& [id] : ids) {
    absl::StatusOr<bool> more = true;
    while (more.ok() && *more) more = RedactNext(call, owner, id);
    status.Update(more.status());
  }
  return status;
}

absl::StatusOr<std::vector<Redaction>> RedactionsOfStreams(const Call& call,
                                                           postgres::Database& owner) {
  return owner.Read(call,
                    [](Transaction& tx) {
                      return tx.Query<Redaction>(
                          "SELECT id, user_id, erased_at, streams_done FROM redactions AS r"
                          " WHERE outbox_done_at IS NOT NULL AND done_at IS NULL AND NOT EXISTS"
                          " (SELECT FROM outbox AS o, relay_progress AS p WHERE o.xid <= r.xid"
                          "  AND o.xid >= pg_snapshot_xmin(p.published_snapshot)"
                          "  AND NOT pg_visible_in_snapshot(o.xid, p.published_snapshot))"
                          " ORDER BY id");
                    },
                    {.newest = true});
}

absl::Status NoteStreamRedacted(const Call& call, postgres::Database& owner,
                                const std::vector<Redaction>& redactions, int stream, int streams) {
  std::vector<int64_t> ids;
  for (const Redaction& redaction : redactions) ids.push_back(redaction.id);
  return owner.Write(call, [&](Transaction& tx) {
    // One that was set back meanwhile begins again with the first stream.
    tx.Queue(
        "UPDATE redactions SET streams_done = $2 + 1,"
        " done_at = CASE WHEN $2 + 1 >= $3 THEN now() END"
        " WHERE id = ANY ($1) AND streams_done = $2 AND done_at IS NULL",
        ids, static_cast<int32_t>(stream), static_cast<int32_t>(streams));
    // By then nobody publishes again what was read before the redaction.
    tx.Queue("DELETE FROM redactions WHERE done_at < now() - interval '1 day'");
    return absl::OkStatus();
  });
}

}  // namespace selfology::events
