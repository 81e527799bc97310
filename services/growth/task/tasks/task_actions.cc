// TaskService: completing, opening again, snoozing.
#include <algorithm>
#include <string>
#include <utility>

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/task/tasks/task_rules.h"
#include "services/growth/task/tasks/task_service.h"

namespace selfology::task {

using postgres::Transaction;

namespace {

// Clocks of devices are not ours: so far in the future is still now.
constexpr absl::Duration kClockSkew = absl::Minutes(5);

}  // namespace

absl::StatusOr<v1::CompleteTaskResponse> TaskService::CompleteTask(
    const Call& call, const v1::CompleteTaskRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  const absl::Time now = Now();
  absl::Time completed_at = now;
  if (request.has_completed_at()) {
    completed_at = timestamps::FromProto(request.completed_at());
    if (completed_at > now + kClockSkew) {
      return status::InvalidField("completed_at", "must not be in the future");
    }
    completed_at = std::min(completed_at, now);
  }
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::CompleteTaskResponse> {
    v1::CompleteTaskResponse response;
    ASSIGN_OR_RETURN(
        store::KnownTask known,
        store::LockTask(tx, request.user_id(), request.task_id(), store::For::kAssignee));
    if (known.task.status() != v1::TASK_STATUS_COMPLETED) {
      if (completed_at < timestamps::FromProto(known.task.created_at())) {
        return status::InvalidField("completed_at", "must not be before the task was made");
      }
      ASSIGN_OR_RETURN(
          Completion completion,
          Complete(tx, {.user_id = request.user_id(), .now = now}, completed_at, known));
      response.mutable_unblocked_task_ids()->Assign(completion.unblocked.begin(),
                                                    completion.unblocked.end());
      if (completion.next.has_value()) {
        ASSIGN_OR_RETURN(*response.mutable_next_task(),
                         WithComputed(tx, *std::move(completion.next)));
      }
    } else if (known.task.series_id() != 0) {
      ASSIGN_OR_RETURN(std::optional<store::KnownTask> next,
                       store::ReadOccurrence(tx, known.task.user_id(), known.task.series_id(),
                                             known.task.occurrence() + 1));
      if (next.has_value()) {
        ASSIGN_OR_RETURN(*response.mutable_next_task(), WithComputed(tx, std::move(next->task)));
      }
    }
    ASSIGN_OR_RETURN(*response.mutable_task(), WithComputed(tx, std::move(known.task)));
    return response;
  });
}

absl::StatusOr<v1::ReopenTaskResponse> TaskService::ReopenTask(
    const Call& call, const v1::ReopenTaskRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  v1::ReopenTaskResponse response;
  ASSIGN_OR_RETURN(
      *response.mutable_task(),
      Change(call, request.user_id(), request.task_id(), store::For::kAssignee,
             [](Transaction& tx, const Actor& actor, store::KnownTask& known) -> absl::Status {
               if (known.task.status() == v1::TASK_STATUS_OPEN) return absl::OkStatus();
               return Reopen(tx, actor, known);
             }));
  return response;
}

absl::StatusOr<v1::SnoozeTaskResponse> TaskService::SnoozeTask(
    const Call& call, const v1::SnoozeTaskRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  const absl::Time until = timestamps::FromProto(request.until());
  if (!request.has_until() || until <= Now()) bad.Add("until", "must be in the future");
  RETURN_IF_ERROR(bad.ToStatus());
  v1::SnoozeTaskResponse response;
  ASSIGN_OR_RETURN(
      *response.mutable_task(),
      Change(call, request.user_id(), request.task_id(), store::For::kOwner,
             [&](Transaction& tx, const Actor& actor, store::KnownTask& known) -> absl::Status {
               if (known.task.status() != v1::TASK_STATUS_OPEN) {
                 return status::InvalidField("task_id", "must be of an open task");
               }
               v1::Task after = known.task;
               *after.mutable_wait_until() = timestamps::ToProto(until);
               if (after.has_due_at() && OverdueFrom(after) <= until) {
                 *after.mutable_due_at() = timestamps::ToProto(until);
                 if (after.due_all_day()) {
                   const absl::TimeZone zone = ZoneOf(after.time_zone());
                   *after.mutable_due_at() =
                       timestamps::ToProto(absl::FromCivil(absl::ToCivilDay(until, zone), zone));
                 }
               }
               for (v1::Reminder& reminder : *after.mutable_reminders()) {
                 // Those to come come when it is in sight again.
                 if (!reminder.has_at()) continue;
                 const absl::Time at = timestamps::FromProto(reminder.at());
                 if (at > actor.now && at < until) *reminder.mutable_at() = after.wait_until();
               }
               return ChangeTask(tx, actor, "snooze", std::move(after), known);
             }));
  return response;
}

}  // namespace selfology::task
