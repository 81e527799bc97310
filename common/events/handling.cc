#include "common/events/handling.h"

#include <atomic>
#include <memory>
#include <set>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/observe/trace.h"
#include "common/postgres/error.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::events {
namespace {

// How long a handler that waited counts as one that does: so many events that did not wait.
constexpr int kWaitsRemembered = 64;
constexpr int kRunsAlone = kWaitsRemembered / 2;
// After an event that was handled before, so many may have been.
constexpr int64_t kRepeatsExpected = 10'000;

// A handler that waits would make the others of its transaction wait. Whoever is refused is run
// again, alone.
class Waits final : public Call::WaitListener {
 public:
  explicit Waits(bool allowed) : allowed_(allowed) {}
  absl::Status BeforeWait() override {
    asked_.store(true, std::memory_order_relaxed);
    if (allowed_) return absl::OkStatus();
    return absl::AbortedError("others' transaction would have to wait: to be run alone");
  }
  bool asked() const { return asked_.load(std::memory_order_relaxed); }

 private:
  const bool allowed_;
  std::atomic<bool> asked_ = false;
};

// $2: event ids, $3: their users, $4: when they occurred. Fails when a user is parked or erased.
constexpr std::string_view kMark =
    "INSERT INTO inbox (consumer_group, event_id, parked_behind) SELECT $1, e.id,"
    " parked_behind($1, e.key) FROM refuse_erased_events($3::bigint[], $4::timestamptz[]),"
    " unnest($2::uuid[], $3::bigint[]) AS e (id, key)";

bool HandledBefore(const absl::Status& status) {
  const std::string constraint = postgres::ConstraintName(status);
  // A partition's copy of the key carries the partition's name.
  return absl::IsAlreadyExists(status) &&
         (constraint == "inbox_handled_once" || constraint.starts_with("inbox_"));
}

bool UserIsParked(const absl::Status& status) {
  return postgres::ConstraintName(status) == "inbox_user_parked";
}

// Since the event occurred; see erasure.h.
bool UserIsErased(const absl::Status& status) {
  return postgres::ConstraintName(status) == "inbox_user_erased";
}

// Marks the event of an erased person handled, though it was not. False: the database cannot be
// reached.
bool Drop(postgres::Database& database, const Call& call, const std::string& group,
          const Envelope& envelope) {
  const absl::Status status = database.Write(call, [&](postgres::Transaction& tx) {
    tx.Queue("INSERT INTO inbox (consumer_group, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
             group, envelope.id);
    return absl::OkStatus();
  });
  observe::Info("event of an erased person dropped",
                {{"group", group}, {"type", envelope.type}, {"status", status}});
  return status.ok();
}

// Serialises parking and replay of one user in one group, so that no event slips between the last
// replayed one and the first that no longer needs parking.
void LockParking(postgres::Transaction& tx, std::string_view group, int64_t user) {
  tx.Queue("SELECT pg_advisory_xact_lock(hashtextextended($1, $2))",
           absl::StrCat("parking:", group), user);
}

observe::TraceContext HandlingTrace(const Envelope& envelope) {
  thread_local absl::InsecureBitGen random;
  const auto trace = observe::TraceContext::Parse(envelope.traceparent);
  return trace.has_value() ? trace->Child(random) : observe::NewTrace(random);
}

}  // namespace

postgres::Transaction& Handling::tx() {
  if (shared_ != nullptr) return *shared_;
  if (!tx_.has_value()) {
    tx_.emplace(database_->Begin(call_));
    tx_->Queue(kMark, group_, std::vector{envelope_.id}, std::vector{envelope_.partition_key},
               std::vector{envelope_.occurred_at});
  }
  return *tx_;
}

absl::Status Handling::Commit() { return tx().Commit(); }

EventRunner::EventRunner(std::string group, const Handlers& handlers, postgres::Database& database,
                         observe::Metrics& metrics, absl::Duration timeout, int max_attempts)
    : group_(std::move(group)),
      handlers_(handlers),
      database_(database),
      requests_(&metrics, "event_handler"),
      parked_(metrics.Counter("event_dead_letters_total", "Events parked as dead letters",
                              {{"group", group_}})),
      repeated_(metrics.Counter("event_repeated_total",
                                "Events seen again and dropped by the inbox", {{"group", group_}})),
      timeout_(timeout),
      max_attempts_(max_attempts) {}

