#include "services/growth/task/sync/sync_store.h"

#include <tuple>
#include <utility>

#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::task::store {
namespace {

using postgres::Transaction;

#define SYNC_COLUMNS                                                                      \
  "s.sync_id, s.user_id, s.list_id, s.connection_id, s.repository, s.created_at,"         \
  " s.synced_at, s.next_run_at, s.failure, (SELECT count(*) FROM task_sync_links l WHERE" \
  " l.sync_id = s.sync_id AND l.issue IS NOT NULL AND NOT l.parted),"                     \
  " ARRAY(SELECT r.issue FROM task_sync_refusals r WHERE r.sync_id = s.sync_id"           \
  " ORDER BY r.issue LIMIT 100), (SELECT count(*) FROM task_sync_refusals r"              \
  " WHERE r.sync_id = s.sync_id)"

struct SyncRow {
  int64_t sync_id = 0;
  int64_t user_id = 0;
  int64_t list_id = 0;
  std::string connection_id;
  std::string repository;
  absl::Time created_at;
  std::optional<absl::Time> synced_at;
  absl::Time next_run_at;
  std::string failure;
  int64_t linked = 0;
  std::vector<int64_t> refused;
  int64_t refused_count = 0;
};

v1::TaskSync ToProto(const SyncRow& row) {
  v1::TaskSync sync;
  sync.set_sync_id(row.sync_id);
  sync.set_user_id(row.user_id);
  sync.set_list_id(row.list_id);
  sync.set_connection_id(row.connection_id);
  sync.set_repository(row.repository);
  *sync.mutable_created_at() = timestamps::ToProto(row.created_at);
  if (row.synced_at.has_value()) *sync.mutable_synced_at() = timestamps::ToProto(*row.synced_at);
  *sync.mutable_next_run_at() = timestamps::ToProto(row.next_run_at);
  sync.set_failure(enums::FromWord<v1::TaskSyncFailure>(row.failure));
  sync.set_linked_count(static_cast<int32_t>(row.linked));
  sync.mutable_refused_issues()->Assign(row.refused.begin(), row.refused.end());
  sync.set_refused_count(static_cast<int32_t>(row.refused_count));
  return sync;
}

#define LINK_COLUMNS                                                                        \
  "link_id, task_id, issue, mark, tried_at, parted, title, notes, labels, status, version," \
  " refused_version"

struct LinkRow {
  int64_t link_id = 0;
  int64_t task_id = 0;
  std::optional<int64_t> issue;
  std::string mark;
  std::optional<absl::Time> tried_at;
  bool parted = false;
  std::string title;
  std::string notes;
  std::vector<std::string> labels;
  std::string status;
  int64_t version = 0;
  int64_t refused_version = 0;
};

std::optional<Link> ToLink(std::optional<LinkRow> row) {
  if (!row.has_value()) return std::nullopt;
  return Link{.link_id = row->link_id,
              .task_id = row->task_id,
              .issue = row->issue,
              .mark = std::move(row->mark),
              .tried_at = row->tried_at,
              .parted = row->parted,
              .agreed = {.title = std::move(row->title),
                         .notes = std::move(row->notes),
                         .labels = std::move(row->labels),
                         .status = enums::FromWord<v1::TaskStatus>(row->status)},
              .version = row->version,
              .refused_version = row->refused_version};
}

}  // namespace

absl::StatusOr<int64_t> CountSyncs(Transaction& tx, int64_t owner) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT count(*) FROM task_syncs WHERE user_id = $1", owner));
  return std::get<0>(row.value());
}

absl::StatusOr<std::optional<v1::TaskSync>> InsertSync(Transaction& tx, const v1::TaskSync& sync) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("INSERT INTO task_syncs (user_id, list_id, connection_id, repository,"
                           " created_at, next_run_at) VALUES ($1, $2, $3, $4, $5, $5)"
                           " ON CONFLICT (list_id) DO NOTHING RETURNING sync_id",
                           sync.user_id(), sync.list_id(), sync.connection_id(), sync.repository(),
                           timestamps::FromProto(sync.created_at())));
  if (!row.has_value()) return std::nullopt;
  return ReadSync(tx, sync.user_id(), std::get<0>(*row));
}

