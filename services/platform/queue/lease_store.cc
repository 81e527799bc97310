#include "services/platform/queue/lease_store.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::queue::store {
namespace {

using postgres::Transaction;

struct LeaseRow {
  int64_t id = 0;
  int64_t fence = 0;
  std::string kind;
  postgres::Bytes payload;
  int64_t attempt = 0;
  int64_t max_attempts = 0;
  int64_t user_id = 0;
  std::optional<std::string> reference;
  std::optional<std::string> ordering_key;
  int64_t priority = 0;
  absl::Time run_at;
  absl::Time enqueued_at;
};

// That the jobs are ready is for who chooses the ids to know: with `state = 4` in this condition
// the planner would read the whole index of ready jobs.
constexpr std::string_view kLease =
    "UPDATE queue_jobs SET state = 5, fence = fence + 1, attempt = attempt + 1, started_at = $2,"
    " lease_until = $3, lease_ms = $4, worker = $5, progress = 0, progress_note = NULL"
    " WHERE id = ANY(";
constexpr std::string_view kLeaseColumns =
    ") RETURNING id, fence, kind, payload, attempt, max_attempts, user_id, reference,"
    " ordering_key, priority, run_at, enqueued_at";

struct GateRow {
  bool paused = false;
  bool keyed = false;
  int64_t max_running = 0;
  int64_t max_running_per_key = 1;
  int64_t rate_jobs = 0;
  int64_t rate_period_ms = 0;
  double tokens = 0;
  absl::Time tokens_at;
};

constexpr std::string_view kGate =
    "SELECT paused, keyed, max_running, max_running_per_key, rate_jobs, rate_period_ms, tokens,"
    " tokens_at FROM queue_queues WHERE queue = $1";

Gate ToGate(const GateRow& row) {
  return {.paused = row.paused,
          .keyed = row.keyed,
          .limits = {.max_running = row.max_running,
                     .max_running_per_key = row.max_running_per_key,
                     .rate_jobs = row.rate_jobs,
                     .rate_period = absl::Milliseconds(row.rate_period_ms)},
          .rate = {row.tokens, row.tokens_at}};
}

std::vector<v1::LeasedJob> ToProto(std::vector<LeaseRow> rows, absl::Time until) {
  // An update gives its rows in any order.
  std::sort(rows.begin(), rows.end(), [](const LeaseRow& a, const LeaseRow& b) {
    return std::tie(a.priority, a.run_at, a.id) < std::tie(b.priority, b.run_at, b.id);
  });
  std::vector<v1::LeasedJob> jobs(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const LeaseRow& row = rows[i];
    v1::LeasedJob& job = jobs[i];
    job.mutable_lease()->set_job_id(row.id);
    job.mutable_lease()->set_fencing_token(row.fence);
    job.set_kind(row.kind);
    job.mutable_payload()->ParseFromString(row.payload.value);
    job.set_attempt(static_cast<int32_t>(row.attempt));
    job.set_max_attempts(static_cast<int32_t>(row.max_attempts));
    job.set_user_id(row.user_id);
    job.set_reference(row.reference.value_or(""));
    job.set_ordering_key(row.ordering_key.value_or(""));
    *job.mutable_lease_until() = timestamps::ToProto(until);
    *job.mutable_run_at() = timestamps::ToProto(row.run_at);
    *job.mutable_enqueued_at() = timestamps::ToProto(row.enqueued_at);
  }
  return jobs;
}

}  // namespace

void ReadyDue(Transaction& tx, std::string_view queue, absl::Time now) {
  tx.Queue(
      "UPDATE queue_jobs SET state = 4 WHERE id = ANY(ARRAY("
      "SELECT id FROM queue_jobs WHERE queue = $1 AND state = 1 AND run_at <= $2"
      " ORDER BY run_at LIMIT 1000 FOR UPDATE SKIP LOCKED))",
      queue, now);
}

