#include "services/platform/queue/job_store.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/platform/queue/job_row.h"
#include "services/platform/queue/retry.h"

namespace selfology::queue::store {
namespace {

using postgres::Transaction;

using Texts = std::vector<std::string>;
using Ids = std::vector<int64_t>;

std::pair<Texts, Texts> Split(const std::vector<QueueKey>& keys) {
  std::pair<Texts, Texts> split;
  for (const QueueKey& key : keys) {
    split.first.push_back(key.queue);
    split.second.push_back(key.key);
  }
  return split;
}

Ids Firsts(const std::vector<std::tuple<int64_t>>& rows) {
  Ids ids;
  for (const auto& [id] : rows) ids.push_back(id);
  return ids;
}

}  // namespace

void LockKeys(Transaction& tx, absl::Span<const int64_t> locks) {
  if (locks.empty()) return;
  tx.Queue("SELECT pg_advisory_xact_lock(k) FROM unnest($1::bigint[]) k", locks);
}

absl::StatusOr<Before> ReadBefore(Transaction& tx, const Asking& asking) {
  Before before;
  // First the request, since one that is remembered changes nothing; then rows, then keys, in the
  // order in which a job's end takes them.
  std::optional<Transaction::Asked<Ids>> remembered;
  if (!asking.request_key.empty()) {
    LockKeys(tx, {asking.request_lock});
    remembered =
        tx.Ask<Ids>("SELECT job_ids FROM queue_requests WHERE key = $1", asking.request_key);
  }
  std::optional<Transaction::Asked<int64_t>> unfinished;
  std::optional<Transaction::Asked<int64_t, int64_t>> finished;
  if (!asking.predecessors.empty()) {
    unfinished = tx.Ask<int64_t>(
        "UPDATE queue_jobs SET has_dependents = true WHERE id = ANY($1) RETURNING id",
        asking.predecessors);
    finished = tx.Ask<int64_t, int64_t>(
        "SELECT id, state::bigint FROM queue_finished WHERE id = ANY($1)", asking.predecessors);
  }
  LockKeys(tx, asking.locks);
  std::optional<Transaction::Asked<std::string, std::string, int64_t>> unique;
  if (!asking.unique.empty()) {
    const auto [queues, keys] = Split(asking.unique);
    unique = tx.Ask<std::string, std::string, int64_t>(
        "SELECT j.queue, j.unique_key, j.id FROM unnest($1::text[], $2::text[]) u (queue, key)"
        " JOIN queue_jobs j ON j.queue = u.queue AND j.unique_key = u.key",
        queues, keys);
  }
  std::optional<Transaction::Asked<std::string, std::string>> busy;
  if (!asking.ordering.empty()) {
    const auto [queues, keys] = Split(asking.ordering);
    busy = tx.Ask<std::string, std::string>(
        "SELECT o.queue, o.key FROM unnest($1::text[], $2::text[]) o (queue, key)"
        " WHERE EXISTS (SELECT 1 FROM queue_jobs j"
        " WHERE j.queue = o.queue AND j.ordering_key = o.key)",
        queues, keys);
  }
  ASSIGN_OR_RETURN(
      const auto ids,
      tx.Query<int64_t>("SELECT nextval('queue_jobs_id_seq') FROM generate_series(1, $1)",
                        asking.jobs));
  before.ids = Firsts(ids);
  if (remembered.has_value()) {
    ASSIGN_OR_RETURN(const auto row, remembered->One());
    if (row.has_value()) before.remembered = std::get<0>(*row);
  }
  if (unfinished.has_value()) {
    ASSIGN_OR_RETURN(const auto open, unfinished->All());
    before.unfinished = Firsts(open);
    ASSIGN_OR_RETURN(const auto ended, finished->All());
    for (const auto& [id, state] : ended) {
      (state == v1::JOB_STATUS_COMPLETED ? before.completed : before.cancelled).push_back(id);
    }
  }
  if (unique.has_value()) {
    ASSIGN_OR_RETURN(auto rows, unique->All());
    for (auto& [queue, key, id] : rows) {
      before.unique.emplace_back(QueueKey{std::move(queue), std::move(key)}, id);
    }
  }
  if (busy.has_value()) {
    ASSIGN_OR_RETURN(auto rows, busy->All());
    for (auto& [queue, key] : rows) before.busy.push_back({std::move(queue), std::move(key)});
  }
  return before;
}

void InsertJobs(Transaction& tx, absl::Span<const NewRow> rows, std::string_view schedule,
                absl::Time now) {
  if (rows.empty()) return;
  Ids ids, states, priorities, attempts, users, announces, followed;
  Texts queues, kinds, uniques, orders, concurrencies, references, delays, payloads;
  std::vector<absl::Time> run_ats;
  for (const NewRow& row : rows) {
    const v1::NewJob& job = *row.job;
    ids.push_back(row.id);
    states.push_back(row.status);
    priorities.push_back(job.priority());
    attempts.push_back(job.max_attempts());
    users.push_back(job.user_id());
    announces.push_back(job.announce() ? 1 : 0);
    followed.push_back(row.has_dependents ? 1 : 0);
    queues.push_back(job.queue());
    kinds.push_back(job.kind());
    uniques.push_back(job.unique_key());
    orders.push_back(job.ordering_key());
    concurrencies.push_back(job.concurrency_key());
    references.push_back(job.reference());
    RetryDelays retries;
    for (const google::protobuf::Duration& delay : job.retry_delays()) {
      retries.push_back(absl::Seconds(delay.seconds()) + absl::Nanoseconds(delay.nanos()));
    }
    delays.push_back(WriteDelays(retries));
    payloads.push_back(job.payload().SerializeAsString());
    run_ats.push_back(row.run_at);
  }
  std::vector<postgres::BytesView> bytes;
  for (const std::string& payload : payloads) bytes.push_back({payload});
  tx.Queue(
      "INSERT INTO queue_jobs (id, state, priority, max_attempts, user_id, announce,"
      " has_dependents, queue, kind, unique_key, ordering_key, concurrency_key, reference,"
      " retry_delays, payload, run_at, schedule, enqueued_at)"
      " SELECT n.id, n.state, n.priority, n.attempts, n.user_id, n.announce <> 0,"
      " n.followed <> 0, n.queue, n.kind, nullif(n.unique_key, ''), nullif(n.ordering_key, ''),"
      " nullif(n.concurrency_key, ''), nullif(n.reference, ''), nullif(n.delays, ''), n.payload,"
      " n.run_at, nullif($17, ''), $18"
      " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],"
      " $6::bigint[], $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],"
      " $13::text[], $14::text[], $15::bytea[], $16::timestamptz[])"
      " n (id, state, priority, attempts, user_id, announce, followed, queue, kind, unique_key,"
      " ordering_key, concurrency_key, reference, delays, payload, run_at)",
      ids, states, priorities, attempts, users, announces, followed, queues, kinds, uniques, orders,
      concurrencies, references, delays, bytes, run_ats, schedule, now);
}

void InsertDependencies(Transaction& tx, absl::Span<const Dependency> dependencies) {
  if (dependencies.empty()) return;
  Ids jobs, afters;
  for (const Dependency& dependency : dependencies) {
    jobs.push_back(dependency.job_id);
    afters.push_back(dependency.after_job_id);
  }
  tx.Queue(
      "INSERT INTO queue_dependencies (job_id, after_job_id)"
      " SELECT * FROM unnest($1::bigint[], $2::bigint[]) ON CONFLICT DO NOTHING",
      jobs, afters);
}

void InsertQueues(Transaction& tx, const Texts& queues, const Texts& keyed) {
  tx.Queue(
      "INSERT INTO queue_queues (queue) SELECT q FROM unnest($1::text[]) q"
      " WHERE NOT EXISTS (SELECT 1 FROM queue_queues o WHERE o.queue = q)"
      " ORDER BY q ON CONFLICT DO NOTHING",
      queues);
  if (keyed.empty()) return;
  tx.Queue("UPDATE queue_queues SET keyed = true WHERE queue = ANY($1) AND NOT keyed", keyed);
}

absl::Status MarkFollowed(Transaction& tx, const Ids& job_ids) {
  if (job_ids.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const int64_t marked,
      tx.Execute("UPDATE queue_jobs SET has_dependents = true WHERE id = ANY($1)", job_ids));
  if (marked == static_cast<int64_t>(job_ids.size())) return absl::OkStatus();
  return absl::AbortedError("a job to follow has just ended");
}

void Remember(Transaction& tx, std::string_view request_key, const Ids& job_ids, absl::Time now) {
  tx.Queue("INSERT INTO queue_requests (key, job_ids, enqueued_at) VALUES ($1, $2, $3)",
           request_key, job_ids, now);
}

absl::StatusOr<std::optional<v1::Job>> ReadJob(Transaction& tx, int64_t job_id, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const std::optional<JobRow> row,
      tx.QueryOne<JobRow>(
          absl::StrCat("SELECT ", kUnfinishedColumns,
                       " FROM queue_jobs j WHERE j.id = $1 AND $2 IN (0, j.user_id)"
                       " UNION ALL SELECT ",
                       kFinishedColumns,
                       " FROM queue_finished f WHERE f.id = $1 AND $2 IN (0, f.user_id)"),
          job_id, user_id));
  if (!row.has_value()) return std::nullopt;
  return ToProto(*row);
}