absl::StatusOr<std::optional<v1::TaskSync>> ReadSync(Transaction& tx, int64_t owner,
                                                     int64_t sync_id) {
  ASSIGN_OR_RETURN(
      const std::optional<SyncRow> row,
      tx.QueryOne<SyncRow>("SELECT " SYNC_COLUMNS
                           " FROM task_syncs s WHERE s.sync_id = $1 AND s.user_id = $2",
                           sync_id, owner));
  if (!row.has_value()) return std::nullopt;
  return ToProto(*row);
}

absl::StatusOr<std::vector<v1::TaskSync>> ListSyncs(Transaction& tx, int64_t owner, int64_t after,
                                                    int64_t limit) {
  ASSIGN_OR_RETURN(const std::vector<SyncRow> rows,
                   tx.Query<SyncRow>("SELECT " SYNC_COLUMNS
                                     " FROM task_syncs s WHERE s.user_id = $1 AND s.sync_id > $2"
                                     " ORDER BY s.sync_id LIMIT $3",
                                     owner, after, limit));
  std::vector<v1::TaskSync> syncs;
  for (const SyncRow& row : rows) syncs.push_back(ToProto(row));
  return syncs;
}

absl::StatusOr<bool> DeleteSync(Transaction& tx, int64_t owner, int64_t sync_id) {
  ASSIGN_OR_RETURN(
      const int64_t deleted,
      tx.Execute("DELETE FROM task_syncs WHERE sync_id = $1 AND user_id = $2", sync_id, owner));
  return deleted == 1;
}

absl::StatusOr<std::vector<DueSync>> DueSyncs(Transaction& tx, absl::Time now, int64_t limit) {
  return tx.Query<DueSync>(
      "SELECT sync_id, user_id FROM task_syncs WHERE next_run_at <= $1 AND"
      " coalesce(running_until, '-infinity') < $1 ORDER BY next_run_at LIMIT $2",
      now, limit);
}

absl::StatusOr<std::optional<SyncRun>> BeginRun(Transaction& tx, int64_t owner, int64_t sync_id,
                                                absl::Time now, absl::Time until) {
  return tx.QueryOne<SyncRun>(
      "UPDATE task_syncs SET run = run + 1, running_until = $4 WHERE sync_id = $1 AND user_id = $2"
      " AND coalesce(running_until, '-infinity') < $3 RETURNING sync_id, user_id, list_id,"
      " connection_id, repository, read_until, run, failures",
      sync_id, owner, now, until);
}

absl::Status LockRun(Transaction& tx, const SyncRun& run) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT run FROM task_syncs WHERE sync_id = $1 FOR SHARE", run.sync_id));
  if (!row.has_value() || std::get<0>(*row) != run.number) {
    return absl::AbortedError("another run of the sync has begun, or it is gone");
  }
  return absl::OkStatus();
}

void SetReadUntil(Transaction& tx, const SyncRun& run, absl::Time until) {
  tx.Queue("UPDATE task_syncs SET read_until = $2 WHERE sync_id = $1 AND run = $3", run.sync_id,
           until, run.number);
}

void EndRun(Transaction& tx, const SyncRun& run, v1::TaskSyncFailure failure, absl::Time next_run,
            absl::Time now) {
  tx.Queue(
      "UPDATE task_syncs SET running_until = NULL, next_run_at = $3, failure = $4, failures ="
      " CASE WHEN $4 = '' THEN 0 ELSE failures + 1 END, synced_at = CASE WHEN $4 = '' THEN $5"
      " ELSE synced_at END WHERE sync_id = $1 AND run = $2",
      run.sync_id, run.number, next_run, enums::Word(failure), now);
}

absl::StatusOr<std::optional<Link>> FindIssue(Transaction& tx, int64_t sync_id, int64_t issue) {
  ASSIGN_OR_RETURN(std::optional<LinkRow> row,
                   tx.QueryOne<LinkRow>("SELECT " LINK_COLUMNS
                                        " FROM task_sync_links WHERE sync_id = $1 AND issue = $2",
                                        sync_id, issue));
  return ToLink(std::move(row));
}