absl::StatusOr<Leased> LeaseFreely(Transaction& tx, const Wanted& wanted, absl::Time now) {
  const absl::Time until = now + wanted.lease_time;
  auto gate = tx.Ask<GateRow>(kGate, wanted.queue);
  // Workers step over what others are taking (SKIP LOCKED). That the queue is free is asked once
  // for the statement, not for each row.
  ASSIGN_OR_RETURN(
      std::vector<LeaseRow> rows,
      tx.Query<LeaseRow>(
          absl::StrCat(kLease,
                       "ARRAY(SELECT id FROM queue_jobs WHERE queue = $1 AND state = 4"
                       " AND concurrency_key IS NULL AND (cardinality($6::text[]) = 0"
                       " OR kind = ANY($6)) AND (SELECT NOT q.paused AND q.max_running = 0"
                       " AND q.rate_jobs = 0 FROM queue_queues q WHERE q.queue = $1)"
                       " ORDER BY priority, run_at, id LIMIT $7 FOR UPDATE SKIP LOCKED)",
                       kLeaseColumns),
          wanted.queue, now, until, absl::ToInt64Milliseconds(wanted.lease_time), wanted.worker,
          wanted.kinds, wanted.max_jobs));
  ASSIGN_OR_RETURN(const std::optional<GateRow> row, gate.One());
  Leased leased;
  leased.jobs = ToProto(std::move(rows), until);
  if (row.has_value()) leased.gate = ToGate(*row);
  return leased;
}

absl::StatusOr<Gate> LockGate(Transaction& tx, std::string_view queue) {
  ASSIGN_OR_RETURN(const std::optional<GateRow> row,
                   tx.QueryOne<GateRow>(absl::StrCat(kGate, " FOR UPDATE"), queue));
  if (!row.has_value()) return Gate{.paused = true};
  return ToGate(*row);
}

void SaveRate(Transaction& tx, std::string_view queue, const RateState& rate) {
  tx.Queue("UPDATE queue_queues SET tokens = $2, tokens_at = $3 WHERE queue = $1", queue,
           rate.tokens, rate.at);
}

absl::StatusOr<int64_t> CountRunning(Transaction& tx, std::string_view queue) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>(
                       "SELECT count(*) FROM queue_jobs WHERE queue = $1 AND state = 5", queue));
  return std::get<0>(row.value());
}

absl::StatusOr<std::map<std::string, int64_t>> CountRunningByKey(Transaction& tx,
                                                                 std::string_view queue) {
  ASSIGN_OR_RETURN(const auto rows,
                   (tx.Query<std::string, int64_t>(
                       "SELECT concurrency_key, count(*) FROM queue_jobs WHERE queue = $1"
                       " AND state = 5 AND concurrency_key IS NOT NULL GROUP BY 1",
                       queue)));
  std::map<std::string, int64_t> running;
  for (const auto& [key, count] : rows) running[key] = count;
  return running;
}

absl::StatusOr<std::vector<Candidate>> ListCandidates(Transaction& tx, const Wanted& wanted,
                                                      const std::vector<std::string>& full_keys,
                                                      int64_t limit) {
  ASSIGN_OR_RETURN(
      const auto rows,
      (tx.Query<int64_t, std::string>(
          "SELECT id, coalesce(concurrency_key, '') FROM queue_jobs WHERE queue = $1 AND state = 4"
          " AND (concurrency_key IS NULL OR concurrency_key <> ALL($2::text[]))"
          " AND (cardinality($3::text[]) = 0 OR kind = ANY($3))"
          " ORDER BY priority, run_at, id LIMIT $4",
          wanted.queue, full_keys, wanted.kinds, limit)));
  std::vector<Candidate> candidates;
  for (const auto& [id, key] : rows) candidates.push_back({id, key});
  return candidates;
}

