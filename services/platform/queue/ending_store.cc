#include "services/platform/queue/ending_store.h"

#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::queue::store {
namespace {

using postgres::Transaction;

using Ids = std::vector<int64_t>;
using Texts = std::vector<std::string>;

// Moves what a DELETE named `ended` gives; $1 is the time, $2 the state.
constexpr std::string_view kMove =
    ", kept AS (INSERT INTO queue_finished (id, queue, kind, state, priority, attempt,"
    " max_attempts, fence, user_id, run_at, enqueued_at, started_at, finished_at, progress,"
    " payload, result, unique_key, ordering_key, concurrency_key, reference, schedule, worker,"
    " progress_note, last_error) SELECT id, queue, kind, $2, priority, attempt, max_attempts,"
    " fence, user_id, run_at, enqueued_at, started_at, $1, CASE WHEN $2 = 6 THEN 100 ELSE progress"
    " END, payload, new_result, unique_key, ordering_key, concurrency_key, reference, schedule,"
    " worker, progress_note, coalesce(new_error, last_error) FROM ended)"
    " SELECT id, queue, kind, ordering_key, reference, has_dependents, announce, user_id, attempt,"
    " started_at FROM ended";

constexpr std::string_view kRunning =
    "SELECT j.id, j.fence, j.queue, j.kind, j.attempt, j.max_attempts, j.cancel_requested,"
    " j.announce, j.user_id, j.reference, j.retry_delays FROM queue_jobs j";

Ids ToIds(const std::vector<std::tuple<int64_t>>& rows) {
  Ids ids;
  for (const auto& [id] : rows) ids.push_back(id);
  return ids;
}

Texts ToTexts(std::vector<std::tuple<std::string>> rows) {
  Texts texts;
  for (auto& [text] : rows) texts.push_back(std::move(text));
  return texts;
}

}  // namespace

absl::StatusOr<std::vector<Ended>> Complete(
    Transaction& tx, const Leases& leases,
    const std::vector<std::optional<postgres::BytesView>>& results, absl::Time now) {
  return tx.Query<Ended>(
      absl::StrCat("WITH ended AS (DELETE FROM queue_jobs j"
                   " USING unnest($3::bigint[], $4::bigint[], $5::bytea[]) l (id, fence, result)"
                   " WHERE j.id = l.id AND j.fence = l.fence AND j.state = 5"
                   " RETURNING j.*, l.result AS new_result, NULL::text AS new_error)",
                   kMove),
      now, int64_t{v1::JOB_STATUS_COMPLETED}, leases.ids, leases.fences, results);
}

absl::StatusOr<Ids> CompletedBy(Transaction& tx, const Leases& leases) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT f.id FROM queue_finished f"
                                     " JOIN unnest($1::bigint[], $2::bigint[]) l (id, fence)"
                                     " ON f.id = l.id AND f.fence = l.fence WHERE f.state = 6",
                                     leases.ids, leases.fences));
  return ToIds(rows);
}

absl::StatusOr<std::vector<Ended>> Cancel(Transaction& tx, const Ids& job_ids, bool running,
                                          std::string_view error, absl::Time now) {
  return tx.Query<Ended>(
      absl::StrCat("WITH ended AS (DELETE FROM queue_jobs j WHERE j.id = ANY($3)"
                   " AND ($4 OR j.state <> 5) RETURNING j.*, NULL::bytea AS new_result,"
                   " nullif($5, '') AS new_error)",
                   kMove),
      now, int64_t{v1::JOB_STATUS_CANCELLED}, job_ids, running, error);
}

absl::StatusOr<Ids> TakeDependents(Transaction& tx, const Ids& job_ids) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("WITH taken AS (DELETE FROM queue_dependencies"
                                     " WHERE after_job_id = ANY($1) RETURNING job_id)"
                                     " SELECT DISTINCT job_id FROM taken ORDER BY 1",
                                     job_ids));
  return ToIds(rows);
}

void DropDependencies(Transaction& tx, const Ids& job_ids) {
  tx.Queue("DELETE FROM queue_dependencies WHERE job_id = ANY($1)", job_ids);
}

absl::StatusOr<std::vector<QueueKey>> LockDependents(Transaction& tx, const Ids& job_ids) {
  // Two predecessors may end at once, each unseen by the other. The lock lets the later one, whose
  // next statement sees what the first has done, find that nothing is left.
  ASSIGN_OR_RETURN(auto rows, (tx.Query<std::string, std::string>(
                                  "SELECT queue, coalesce(ordering_key, '') FROM queue_jobs"
                                  " WHERE id = ANY($1) ORDER BY id FOR UPDATE",
                                  job_ids)));
  std::vector<QueueKey> keys;
  for (auto& [queue, key] : rows) {
    if (!key.empty()) keys.push_back({std::move(queue), std::move(key)});
  }
  return keys;
}