absl::StatusOr<std::optional<Link>> FindMark(Transaction& tx, int64_t sync_id,
                                             std::string_view mark) {
  ASSIGN_OR_RETURN(std::optional<LinkRow> row,
                   tx.QueryOne<LinkRow>("SELECT " LINK_COLUMNS
                                        " FROM task_sync_links WHERE sync_id = $1 AND issue IS NULL"
                                        " AND mark = $2",
                                        sync_id, mark));
  return ToLink(std::move(row));
}

absl::StatusOr<std::optional<Link>> FindTask(Transaction& tx, int64_t sync_id, int64_t task_id) {
  ASSIGN_OR_RETURN(std::optional<LinkRow> row,
                   tx.QueryOne<LinkRow>("SELECT " LINK_COLUMNS
                                        " FROM task_sync_links WHERE sync_id = $1 AND task_id = $2",
                                        sync_id, task_id));
  return ToLink(std::move(row));
}

void InsertLink(Transaction& tx, int64_t sync_id, const Link& link) {
  tx.Queue(
      "INSERT INTO task_sync_links (sync_id, task_id, issue, mark, tried_at, title, notes, labels,"
      " status, version, refused_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      sync_id, link.task_id, link.issue, link.mark, link.tried_at, link.agreed.title,
      link.agreed.notes, link.agreed.labels, enums::Word(link.agreed.status), link.version,
      link.refused_version);
}

void SaveLink(Transaction& tx, const Link& link) {
  tx.Queue(
      "UPDATE task_sync_links SET issue = $2, tried_at = $3, parted = $4, title = $5, notes = $6,"
      " labels = $7, status = $8, version = $9, refused_version = $10 WHERE link_id = $1",
      link.link_id, link.issue, link.tried_at, link.parted, link.agreed.title, link.agreed.notes,
      link.agreed.labels, enums::Word(link.agreed.status), link.version, link.refused_version);
}

void NoteRefusal(Transaction& tx, int64_t sync_id, int64_t issue) {
  tx.Queue("INSERT INTO task_sync_refusals (sync_id, issue) VALUES ($1, $2) ON CONFLICT DO NOTHING",
           sync_id, issue);
}

void ForgetRefusal(Transaction& tx, int64_t sync_id, int64_t issue) {
  tx.Queue("DELETE FROM task_sync_refusals WHERE sync_id = $1 AND issue = $2", sync_id, issue);
}

absl::StatusOr<std::vector<int64_t>> RefusedIssues(Transaction& tx, int64_t sync_id) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT issue FROM task_sync_refusals WHERE sync_id = $1"
                                     " ORDER BY issue",
                                     sync_id));
  std::vector<int64_t> issues;
  for (const auto& [issue] : rows) issues.push_back(issue);
  return issues;
}

absl::StatusOr<std::vector<int64_t>> Outgoing(Transaction& tx, const SyncRun& run,
                                              absl::Time tried_before, int64_t limit) {
  ASSIGN_OR_RETURN(
      const auto rows,
      tx.Query<int64_t>(
          "SELECT t.task_id FROM tasks t WHERE t.user_id = $2 AND t.list_id = $3 AND"
          " t.list_id <> 0 AND t.status = 'OPEN' AND NOT EXISTS (SELECT FROM task_sync_links l"
          " WHERE l.sync_id = $1 AND l.task_id = t.task_id)"
          " UNION ALL SELECT l.task_id FROM task_sync_links l LEFT JOIN tasks t"
          " ON t.task_id = l.task_id WHERE l.sync_id = $1 AND NOT l.parted AND CASE"
          " WHEN l.issue IS NULL THEN coalesce(l.tried_at, '-infinity') < $4"
          " WHEN t.task_id IS NULL OR t.list_id <> $3 THEN true"
          " ELSE t.version > l.version AND t.version <> l.refused_version END"
          " ORDER BY 1 LIMIT $5",
          run.sync_id, run.owner, run.list_id, tried_before, limit));
  std::vector<int64_t> ids;
  for (const auto& [id] : rows) ids.push_back(id);
  return ids;
}

#undef SYNC_COLUMNS
#undef LINK_COLUMNS

}  // namespace selfology::task::store