absl::StatusOr<std::vector<v1::LeasedJob>> LeaseChosen(Transaction& tx, const Wanted& wanted,
                                                       const std::vector<int64_t>& job_ids,
                                                       absl::Time now) {
  const absl::Time until = now + wanted.lease_time;
  ASSIGN_OR_RETURN(
      std::vector<LeaseRow> rows,
      tx.Query<LeaseRow>(absl::StrCat(kLease, "$6::bigint[]) AND (state + 0 = 4", kLeaseColumns),
                         wanted.queue, now, until, absl::ToInt64Milliseconds(wanted.lease_time),
                         wanted.worker, job_ids));
  return ToProto(std::move(rows), until);
}

absl::StatusOr<std::vector<std::pair<int64_t, bool>>> Extend(Transaction& tx, const Leases& leases,
                                                             absl::Duration lease_time,
                                                             absl::Time now) {
  // A lease is never shortened.
  ASSIGN_OR_RETURN(
      const auto rows,
      (tx.Query<int64_t, bool>("UPDATE queue_jobs j SET lease_until = greatest(j.lease_until, $3)"
                               " FROM unnest($1::bigint[], $2::bigint[]) l (id, fence)"
                               " WHERE j.id = l.id AND j.fence = l.fence AND j.state = 5"
                               " RETURNING j.id, j.cancel_requested",
                               leases.ids, leases.fences, now + lease_time)));
  std::vector<std::pair<int64_t, bool>> held;
  for (const auto& [id, cancel_requested] : rows) held.emplace_back(id, cancel_requested);
  return held;
}

absl::StatusOr<std::optional<Progress>> SaveProgress(Transaction& tx,
                                                     const v1::ReportProgressRequest& request,
                                                     absl::Time now) {
  ASSIGN_OR_RETURN(
      const auto row,
      (tx.QueryOne<absl::Time, bool>(
          "UPDATE queue_jobs SET progress = $3, progress_note = nullif($4, ''), lease_until ="
          " greatest(lease_until, $5::timestamptz + lease_ms * interval '1 millisecond')"
          " WHERE id = $1 AND fence = $2 AND state = 5 RETURNING lease_until, cancel_requested",
          request.lease().job_id(), request.lease().fencing_token(), request.progress_percent(),
          request.progress_note(), now)));
  if (!row.has_value()) return std::nullopt;
  return Progress{std::get<0>(*row), std::get<1>(*row)};
}

void SeeWorker(Transaction& tx, const Wanted& wanted, absl::Time now) {
  tx.Queue(
      "INSERT INTO queue_workers (queue, worker, kinds, asked_at) VALUES ($1, $2, $3, $4)"
      " ON CONFLICT (queue, worker, kinds) DO UPDATE"
      " SET asked_at = greatest(queue_workers.asked_at, EXCLUDED.asked_at)",
      wanted.queue, wanted.worker, absl::StrJoin(wanted.kinds, ","), now);
}

absl::StatusOr<ReadySignal::Found> FindReady(Transaction& tx,
                                             const std::vector<std::string>& queues,
                                             absl::Time now) {
  ASSIGN_OR_RETURN(
      const auto rows,
      (tx.Query<std::string, bool, std::optional<absl::Time>>(
          "SELECT q, EXISTS (SELECT 1 FROM queue_jobs j WHERE j.queue = q AND j.state = 4)"
          "  OR EXISTS (SELECT 1 FROM queue_jobs j WHERE j.queue = q AND j.state = 1"
          "   AND j.run_at <= $2),"
          " (SELECT min(run_at) FROM queue_jobs j WHERE j.queue = q AND j.state = 1"
          "  AND j.run_at > $2)"
          " FROM unnest($1::text[]) q",
          queues, now)));
  ReadySignal::Found found;
  for (const auto& [queue, ready, due] : rows) {
    if (ready) found.ready.push_back(queue);
    if (due.has_value()) found.next_due = std::min(found.next_due, *due);
  }
  return found;
}

}  // namespace selfology::queue::store