absl::StatusOr<bool> EventRunner::WasHandled(const Call& call, const Envelope& envelope) {
  return database_.Read(
      call,
      [&](postgres::Transaction& tx) -> absl::StatusOr<bool> {
        ASSIGN_OR_RETURN(
            const auto row,
            tx.QueryOne<int32_t>("SELECT 1 FROM inbox WHERE consumer_group = $1 AND event_id = $2",
                                 group_, envelope.id));
        return row.has_value();
      },
      {.newest = true});
}

absl::Status EventRunner::Handle(const Call& call, const Envelope& envelope, bool* waiting) {
  const auto waits = std::make_shared<Waits>(true);
  const Call watched = call.With(waits);
  Handling handling(database_, watched, group_, envelope);
  const Registered& handler = handlers_.at(envelope.type);
  absl::Status status = handler.run(envelope.payload, handling);
  NoteWaits(handler, waits->asked());
  if (status.ok()) status = handling.Commit();
  // A handler may have hidden the transaction's error behind one of its own.
  if (handling.tx_.has_value() && !handling.tx_->status().ok()) status = handling.tx_->status();
  *waiting = handling.tx_.has_value() && handling.tx_->connection_lost();
  return status;
}

EventRunner::Result EventRunner::Run(const Delivery& delivery) {
  const Envelope& envelope = delivery.envelope;
  const Call call = Call::Background(timeout_, HandlingTrace(envelope));
  const observe::ScopedTrace scope(call.trace());
  const std::string operation = absl::StrCat(group_, "/", envelope.type);
  const absl::Time start = absl::Now();

  if (delivery.possibly_redelivered || delivery.attempts > 0) {
    const absl::StatusOr<bool> handled = WasHandled(call, envelope);
    if (!handled.ok()) return {Outcome::kWaiting};
    if (*handled) {
      repeated_.Increment();
      return {Outcome::kDone};
    }
  }

  bool waiting = false;
  absl::Status status = Handle(call, envelope, &waiting);
  if (HandledBefore(status)) {
    repeated_.Increment();
    return {Outcome::kDone};
  }
  if (UserIsErased(status)) {
    return {Drop(database_, call, group_, envelope) ? Outcome::kDone : Outcome::kWaiting};
  }
  const absl::Duration elapsed = absl::Now() - start;
  requests_.Record(operation, status.code(), elapsed);
  if (status.ok()) {
    LogHandled(envelope, elapsed);
    absl::MutexLock lock(&mutex_);
    parked_users_.erase(envelope.partition_key);
    return {Outcome::kDone};
  }
  if (waiting) {
    observe::Warning("event waits for the database", {{"group", group_}, {"status", status}});
    return {Outcome::kWaiting};
  }
  const int attempts = delivery.attempts + 1;
  if (!UserIsParked(status) && status::IsRetryable(status) && attempts < max_attempts_) {
    observe::Warning("event will be tried again", {{"group", group_},
                                                   {"type", envelope.type},
                                                   {"event_id", envelope.id.ToString()},
                                                   {"attempts", attempts},
                                                   {"status", status}});
    return {Outcome::kRetry, status::RetryAfter(status).value_or(absl::ZeroDuration())};
  }
  // The handler may have used up its time; parking needs its own.
  const Call parking = Call::Background(absl::Seconds(10), call.trace());
  const absl::Status parked =
      UserIsParked(status)
          ? Park(parking, envelope,
                 absl::FailedPreconditionError("waits behind an earlier event of the same user"), 0)
          : Park(parking, envelope, status, attempts);
  if (UserIsErased(parked))
    return {Drop(database_, parking, group_, envelope) ? Outcome::kDone : Outcome::kWaiting};
  if (!parked.ok()) {
    observe::Error("event could not be parked", {{"group", group_}, {"status", parked}});
    return {Outcome::kWaiting};
  }
  return {Outcome::kDone};
}

void EventRunner::NoteWaits(const Registered& handler, bool waited) {
  const int waits = handler.waits.load(std::memory_order_relaxed);
  if (waited) {
    handler.waits.store(kWaitsRemembered, std::memory_order_relaxed);
  } else if (waits > 0) {
    handler.waits.store(waits - 1, std::memory_order_relaxed);
  }
}