absl::StatusOr<Texts> Unblock(Transaction& tx, const Ids& job_ids, absl::Time now) {
  ASSIGN_OR_RETURN(
      auto rows,
      tx.Query<std::string>(
          "UPDATE queue_jobs j SET state = CASE"
          " WHEN j.ordering_key IS NOT NULL AND EXISTS (SELECT 1 FROM queue_jobs o"
          " WHERE o.queue = j.queue AND o.ordering_key = j.ordering_key AND o.id < j.id) THEN 3"
          " WHEN j.run_at > $2 THEN 1 ELSE 4 END"
          " WHERE j.id = ANY($1) AND j.state = 2 AND NOT EXISTS"
          " (SELECT 1 FROM queue_dependencies d WHERE d.job_id = j.id) RETURNING j.queue",
          job_ids, now));
  return ToTexts(std::move(rows));
}

absl::StatusOr<Texts> Advance(Transaction& tx, const std::vector<QueueKey>& keys, absl::Time now) {
  Texts queues, names;
  for (const QueueKey& key : keys) {
    queues.push_back(key.queue);
    names.push_back(key.key);
  }
  ASSIGN_OR_RETURN(
      auto rows,
      tx.Query<std::string>(
          "UPDATE queue_jobs j SET state = CASE WHEN j.run_at > $3 THEN 1 ELSE 4 END"
          " WHERE j.state + 0 = 3 AND j.id = ANY(ARRAY(SELECT (SELECT min(o.id) FROM queue_jobs o"
          " WHERE o.queue = k.queue AND o.ordering_key = k.key)"
          " FROM unnest($1::text[], $2::text[]) k (queue, key))) RETURNING j.queue",
          queues, names, now));
  return ToTexts(std::move(rows));
}

absl::StatusOr<std::vector<Running>> LockRunning(Transaction& tx, const Leases& leases) {
  return tx.Query<Running>(
      absl::StrCat(kRunning,
                   " JOIN unnest($1::bigint[], $2::bigint[]) l (id, fence)"
                   " ON j.id = l.id AND j.fence = l.fence WHERE j.state = 5 ORDER BY j.id"
                   " FOR UPDATE OF j"),
      leases.ids, leases.fences);
}

absl::StatusOr<std::vector<Running>> LockExpired(Transaction& tx, absl::Time now) {
  return tx.Query<Running>(
      absl::StrCat(kRunning,
                   " WHERE j.state = 5 AND j.lease_until < $1 ORDER BY j.id LIMIT 500"
                   " FOR UPDATE OF j SKIP LOCKED"),
      now);
}

void Retry(Transaction& tx, const Retries& retries, absl::Time now) {
  if (retries.ids.empty()) return;
  tx.Queue(
      "UPDATE queue_jobs j SET state = CASE WHEN r.run_at > $5 THEN 1 ELSE 4 END,"
      " run_at = r.run_at, last_error = r.error, attempt = r.attempt"
      " FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::bigint[])"
      " r (id, run_at, error, attempt) WHERE j.id = r.id",
      retries.ids, retries.run_ats, retries.errors, retries.attempts, now);
}

void Bury(Transaction& tx, const Ids& ids, const Texts& errors, absl::Time now) {
  if (ids.empty()) return;
  tx.Queue(
      "UPDATE queue_jobs j SET state = 8, finished_at = $3, last_error = b.error"
      " FROM unnest($1::bigint[], $2::text[]) b (id, error) WHERE j.id = b.id",
      ids, errors, now);
}

void RequestCancel(Transaction& tx, int64_t job_id) {
  tx.Queue("UPDATE queue_jobs SET cancel_requested = true WHERE id = $1 AND state = 5", job_id);
}

absl::StatusOr<std::optional<int64_t>> LockJob(Transaction& tx, int64_t job_id, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("SELECT state::bigint FROM queue_jobs"
                                        " WHERE id = $1 AND $2 IN (0, user_id) FOR UPDATE",
                                        job_id, user_id));
  if (!row.has_value()) return std::nullopt;
  return std::get<0>(*row);
}

absl::StatusOr<Texts> Replay(Transaction& tx, const Ids& job_ids,
                             std::optional<postgres::BytesView> payload, absl::Time now) {
  ASSIGN_OR_RETURN(
      auto rows,
      tx.Query<std::string>("UPDATE queue_jobs SET state = 4, attempt = 0, run_at = $2,"
                            " finished_at = NULL, cancel_requested = false, payload ="
                            " coalesce($3::bytea, payload) WHERE id = ANY($1) AND state + 0 = 8"
                            " RETURNING queue",
                            job_ids, now, payload));
  return ToTexts(std::move(rows));
}

absl::StatusOr<Ids> OldestDead(Transaction& tx, std::string_view queue, std::string_view kind,
                               int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT id FROM queue_jobs WHERE state = 8 AND queue = $1"
                                     " AND $2 IN ('', kind) ORDER BY id LIMIT $3",
                                     queue, kind, limit));
  return ToIds(rows);
}

absl::StatusOr<Ids> UnfinishedOf(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT id FROM queue_jobs WHERE user_id = $1 ORDER BY id"
                                     " FOR UPDATE",
                                     user_id));
  return ToIds(rows);
}

absl::StatusOr<int64_t> DeleteFinishedOf(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const int64_t jobs,
                   tx.Execute("DELETE FROM queue_finished WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t schedules,
                   tx.Execute("DELETE FROM queue_schedules WHERE user_id = $1", user_id));
  return jobs + schedules;
}

}  // namespace selfology::queue::store
