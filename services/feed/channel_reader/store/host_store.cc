#include "services/feed/channel_reader/store/host_store.h"

#include "common/status/status_macros.h"

namespace selfology::channel_reader::store {

absl::StatusOr<std::optional<Turn>> TakeTurn(postgres::Transaction& tx, std::string_view host,
                                             absl::Time now, absl::Duration spacing,
                                             absl::Duration patience) {
  struct Row {
    absl::Time at;
    absl::Time refused_until;
  };
  // One statement: replicas that ask at once get one turn each.
  ASSIGN_OR_RETURN(
      const std::optional<Row> row,
      tx.QueryOne<Row>("INSERT INTO channel_reader_hosts AS h (host, next_at)"
                       " VALUES ($1, $2 + make_interval(secs => $3))"
                       " ON CONFLICT (host) DO UPDATE"
                       " SET next_at = CASE WHEN h.refused_until > $2 THEN h.next_at"
                       "     ELSE greatest(h.next_at, $2) + make_interval(secs => $3) END"
                       " WHERE h.next_at <= $4 OR h.refused_until > $2"
                       " RETURNING next_at - make_interval(secs => $3), refused_until",
                       host, now, absl::ToDoubleSeconds(spacing), now + patience));
  if (!row.has_value()) return std::nullopt;
  return Turn{.at = row->at, .refused_until = row->refused_until};
}

void NoteRefusal(postgres::Transaction& tx, std::string_view host, absl::Time now,
                 absl::Duration pause) {
  tx.Queue(
      "UPDATE channel_reader_hosts SET refusals = refusals + 1,"
      " refused_until = $2 + least(make_interval(secs => $3 * power(2, least(refusals, 10))),"
      "                            greatest(interval '1 hour', make_interval(secs => $3)))"
      " WHERE host = $1",
      host, now, absl::ToDoubleSeconds(pause));
}

void NoteAnswer(postgres::Transaction& tx, std::string_view host) {
  tx.Queue(
      "UPDATE channel_reader_hosts SET refusals = 0, refused_until = '-infinity'"
      " WHERE host = $1 AND refusals > 0",
      host);
}

absl::StatusOr<int64_t> ForgetHosts(postgres::Transaction& tx, absl::Time now) {
  return tx.Execute("DELETE FROM channel_reader_hosts WHERE next_at < $1 AND refused_until < $1",
                    now - absl::Hours(24));
}

}  // namespace selfology::channel_reader::store