bool EventRunner::RunsAlone(const Delivery& delivery) const {
  if (delivery.alone || delivery.attempts > 0) return true;
  const auto handler = handlers_.find(delivery.envelope.type);
  if (handler->second.waits.load(std::memory_order_relaxed) > kRunsAlone) return true;
  absl::MutexLock lock(&mutex_);
  return parked_users_.contains(delivery.envelope.partition_key);
}

void EventRunner::LogHandled(const Envelope& envelope, absl::Duration elapsed) {
  observe::Info("event handled", {{"group", group_},
                                  {"type", envelope.type},
                                  {"event_id", envelope.id.ToString()},
                                  {"seconds", elapsed}});
}

bool EventRunner::RunTogether(absl::Span<const Delivery* const> deliveries) {
  const auto count = static_cast<int64_t>(deliveries.size());
  bool repeats = repeats_expected_ > 0;
  for (const Delivery* delivery : deliveries) repeats = repeats || delivery->possibly_redelivered;
  absl::Status status = HandleTogether(deliveries, repeats);
  if (HandledBefore(status) && !repeats) {
    // The relay publishes again what Redis may have lost: there will be more.
    repeats_expected_ = kRepeatsExpected;
    status = HandleTogether(deliveries, /*repeats=*/true);
  } else if (repeats_expected_ > 0) {
    repeats_expected_ -= count;
  }
  if (!status.ok()) {
    observe::Debug("events are handled one by one", {{"group", group_}, {"status", status}});
  }
  return status.ok();
}

absl::Status EventRunner::HandleTogether(absl::Span<const Delivery* const> deliveries,
                                         bool repeats) {
  const absl::Time start = absl::Now();
  std::vector<uuid::Uuid> ids;
  std::vector<int64_t> users;
  std::vector<absl::Time> times;
  for (const Delivery* delivery : deliveries) {
    ids.push_back(delivery->envelope.id);
    users.push_back(delivery->envelope.partition_key);
    times.push_back(delivery->envelope.occurred_at);
  }
  const Call all = Call::Background(timeout_);
  postgres::Transaction tx = database_.Begin(all);
  // One statement marks them all. It fails when one's user is parked or erased, or when one was
  // handled before and no repeats are expected: then the statement need not be waited for.
  std::set<uuid::Uuid> handled_before;
  if (repeats) {
    ASSIGN_OR_RETURN(
        const auto marked,
        tx.Query<uuid::Uuid>(absl::StrCat(kMark, " ON CONFLICT DO NOTHING RETURNING event_id"),
                             group_, ids, users, times));
    handled_before.insert(ids.begin(), ids.end());
    for (const auto& [id] : marked) handled_before.erase(id);
  } else {
    tx.Queue(kMark, group_, ids, users, times);
  }

  std::vector<absl::Duration> took(deliveries.size());
  std::vector<observe::TraceContext> traces(deliveries.size());
  for (size_t i = 0; i < deliveries.size(); ++i) {
    const Envelope& envelope = deliveries[i]->envelope;
    if (handled_before.contains(envelope.id)) continue;
    const absl::Time began = absl::Now();
    const Registered& handler = handlers_.at(envelope.type);
    const auto waits = std::make_shared<Waits>(false);
    traces[i] = HandlingTrace(envelope);
    const Call call = Call::Background(timeout_, traces[i]).With(waits);
    const observe::ScopedTrace scope(traces[i]);
    tx.Continue(call);
    Handling handling(tx, call, group_, envelope);
    const absl::Status status = handler.run(envelope.payload, handling);
    NoteWaits(handler, waits->asked());
    RETURN_IF_ERROR(tx.status());
    RETURN_IF_ERROR(status);
    // Refused, it made do without what it wanted.
    RETURN_IF_ERROR(waits->asked() ? call.MayWait() : absl::OkStatus());
    took[i] = absl::Now() - began;
  }
  tx.Continue(all);
  RETURN_IF_ERROR(tx.Commit());

  const absl::Duration mean = (absl::Now() - start) / static_cast<int64_t>(deliveries.size());
  mean_together_ = (mean_together_ * 7 + absl::ToInt64Nanoseconds(mean)) / 8;
  for (size_t i = 0; i < deliveries.size(); ++i) {
    const Envelope& envelope = deliveries[i]->envelope;
    if (handled_before.contains(envelope.id)) {
      repeated_.Increment();
      continue;
    }
    requests_.Record(absl::StrCat(group_, "/", envelope.type), absl::StatusCode::kOk, took[i]);
    const observe::ScopedTrace scope(traces[i]);
    LogHandled(envelope, took[i]);
  }
  return absl::OkStatus();
}

