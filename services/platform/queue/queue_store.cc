#include "services/platform/queue/queue_store.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::queue::store {
namespace {

using postgres::Transaction;

struct StateRow {
  std::string queue;
  bool paused = false;
  int64_t max_running = 0;
  int64_t max_running_per_key = 0;
  int64_t rate_jobs = 0;
  int64_t rate_period_ms = 0;
  int64_t backlog_alert = 0;
  std::optional<absl::Time> backlog_since;
  int64_t ready = 0;
  int64_t scheduled = 0;
  int64_t blocked = 0;
  int64_t running = 0;
  int64_t dead = 0;
  std::optional<absl::Time> oldest_ready_at;
};

v1::QueueState ToProto(const StateRow& row) {
  v1::QueueState state;
  state.set_queue(row.queue);
  state.set_paused(row.paused);
  v1::QueueLimits& limits = *state.mutable_limits();
  limits.set_max_running(static_cast<int32_t>(row.max_running));
  limits.set_max_running_per_key(static_cast<int32_t>(row.max_running_per_key));
  limits.set_rate_jobs(static_cast<int32_t>(row.rate_jobs));
  limits.mutable_rate_period()->set_seconds(row.rate_period_ms / 1000);
  limits.mutable_rate_period()->set_nanos(static_cast<int32_t>(row.rate_period_ms % 1000) *
                                          1'000'000);
  limits.set_backlog_alert(static_cast<int32_t>(row.backlog_alert));
  state.set_ready(row.ready);
  state.set_scheduled(row.scheduled);
  state.set_blocked(row.blocked);
  state.set_running(row.running);
  state.set_dead(row.dead);
  if (row.oldest_ready_at)
    *state.mutable_oldest_ready_at() = timestamps::ToProto(*row.oldest_ready_at);
  if (row.backlog_since) *state.mutable_backlog_since() = timestamps::ToProto(*row.backlog_since);
  return state;
}

}  // namespace

absl::StatusOr<std::vector<v1::QueueState>> ListQueues(Transaction& tx, std::string_view after,
                                                       int64_t limit) {
  ASSIGN_OR_RETURN(
      const std::vector<StateRow> rows,
      tx.Query<StateRow>(
          "SELECT q.queue, q.paused, q.max_running, q.max_running_per_key, q.rate_jobs,"
          " q.rate_period_ms, q.backlog_alert, q.backlog_since, c.ready, c.scheduled, c.blocked,"
          " c.running, c.dead, c.oldest FROM queue_queues q, LATERAL (SELECT"
          " count(*) FILTER (WHERE state = 4) AS ready,"
          " count(*) FILTER (WHERE state = 1) AS scheduled,"
          " count(*) FILTER (WHERE state IN (2, 3)) AS blocked,"
          " count(*) FILTER (WHERE state = 5) AS running,"
          " count(*) FILTER (WHERE state = 8) AS dead,"
          " min(run_at) FILTER (WHERE state = 4) AS oldest"
          " FROM queue_jobs j WHERE j.queue = q.queue) c"
          " WHERE q.queue > $1 ORDER BY q.queue LIMIT $2",
          after, limit));
  std::vector<v1::QueueState> queues;
  for (const StateRow& row : rows) queues.push_back(ToProto(row));
  return queues;
}

