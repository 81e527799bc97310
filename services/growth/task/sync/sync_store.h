// All SQL of syncs and of what they link; see migrations/0003_syncs.sql. As task_store.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/task/v1/sync_service.pb.h"
#include "services/growth/task/sync/merge.h"

namespace selfology::task::store {

inline constexpr int64_t kMaxSyncs = 20;

absl::StatusOr<int64_t> CountSyncs(postgres::Transaction& tx, int64_t owner);
// nullopt: the list has one.
absl::StatusOr<std::optional<v1::TaskSync>> InsertSync(postgres::Transaction& tx,
                                                       const v1::TaskSync& sync);
// nullopt: no such sync of the owner.
absl::StatusOr<std::optional<v1::TaskSync>> ReadSync(postgres::Transaction& tx, int64_t owner,
                                                     int64_t sync_id);
// Oldest first, of higher ids than `after`.
absl::StatusOr<std::vector<v1::TaskSync>> ListSyncs(postgres::Transaction& tx, int64_t owner,
                                                    int64_t after, int64_t limit);
absl::StatusOr<bool> DeleteSync(postgres::Transaction& tx, int64_t owner, int64_t sync_id);

struct DueSync {
  int64_t sync_id = 0;
  int64_t owner = 0;
};
absl::StatusOr<std::vector<DueSync>> DueSyncs(postgres::Transaction& tx, absl::Time now,
                                              int64_t limit);

// What a run needs to know.
struct SyncRun {
  int64_t sync_id = 0;
  int64_t owner = 0;
  int64_t list_id = 0;
  std::string connection_id = {};
  std::string repository = {};
  std::optional<absl::Time> read_until = {};
  int64_t number = 0;
  int32_t failures = 0;  // Of the runs before, one after the other.
};
// Begins a run, which others respect until then; nullopt: there is no such sync, or it runs.
absl::StatusOr<std::optional<SyncRun>> BeginRun(postgres::Transaction& tx, int64_t owner,
                                                int64_t sync_id, absl::Time now, absl::Time until);
// Keeps the run's sync as it is until the transaction ends. ABORTED: another run has begun.
absl::Status LockRun(postgres::Transaction& tx, const SyncRun& run);
void SetReadUntil(postgres::Transaction& tx, const SyncRun& run, absl::Time until);
void EndRun(postgres::Transaction& tx, const SyncRun& run, v1::TaskSyncFailure failure,
            absl::Time next_run, absl::Time now);

struct Link {
  int64_t link_id = 0;
  int64_t task_id = 0;
  std::optional<int64_t> issue = {};  // nullopt: it is being made.
  std::string mark = {};
  std::optional<absl::Time> tried_at = {};
  bool parted = false;
  SyncFields agreed = {};
  int64_t version = 0;
  int64_t refused_version = 0;
};
absl::StatusOr<std::optional<Link>> FindIssue(postgres::Transaction& tx, int64_t sync_id,
                                              int64_t issue);
// Of an issue that is being made; nullopt: none with that mark.
absl::StatusOr<std::optional<Link>> FindMark(postgres::Transaction& tx, int64_t sync_id,
                                             std::string_view mark);
absl::StatusOr<std::optional<Link>> FindTask(postgres::Transaction& tx, int64_t sync_id,
                                             int64_t task_id);
void InsertLink(postgres::Transaction& tx, int64_t sync_id, const Link& link);
void SaveLink(postgres::Transaction& tx, const Link& link);

// Issues that there was no room for; all of them, the lowest numbers first.
void NoteRefusal(postgres::Transaction& tx, int64_t sync_id, int64_t issue);
void ForgetRefusal(postgres::Transaction& tx, int64_t sync_id, int64_t issue);
absl::StatusOr<std::vector<int64_t>> RefusedIssues(postgres::Transaction& tx, int64_t sync_id);

// Tasks whose issue has to be made or changed, those that are gone or have left the list among them;
// in the order of their ids. `tried_before`: makings of unknown outcome are due again.
absl::StatusOr<std::vector<int64_t>> Outgoing(postgres::Transaction& tx, const SyncRun& run,
                                              absl::Time tried_before, int64_t limit);

}  // namespace selfology::task::store