absl::Status EventRunner::Park(const Call& call, const Envelope& envelope,
                               const absl::Status& failure, int attempts) {
  bool parked = false;
  const absl::Status status = database_.Write(call, [&](postgres::Transaction& tx) -> absl::Status {
    parked = false;
    LockParking(tx, group_, envelope.partition_key);
    ASSIGN_OR_RETURN(const int64_t marked,
                     tx.Execute("INSERT INTO inbox (consumer_group, event_id) SELECT $1, $2"
                                " FROM refuse_erased_events(ARRAY[$3::bigint],"
                                " ARRAY[$4::timestamptz]) ON CONFLICT DO NOTHING",
                                group_, envelope.id, envelope.partition_key, envelope.occurred_at));
    if (marked == 0) return absl::OkStatus();
    parked = true;
    tx.Queue(
        "INSERT INTO dead_letters (consumer_group, event_id, type, partition_key, occurred_at,"
        " traceparent, trace_id, producer, payload, code, reason, message, attempts, "
        "last_failed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
        "         CASE WHEN $13 > 0 THEN now() END)",
        group_, envelope.id, envelope.type, envelope.partition_key, envelope.occurred_at,
        envelope.traceparent, envelope.trace_id, envelope.producer,
        postgres::BytesView{envelope.payload}, absl::StatusCodeToString(failure.code()),
        status::Reason(failure), std::string_view(failure.message()),
        static_cast<int32_t>(attempts));
    return absl::OkStatus();
  });
  if (status.ok()) {
    absl::MutexLock lock(&mutex_);
    parked_users_.insert(envelope.partition_key);
  }
  if (status.ok() && parked) {
    parked_.Increment();
    observe::Error("event parked", {{"group", group_},
                                    {"type", envelope.type},
                                    {"event_id", envelope.id.ToString()},
                                    {"attempts", attempts},
                                    {"status", failure}});
  }
  return status;
}

absl::Status EventRunner::ReplayParked(const Call& call) {
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

absl::StatusOr<bool> EventRunner::ReplayNext(const Call& call, int64_t user) {
  using Row = std::optional<std::tuple<uuid::Uuid, std::string, absl::Time, std::string,
                                       std::string, std::string, postgres::Bytes>>;
  postgres::Transaction tx = database_.Begin(call);
  LockParking(tx, group_, user);
  ASSIGN_OR_RETURN(
      const Row row,
      (tx.QueryOne<uuid::Uuid, std::string, absl::Time, std::string, std::string, std::string,
                   postgres::Bytes>(
          "SELECT event_id, type, occurred_at, traceparent, trace_id, producer, payload"
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

  const Call replay = Call(call.deadline(), HandlingTrace(envelope));
  const observe::ScopedTrace scope(replay.trace());
  // It is in the inbox already; its effect and its leaving the dead letters commit together.
  tx.Queue("DELETE FROM dead_letters WHERE consumer_group = $1 AND event_id = $2", group_,
           envelope.id);
  Handling handling(database_, replay, group_, envelope);
  handling.tx_.emplace(std::move(tx));
  absl::Status status =
      handlers_.contains(envelope.type)
          ? handlers_.at(envelope.type).run(envelope.payload, handling)
          : absl::UnimplementedError(absl::StrCat("no handler for \"", envelope.type, "\""));
  if (status.ok()) status = handling.Commit();
  if (status.ok()) {
    observe::Info("parked event handled", {{"group", group_}, {"type", envelope.type}});
    return true;
  }
  handling.tx_->Rollback();
  observe::Warning("parked event failed again", {{"group", group_}, {"status", status}});
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