void SaveLimits(Transaction& tx, std::string_view queue, const v1::QueueLimits& limits) {
  const int64_t period_ms =
      limits.rate_period().seconds() * 1000 + limits.rate_period().nanos() / 1'000'000;
  tx.Queue(
      "INSERT INTO queue_queues (queue, max_running, max_running_per_key, rate_jobs,"
      " rate_period_ms, backlog_alert) VALUES ($1, $2, $3, $4, $5, $6)"
      " ON CONFLICT (queue) DO UPDATE SET max_running = EXCLUDED.max_running,"
      " max_running_per_key = EXCLUDED.max_running_per_key, rate_jobs = EXCLUDED.rate_jobs,"
      " rate_period_ms = EXCLUDED.rate_period_ms, backlog_alert = EXCLUDED.backlog_alert,"
      // What another rate has saved up is of no use.
      " tokens = 0, tokens_at = CASE WHEN (queue_queues.rate_jobs, queue_queues.rate_period_ms)"
      " = (EXCLUDED.rate_jobs, EXCLUDED.rate_period_ms) THEN queue_queues.tokens_at"
      " ELSE '-infinity' END",
      queue, int64_t{limits.max_running()}, int64_t{limits.max_running_per_key()},
      int64_t{limits.rate_jobs()}, period_ms, int64_t{limits.backlog_alert()});
}

void SetPaused(Transaction& tx, std::string_view queue, bool paused) {
  tx.Queue(
      "INSERT INTO queue_queues (queue, paused) VALUES ($1, $2)"
      " ON CONFLICT (queue) DO UPDATE SET paused = EXCLUDED.paused",
      queue, paused);
}

bool WorkerSeen::Works(std::string_view its_queue, std::string_view kind) const {
  return queue == its_queue &&
         (kinds.empty() || std::find(kinds.begin(), kinds.end(), kind) != kinds.end());
}

absl::StatusOr<std::vector<WorkerSeen>> ListWorkers(Transaction& tx) {
  ASSIGN_OR_RETURN(const auto rows,
                   (tx.Query<std::string, std::string, absl::Time>(
                       "SELECT queue, kinds, max(asked_at) FROM queue_workers GROUP BY 1, 2")));
  std::vector<WorkerSeen> workers;
  for (const auto& [queue, kinds, asked_at] : rows) {
    workers.push_back({queue, absl::StrSplit(kinds, ',', absl::SkipEmpty()), asked_at});
  }
  return workers;
}

absl::StatusOr<std::vector<std::string>> ReadyAllDue(Transaction& tx, absl::Time now) {
  ASSIGN_OR_RETURN(
      auto rows, tx.Query<std::string>(
                     "WITH ready AS (UPDATE queue_jobs SET state = 4 WHERE id = ANY(ARRAY("
                     "SELECT due.id FROM queue_queues q, LATERAL (SELECT j.id FROM queue_jobs j"
                     " WHERE j.queue = q.queue AND j.state = 1 AND j.run_at <= $1 ORDER BY j.run_at"
                     " LIMIT 1000 FOR UPDATE SKIP LOCKED) due)) RETURNING queue)"
                     " SELECT DISTINCT queue FROM ready",
                     now));
  std::vector<std::string> queues;
  for (auto& [queue] : rows) queues.push_back(std::move(queue));
  return queues;
}

absl::StatusOr<std::vector<Backlog>> LookAtBacklogs(Transaction& tx) {
  return tx.Query<Backlog>(
      "SELECT q.queue, q.backlog_alert, (SELECT count(*) FROM (SELECT 1 FROM queue_jobs j"
      " WHERE j.queue = q.queue AND j.state = 4 LIMIT q.backlog_alert + 1) ready),"
      " q.backlog_since IS NOT NULL FROM queue_queues q ORDER BY q.queue FOR UPDATE");
}

absl::StatusOr<std::optional<absl::Time>> NoteBacklog(Transaction& tx, std::string_view queue,
                                                      std::optional<absl::Time> since) {
  tx.Queue("UPDATE queue_queues SET backlog_since = $2 WHERE queue = $1", queue, since);
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<std::optional<absl::Time>>("SELECT min(run_at) FROM queue_jobs"
                                                          " WHERE queue = $1 AND state = 4",
                                                          queue));
  return std::get<0>(row.value());
}

absl::StatusOr<std::vector<Count>> CountJobs(Transaction& tx) {
  return tx.Query<Count>("SELECT queue, state::bigint, count(*) FROM queue_jobs GROUP BY 1, 2");
}

}  // namespace selfology::queue::store
