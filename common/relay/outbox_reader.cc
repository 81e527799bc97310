#include "common/relay/outbox_reader.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/postgres/codec.h"
#include "common/status/status_macros.h"

namespace selfology::relay {
namespace {

using postgres::internal::EncodeAll;
using postgres::internal::ReadOneRow;
using postgres::internal::ReadRows;

constexpr std::string_view kSettings[] = {
    // What the relay writes are lower bounds that are as true when the last of them is lost.
    "SET synchronous_commit = off",
    // The planner takes the few new rows for a third of the table: it would read all of it, with
    // parallel workers, and compile the plan.
    "SET enable_seqscan = off", "SET max_parallel_workers_per_gather = 0", "SET jit = off"};

// How many rows one round trip brings.
constexpr int kRows = 1000;

#define SELFOLOGY_EVENT_COLUMNS                                                      \
  "id, type, partition_key, occurred_at, traceparent, trace_id, producer, payload, " \
  "coalesce(subject, 0)"
// Of an erased person nothing is left to publish. $1: xmax, $2: the running transactions of the
// snapshot.
#define SELFOLOGY_NOT_SEEN \
  "(xid >= $1::text::xid8 OR xid = ANY ($2::text[]::xid8[])) AND redacted_at IS NULL"

// The order by an expression keeps the planner from walking an index on seq, should there be one,
// through the whole table.
constexpr std::string_view kSelectNew =
    "SELECT " SELFOLOGY_EVENT_COLUMNS " FROM selfology.outbox WHERE " SELFOLOGY_NOT_SEEN
    " ORDER BY seq + 0";

// The same, up to kRows, with the instant in each row, and in one row when there is nothing new.
constexpr std::string_view kTick =
    "SELECT pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text, o.*"
    " FROM (SELECT 1) AS always LEFT JOIN"
    " (SELECT " SELFOLOGY_EVENT_COLUMNS
    ", seq + 0 AS place FROM selfology.outbox"
    "  WHERE " SELFOLOGY_NOT_SEEN " ORDER BY seq + 0 LIMIT 1000) AS o ON true ORDER BY o.place";

// $1: a snapshot, $2 and $3: ids at the ends, $4: user, $5: types, $6: trace.
#define SELFOLOGY_MATCHING                                                          \
  " FROM selfology.outbox WHERE pg_visible_in_snapshot(xid, $1::text::pg_snapshot)" \
  " AND redacted_at IS NULL AND id >= $2 AND id < $3"                               \
  " AND ($4 = 0 OR partition_key = $4 OR subject = $4)"                             \
  " AND (cardinality($5::text[]) = 0 OR type = ANY ($5::text[])) AND ($6 = '' OR trace_id = $6)"

struct NotSeen {
  explicit NotSeen(const Snapshot& snapshot) : xmax(absl::StrCat(snapshot.xmax())) {
    for (const uint64_t xid : snapshot.running()) running.push_back(absl::StrCat(xid));
  }
  std::string xmax;
  std::vector<std::string> running;
};

absl::StatusOr<Instant> ReadInstant(std::string_view snapshot, std::string_view position) {
  Instant instant;
  ASSIGN_OR_RETURN(instant.snapshot, Snapshot::Parse(snapshot));
  ASSIGN_OR_RETURN(instant.position, ParseLsn(position));
  return instant;
}

absl::StatusOr<std::vector<events::Envelope>> ReadEvents(const postgres::Result& result) {
  ASSIGN_OR_RETURN(auto rows, ReadRows<uuid::Uuid, std::string, int64_t, absl::Time, std::string,
                                       std::string, std::string, postgres::Bytes, int64_t>(result));
  std::vector<events::Envelope> events;
  events.reserve(rows.size());
  for (auto& [id, type, key, occurred_at, traceparent, trace_id, producer, payload, subject] :
       rows) {
    events.push_back({.id = id,
                      .type = std::move(type),
                      .partition_key = key,
                      .occurred_at = occurred_at,
                      .traceparent = std::move(traceparent),
                      .trace_id = std::move(trace_id),
                      .producer = std::move(producer),
                      .payload = std::move(payload.value),
                      .subject = subject});
  }
  return events;
}

// The lowest UUIDv7 of a time; beyond what ids can say, the nearer end.
uuid::Uuid IdAt(absl::Time time) {
  if (time == absl::InfiniteFuture()) {
    uuid::Uuid::Bytes highest;
    highest.fill(0xff);
    return uuid::Uuid(highest);
  }
  uint64_t millis = static_cast<uint64_t>(std::max<int64_t>(0, absl::ToUnixMillis(time)));
  uuid::Uuid::Bytes bytes = {};
  for (int i = 5; i >= 0; --i, millis >>= 8) bytes[i] = static_cast<uint8_t>(millis);
  return uuid::Uuid(bytes);
}

}  // namespace

absl::StatusOr<std::unique_ptr<OutboxReader>> OutboxReader::Open(const Call& call,
                                                                 const std::string& url,
                                                                 const std::string& role) {
  ASSIGN_OR_RETURN(auto connection,
                   postgres::Connection::Open(
                       call, {.url = url, .application_name = "selfology_relay", .keywords = {}}));
  std::unique_ptr<OutboxReader> reader(new OutboxReader(std::move(connection)));
  for (const std::string_view setting : kSettings) RETURN_IF_ERROR(reader->Run(call, setting));
  if (!role.empty()) {
    RETURN_IF_ERROR(reader->Run(call, "SELECT set_config('role', $1, false)", role));
  }
  return reader;
}

template <typename... Parameters>
absl::StatusOr<postgres::Result> OutboxReader::Run(const Call& call, std::string_view sql,
                                                   const Parameters&... parameters) {
  connection_->Add(sql, EncodeAll(parameters...));
  return connection_->RoundTrip(call);
}

absl::StatusOr<bool> OutboxReader::TryLead(const Call& call) {
  ASSIGN_OR_RETURN(
      const postgres::Result result,
      Run(call, "SELECT pg_try_advisory_lock(hashtextextended('selfology.outbox_relay', 0))"));
  ASSIGN_OR_RETURN(const auto row, ReadOneRow<bool>(result));
  return row.has_value() && std::get<0>(*row);
}

absl::StatusOr<std::string> OutboxReader::Lineage(const Call& call) {
  ASSIGN_OR_RETURN(const postgres::Result result,
                   Run(call,
                       "SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()),"
                       " left(pg_walfile_name(pg_current_wal_insert_lsn()), 8),"
                       " (SELECT oid FROM pg_database WHERE datname = current_database()))"));
  ASSIGN_OR_RETURN(const auto row, ReadOneRow<std::string>(result));
  if (!row.has_value()) return absl::InternalError("no lineage");
  return std::get<0>(*row);
}

absl::StatusOr<Instant> OutboxReader::Now(const Call& call) {
  ASSIGN_OR_RETURN(
      const postgres::Result result,
      Run(call, "SELECT pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text"));
  ASSIGN_OR_RETURN(const auto row, (ReadOneRow<std::string, std::string>(result)));
  if (!row.has_value()) return absl::InternalError("no snapshot");
  return ReadInstant(std::get<0>(*row), std::get<1>(*row));
}

absl::StatusOr<Instant> OutboxReader::ReadNew(const Call& call, const Snapshot& published,
                                              Sink sink) {
  ASSIGN_OR_RETURN(Instant now, Now(call));
  if (now.snapshot == published) return now;

  const NotSeen not_seen(published);
  ASSIGN_OR_RETURN(const postgres::Result result,
                   Run(call, kTick, not_seen.xmax, not_seen.running));
  ASSIGN_OR_RETURN(
      auto rows,
      (ReadRows<std::string, std::string, std::optional<uuid::Uuid>, std::optional<std::string>,
                std::optional<int64_t>, std::optional<absl::Time>, std::optional<std::string>,
                std::optional<std::string>, std::optional<std::string>,
                std::optional<postgres::Bytes>, std::optional<int64_t>, std::optional<int64_t>>(
          result)));
  if (rows.empty()) return absl::InternalError("the outbox gave no instant");
  if (rows.size() < kRows) {
    ASSIGN_OR_RETURN(now, ReadInstant(std::get<0>(rows[0]), std::get<1>(rows[0])));
    std::vector<events::Envelope> events;
    for (auto& [snapshot, position, id, type, key, occurred_at, traceparent, trace_id, producer,
                payload, subject, place] : rows) {
      if (!id.has_value()) continue;
      events.push_back({.id = *id,
                        .type = *std::move(type),
                        .partition_key = *key,
                        .occurred_at = *occurred_at,
                        .traceparent = *std::move(traceparent),
                        .trace_id = *std::move(trace_id),
                        .producer = *std::move(producer),
                        .payload = std::move(payload->value),
                        .subject = *subject});
    }
    if (!events.empty()) RETURN_IF_ERROR(sink(std::move(events), now.position));
    return now;
  }

  // A backlog: all of it has to be read under one snapshot.
  ASSIGN_OR_RETURN(now, OpenCursor(call, kSelectNew, not_seen.xmax, not_seen.running));
  RETURN_IF_ERROR(DrainCursor(call, now.position, sink));
  return now;
}

absl::StatusOr<int64_t> OutboxReader::CountMatching(const Call& call, const Snapshot& published,
                                                    const ReplayFilter& filter) {
  ASSIGN_OR_RETURN(
      const postgres::Result result,
      Run(call, "SELECT count(*)" SELFOLOGY_MATCHING, published.ToString(), IdAt(filter.start),
          IdAt(filter.end), filter.user_id, filter.types, filter.trace_id));
  ASSIGN_OR_RETURN(const auto row, ReadOneRow<int64_t>(result));
  if (!row.has_value()) return absl::InternalError("no count");
  return std::get<0>(*row);
}

absl::Status OutboxReader::ReadMatching(const Call& call, const Snapshot& published,
                                        const ReplayFilter& filter, Sink sink) {
  ASSIGN_OR_RETURN(
      const Instant now,
      OpenCursor(call, "SELECT " SELFOLOGY_EVENT_COLUMNS SELFOLOGY_MATCHING " ORDER BY seq + 0",
                 published.ToString(), IdAt(filter.start), IdAt(filter.end), filter.user_id,
                 filter.types, filter.trace_id));
  return DrainCursor(call, now.position, sink);
}

template <typename... Parameters>
absl::StatusOr<Instant> OutboxReader::OpenCursor(const Call& call, std::string_view sql,
                                                 const Parameters&... parameters) {
  connection_->Add("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", {});
  // Planned for these very values, which may well ask for most of the table.
  connection_->Add("SET LOCAL enable_seqscan = on", {});
  connection_->Add(absl::StrCat("DECLARE rows NO SCROLL CURSOR FOR ", sql),
                   EncodeAll(parameters...));
  absl::StatusOr<Instant> instant = Now(call);
  if (!instant.ok()) {
    connection_->Add("ROLLBACK", {});
    connection_->SendAndForget();
  }
  return instant;
}

absl::Status OutboxReader::DrainCursor(const Call& call, Lsn position, Sink sink) {
  absl::Status status;
  while (status.ok()) {
    connection_->Add(absl::StrCat("FETCH ", kRows, " FROM rows"), {});
    absl::StatusOr<postgres::Result> result = connection_->RoundTrip(call);
    status = result.status();
    if (!status.ok()) break;
    absl::StatusOr<std::vector<events::Envelope>> events = ReadEvents(*result);
    status = events.status();
    if (!status.ok() || events->empty()) break;
    status = sink(*std::move(events), position);
  }
  connection_->Add("ROLLBACK", {});
  connection_->SendAndForget();
  return status;
}

absl::StatusOr<int64_t> OutboxReader::BeginTerm(const Call& call) {
  connection_->Add("BEGIN", {});
  connection_->Add("SET LOCAL synchronous_commit = on", {});
  absl::StatusOr<postgres::Result> result =
      Run(call, "UPDATE selfology.relay_progress SET term = term + 1 RETURNING term");
  const absl::Status ended = Run(call, result.ok() ? "COMMIT" : "ROLLBACK").status();
  RETURN_IF_ERROR(result);
  RETURN_IF_ERROR(ended);
  ASSIGN_OR_RETURN(const auto row, ReadOneRow<int64_t>(*result));
  if (!row.has_value()) return absl::InternalError("selfology.relay_progress is empty");
  return std::get<0>(*row);
}

absl::Status OutboxReader::RepeatRedactions(const Call& call) {
  return Run(call,
             "UPDATE selfology.redactions SET streams_done = 0, done_at = NULL"
             " WHERE streams_done > 0")
      .status();
}

absl::StatusOr<bool> OutboxReader::RedactionsWait(const Call& call) {
  ASSIGN_OR_RETURN(const postgres::Result result,
                   Run(call,
                       "SELECT EXISTS (SELECT FROM selfology.redactions"
                       " WHERE outbox_done_at IS NOT NULL AND done_at IS NULL)"));
  ASSIGN_OR_RETURN(const auto row, ReadOneRow<bool>(result));
  return row.has_value() && std::get<0>(*row);
}

absl::StatusOr<Progress> OutboxReader::ReadProgress(const Call& call) {
  ASSIGN_OR_RETURN(const postgres::Result result,
                   Run(call,
                       "SELECT published_snapshot::text, handled_snapshot::text, position::text,"
                       " published_total FROM selfology.relay_progress"));
  ASSIGN_OR_RETURN(const auto row,
                   (ReadOneRow<std::string, std::string, std::string, int64_t>(result)));
  Progress progress;
  if (!row.has_value()) return progress;
  ASSIGN_OR_RETURN(progress.published, Snapshot::Parse(std::get<0>(*row)));
  ASSIGN_OR_RETURN(progress.handled, Snapshot::Parse(std::get<1>(*row)));
  ASSIGN_OR_RETURN(progress.position, ParseLsn(std::get<2>(*row)));
  progress.published_total = std::get<3>(*row);
  return progress;
}

absl::Status OutboxReader::WriteProgress(const Call& call, const Instant& published,
                                         int64_t newly_published) {
  return Run(call,
             "UPDATE selfology.relay_progress SET published_snapshot = $1::text::pg_snapshot,"
             " position = $2::text::pg_lsn, published_total = published_total + $3,"
             " updated_at = now()",
             published.snapshot.ToString(), FormatLsn(published.position), newly_published)
      .status();
}

absl::Status OutboxReader::WriteHandled(const Call& call, const Snapshot& handled) {
  return Run(call, "UPDATE selfology.relay_progress SET handled_snapshot = $1::text::pg_snapshot",
             handled.ToString())
      .status();
}

absl::StatusOr<std::vector<std::string>> OutboxReader::KnownGroups(
    const Call& call, const std::vector<std::string>& seen) {
  RETURN_IF_ERROR(
      Run(call,
          "UPDATE selfology.relay_progress SET known_groups ="
          " ARRAY(SELECT unnest(known_groups) UNION SELECT unnest($1::text[]) ORDER BY 1)"
          " WHERE NOT known_groups @> $1::text[]",
          seen));
  ASSIGN_OR_RETURN(const postgres::Result result,
                   Run(call, "SELECT known_groups FROM selfology.relay_progress"));
  ASSIGN_OR_RETURN(auto row, ReadOneRow<std::vector<std::string>>(result));
  if (!row.has_value()) return seen;
  return std::get<0>(*std::move(row));
}

absl::StatusOr<Backlog> OutboxReader::CountNew(const Call& call, const Snapshot& published) {
  const NotSeen not_seen(published);
  ASSIGN_OR_RETURN(const postgres::Result result,
                   Run(call,
                       "SELECT count(*), min(occurred_at) FROM (SELECT occurred_at FROM"
                       " selfology.outbox WHERE " SELFOLOGY_NOT_SEEN " LIMIT 1000000) AS counted",
                       not_seen.xmax, not_seen.running));
  ASSIGN_OR_RETURN(const auto row, (ReadOneRow<int64_t, std::optional<absl::Time>>(result)));
  if (!row.has_value()) return absl::InternalError("no count");
  return Backlog{.events = std::get<0>(*row), .oldest = std::get<1>(*row)};
}

absl::StatusOr<int64_t> OutboxReader::RetainedWalBytes(const Call& call, std::string_view slot) {
  ASSIGN_OR_RETURN(
      const postgres::Result result,
      Run(call,
          "SELECT coalesce(max(pg_current_wal_lsn() - restart_lsn), 0)::bigint"
          " FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()",
          slot));
  ASSIGN_OR_RETURN(const auto row, ReadOneRow<int64_t>(result));
  return row.has_value() ? std::get<0>(*row) : 0;
}

absl::StatusOr<int64_t> OutboxReader::MaintainPartitions(const Call& call,
                                                         absl::Duration outbox_retention,
                                                         absl::Duration inbox_retention) {
  ASSIGN_OR_RETURN(
      const postgres::Result result,
      Run(call,
          "SELECT selfology.maintain_event_partitions(make_interval(secs => $1),"
          " make_interval(secs => $2))",
          absl::ToDoubleSeconds(outbox_retention), absl::ToDoubleSeconds(inbox_retention)));
  ASSIGN_OR_RETURN(const auto row, ReadOneRow<int64_t>(result));
  // What came before these is gone from the outbox, too.
  RETURN_IF_ERROR(Run(call,
                      "DELETE FROM selfology.event_erasures"
                      " WHERE erased_at < now() - make_interval(secs => $1)",
                      absl::ToDoubleSeconds(inbox_retention)));
  return row.has_value() ? std::get<0>(*row) : 0;
}

}  // namespace selfology::relay
