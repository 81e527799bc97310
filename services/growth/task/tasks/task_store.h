// All SQL of tasks themselves, their versions, assignees and reminders; see migrations/. Functions
// that return nothing are queued: they cost no round trip of their own. Errors: the transaction's;
// TASK_NOT_FOUND where said. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "selfology/task/v1/task.pb.h"

namespace selfology::task::store {

// Responses that are remembered (common/idempotency/once.h).
inline constexpr std::string_view kRequests = "task_requests";

// Waits for other changes of the same owner's tasks; held until the transaction ends. It orders
// their events, and keeps the graph of dependencies without cycles.
inline constexpr postgres::AdvisoryLock LockOwner("task.owner");

struct KnownTask {
  v1::Task task = {};        // Without what is computed.
  int32_t completions = 0;   // How often it was completed.
  int64_t completed_by = 0;  // By whom the last time; 0: nobody.
};

enum class For { kOwner, kAssignee };  // Who may: the owner only, or also who it is assigned to.

// TASK_NOT_FOUND: none, or not for that person.
absl::StatusOr<KnownTask> ReadTask(postgres::Transaction& tx, int64_t person, int64_t task_id,
                                   For whom = For::kAssignee);
// The same, after LockOwner of its owner.
absl::StatusOr<KnownTask> LockTask(postgres::Transaction& tx, int64_t person, int64_t task_id,
                                   For whom = For::kOwner);
// Those of the owner that there are, in the order of their ids.
absl::StatusOr<std::vector<KnownTask>> ReadTasks(postgres::Transaction& tx, int64_t owner,
                                                 absl::Span<const int64_t> task_ids);

// Which tasks to read: own ones and those assigned to the person.
struct Selection {
  int64_t person = 0;
  bool open = true;
  bool closed = true;
  absl::Time closed_since = absl::InfinitePast();  // Of closed ones.
  std::optional<int64_t> list_id = std::nullopt;   // Only of this list, and own ones.
};
absl::StatusOr<std::vector<v1::Task>> Select(postgres::Transaction& tx, const Selection& selection);

// Fills in what is computed: blocked_by_task_ids, blocking_count, counts of comments and parts,
// urgency and its reasons.
absl::Status Compute(postgres::Transaction& tx, absl::Time now, absl::Span<v1::Task> tasks);

// Up to kMaxTasks are kept for an owner.
inline constexpr int64_t kMaxTasks = 100'000;
absl::StatusOr<bool> HasRoomFor(postgres::Transaction& tx, int64_t owner, int64_t tasks);

// Gives the task its id and, if it recurs and belongs to no series, its series.
absl::Status Insert(postgres::Transaction& tx, int64_t actor, absl::Time now, v1::Task& task);
// Saves the task as its version says, and that version; `change` as in TaskVersion.
void Save(postgres::Transaction& tx, int64_t actor, std::string_view change, absl::Time now,
          const KnownTask& known);
absl::StatusOr<int64_t> Delete(postgres::Transaction& tx, absl::Span<const int64_t> task_ids);

// The tasks from `task_id` up to one that is part of none; empty: there is no such task of the
// owner. At most 20.
absl::StatusOr<std::vector<int64_t>> Ancestors(postgres::Transaction& tx, int64_t owner,
                                               int64_t task_id);
struct Part {
  int64_t task_id = 0;
  int64_t parent_task_id = 0;
  int64_t level = 0;  // 1: of the task itself.
  bool completed = false;
};
// Parts of a task on all levels, upper ones first.
absl::StatusOr<std::vector<Part>> Parts(postgres::Transaction& tx, int64_t task_id);

// The task of that series and occurrence; nullopt: there is none.
absl::StatusOr<std::optional<KnownTask>> ReadOccurrence(postgres::Transaction& tx, int64_t owner,
                                                        int64_t series_id, int32_t occurrence);

// Newest first, of lower versions than `before`.
absl::StatusOr<std::vector<v1::TaskVersion>> ListVersions(postgres::Transaction& tx,
                                                          const v1::Task& task, int64_t before,
                                                          int64_t limit);
// TASK_NOT_FOUND: there is none.
absl::StatusOr<v1::TaskVersion> ReadVersion(postgres::Transaction& tx, const v1::Task& task,
                                            int64_t version);

// Reminders that are due, of open tasks, each given once: they are gone with the transaction.
struct DueReminder {
  int64_t task_id = 0;
  absl::Time at;
};
absl::StatusOr<std::vector<DueReminder>> TakeReminders(postgres::Transaction& tx, absl::Time now,
                                                       int64_t limit);
// The tasks of any owners.
absl::StatusOr<std::map<int64_t, v1::Task>> ReadAnyTasks(postgres::Transaction& tx,
                                                         absl::Span<const int64_t> task_ids);

// Tasks in floating time (RFC 5545): their times are what the person's clock shows, in a zone that is
// not known yet; see time_zones.h. The column is tasks.of_the_clock.
void NoteOfTheClock(postgres::Transaction& tx, int64_t task_id);
// `to` is in floating time if `from` is.
void CopyOfTheClock(postgres::Transaction& tx, int64_t from, int64_t to);
// The owner's, which are in floating time no longer.
absl::StatusOr<std::vector<int64_t>> TakeOfTheClock(postgres::Transaction& tx, int64_t owner);

// Takes the person out of the tasks of others, and of their versions, that are assigned to them or that
// they changed.
absl::Status ForgetPerson(postgres::Transaction& tx, int64_t person);

absl::Status NotFound();

}  // namespace selfology::task::store