absl::StatusOr<std::vector<v1::Job>> ListJobs(Transaction& tx, const Filter& filter,
                                              int64_t before_id, int64_t limit) {
  // Each half for itself, so that it can follow its index.
  const auto half = [&](std::string_view columns, std::string_view table, std::string_view alias) {
    std::string sql = absl::StrCat("(SELECT ", columns, " FROM ", table, " ", alias, " WHERE ",
                                   alias, ".id < $1");
    // The parameters are always the same, also where a filter does not use one.
    absl::StrAppend(&sql, filter.user_id != 0 ? absl::StrCat(" AND ", alias, ".user_id = $3") : "",
                    filter.queue.empty() ? "" : absl::StrCat(" AND ", alias, ".queue = $4"),
                    filter.kind.empty() ? "" : absl::StrCat(" AND ", alias, ".kind = $5"),
                    filter.status != 0 ? absl::StrCat(" AND ", alias, ".state = $6") : "",
                    " ORDER BY 1 DESC LIMIT $2)");
    return sql;
  };
  ASSIGN_OR_RETURN(
      const std::vector<JobRow> rows,
      tx.Query<JobRow>(
          absl::StrCat("SELECT * FROM (", half(kUnfinishedColumns, "queue_jobs", "j"),
                       " UNION ALL ", half(kFinishedColumns, "queue_finished", "f"),
                       ") both_halves WHERE ($3::bigint, $4::text, $5::text, $6::bigint)"
                       " IS NOT NULL ORDER BY 1 DESC LIMIT $2"),
          before_id, limit, filter.user_id, filter.queue, filter.kind, filter.status));
  std::vector<v1::Job> jobs;
  for (const JobRow& row : rows) jobs.push_back(ToProto(row));
  return jobs;
}

absl::StatusOr<int64_t> ForgetFinished(Transaction& tx, absl::Time before, int64_t limit) {
  // By their places, which need no index to be found again: nothing moves these rows.
  ASSIGN_OR_RETURN(const int64_t jobs,
                   tx.Execute("DELETE FROM queue_finished WHERE ctid = ANY(ARRAY("
                              "SELECT ctid FROM queue_finished WHERE finished_at < $1 LIMIT $2))",
                              before, limit));
  ASSIGN_OR_RETURN(const int64_t requests,
                   tx.Execute("DELETE FROM queue_requests WHERE ctid = ANY(ARRAY("
                              "SELECT ctid FROM queue_requests WHERE enqueued_at < $1 LIMIT $2))",
                              before, limit));
  return std::max(jobs, requests);
}

absl::StatusOr<int64_t> ForgetWorkers(Transaction& tx, absl::Time before) {
  return tx.Execute("DELETE FROM queue_workers WHERE asked_at < $1", before);
}

}  // namespace selfology::queue::store
