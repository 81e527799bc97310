#include "common/events/dead_letters.h"

#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/events/event_span.h"
#include "common/observe/log.h"
#include "common/observe/trace.h"
#include "common/postgres/advisory_lock.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::events {
namespace {

// Serialises parking and replay of one user in one group, so that no event slips between the last
// replayed one and the first that no longer needs parking.
void LockParking(postgres::Transaction& tx, std::string_view group, int64_t user) {
  postgres::AdvisoryLock(absl::StrCat("parking:", group))(tx, user);
}

}  // namespace

DeadLetters::DeadLetters(std::string group, const Handlers& handlers, postgres::Database& database,
                         observe::Metrics& metrics, const observe::Tracer* tracer)
    : group_(std::move(group)),
      handlers_(handlers),
      database_(database),
      parked_(metrics.Counter("event_dead_letters_total", "Events parked as dead letters",
                              {{"group", group_}})),
      tracer_(tracer) {}

bool DeadLetters::ParkedLately(int64_t user) const {
  absl::MutexLock lock(&mutex_);
  return parked_users_.contains(user);
}

void DeadLetters::NoteHandled(int64_t user) {
  absl::MutexLock lock(&mutex_);
  parked_users_.erase(user);
}

absl::Status DeadLetters::Park(const Call& call, const Envelope& envelope,
                               const absl::Status& failure, int attempts) {
  bool parked = false;
  const absl::Status status = database_.Write(call, [&](postgres::Transaction& tx) -> absl::Status {
    parked = false;
    LockParking(tx, group_, envelope.partition_key);
    ASSIGN_OR_RETURN(const int64_t marked,
                     tx.Execute("INSERT INTO inbox (consumer_group, event_id) SELECT $1, $2"
                                " FROM refuse_erased_events(ARRAY[$3::bigint],"
                                " ARRAY[$4::timestamptz]) ON CONFLICT DO NOTHING",
                                group_, envelope.id, envelope.person(), envelope.occurred_at));
    if (marked == 0) return absl::OkStatus();
    parked = true;
    tx.Queue(
        "INSERT INTO dead_letters (consumer_group, event_id, type, partition_key, occurred_at,"
        " traceparent, trace_id, producer, payload, code, reason, message, attempts, "
        "last_failed_at, subject)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
        "         CASE WHEN $13 > 0 THEN now() END, nullif($14::bigint, 0))",
        group_, envelope.id, envelope.type, envelope.partition_key, envelope.occurred_at,
        envelope.traceparent, envelope.trace_id, envelope.producer,
        postgres::BytesView{envelope.payload}, absl::StatusCodeToString(failure.code()),
        status::Reason(failure), std::string_view(failure.message()),
        static_cast<int32_t>(attempts), envelope.subject);
    return absl::OkStatus();
  });
  if (status.ok()) {
    absl::MutexLock lock(&mutex_);
    parked_users_.insert(envelope.partition_key);
  }
  if (status.ok() && parked) {
    parked_.Increment();
    observe::Error("event stored as a dead letter", {{"group", group_},
                                                     {"type", envelope.type},
                                                     {"event_id", envelope.id.ToString()},
                                                     {"attempts", attempts},
                                                     {"status", failure}});
  }
  return status;
}

absl::Status DeadLetters::Replay(const Call& call) {
  using Users = std::vector<std::tuple<int64_t>>;
  ASSIGN_OR_RETURN(const Users users,
                   database_.Read(call,
                                  [&](postgres::Transaction& tx) {
                                    return tx.Query<int64_t>(
                                        "SELECT DISTINCT partition_key FROM dead_letters"
                                        " WHERE consumer_group = $1 AND replay_requested",
                                        group_);
                                  },
                                  {.newest = true}));
  for (const auto& [user] : users) {
    while (true) {
      ASSIGN_OR_RETURN(const bool more, ReplayNext(call, user));
      if (!more) break;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> DeadLetters::ReplayNext(const Call& call, int64_t user) {
  using Row = std::optional<std::tuple<uuid::Uuid, std::string, absl::Time, std::string,
                                       std::string, std::string, postgres::Bytes, int64_t>>;
  postgres::Transaction tx = database_.Begin(call);
  LockParking(tx, group_, user);
  ASSIGN_OR_RETURN(
      const Row row,
      (tx.QueryOne<uuid::Uuid, std::string, absl::Time, std::string, std::string, std::string,
                   postgres::Bytes, int64_t>(
          "SELECT event_id, type, occurred_at, traceparent, trace_id, producer, payload,"
          " coalesce(subject, 0)"
          " FROM dead_letters WHERE consumer_group = $1 AND partition_key = $2"
          " ORDER BY position LIMIT 1 FOR UPDATE",
          group_, user)));
  if (!row.has_value()) return false;
  Envelope envelope;
  envelope.partition_key = user;
  envelope.id = std::get<0>(*row);
  envelope.type = std::get<1>(*row);
  envelope.occurred_at = std::get<2>(*row);
  envelope.traceparent = std::get<3>(*row);
  envelope.trace_id = std::get<4>(*row);
  envelope.producer = std::get<5>(*row);
  envelope.payload = std::get<6>(*row).value;
  envelope.subject = std::get<7>(*row);

  const observe::Span span = HandlingSpan(envelope, tracer_, absl::Now());
  const Call replay = Call(call.deadline(), span.trace());
  const observe::ScopedTrace scope(replay.trace());
  // It is in the inbox already; its effect and its leaving the dead letters commit together.
  tx.Queue("DELETE FROM dead_letters WHERE consumer_group = $1 AND event_id = $2", group_,
           envelope.id);
  Handling handling(database_, replay, group_, envelope);
  handling.tx_.emplace(std::move(tx));
  const Handlers::Handler* const handler = handlers_.Find(envelope.type);
  absl::Status status =
      handler != nullptr
          ? handler->run(envelope.payload, handling)
          : absl::UnimplementedError(absl::StrCat("no handler for \"", envelope.type, "\""));
  if (status.ok()) status = handling.Commit();
  span.End(status.code(), absl::Now(), [&](observe::FinishedSpan& finished) {
    DescribeEvent("process", envelope.type, finished);
    finished.Add("messaging.consumer.group.name", group_);
  });
  if (status.ok()) {
    observe::Info("replayed dead letter handled", {{"group", group_}, {"type", envelope.type}});
    return true;
  }
  handling.tx_->Rollback();
  if (handling.peer_is_away_) {
    // No fault of the event's: it is tried again until the peer is back, as any other would be.
    observe::Warning("replay of a dead letter waits for another service",
                     {{"group", group_}, {"status", status}});
    return false;
  }
  observe::Warning("replay of a dead letter failed", {{"group", group_}, {"status", status}});
  RETURN_IF_ERROR(database_.Write(call, [&](postgres::Transaction& again) -> absl::Status {
    again.Queue(
        "UPDATE dead_letters SET replay_requested = false WHERE consumer_group = $1"
        " AND partition_key = $2",
        group_, user);
    again.Queue(
        "UPDATE dead_letters SET code = $3, reason = $4, message = $5,"
        " attempts = attempts + 1, last_failed_at = now()"
        " WHERE consumer_group = $1 AND event_id = $2",
        group_, envelope.id, absl::StatusCodeToString(status.code()), status::Reason(status),
        std::string_view(status.message()));
    return absl::OkStatus();
  }));
  return false;
}

}  // namespace selfology::events
