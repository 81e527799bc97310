#include "services/growth/task/tasks/task_service.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/events/outbox.h"
#include "common/idempotency/once.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/growth/task/tasks/task_rules.h"
#include "services/growth/task/tasks/task_store.h"
#include "services/growth/task/understanding/understanding.h"

namespace selfology::task {
namespace {

using postgres::Transaction;
using status::FieldViolations;

std::vector<int64_t> Assignees(const v1::Task& task) {
  return {task.assignee_user_ids().begin(), task.assignee_user_ids().end()};
}

// Only what a person may set.
v1::Task ContentOf(const v1::Task& asked, int64_t owner) {
  v1::Task content;
  Restore(asked, content);
  content.set_user_id(owner);
  content.set_status(v1::TASK_STATUS_OPEN);
  Normalise(content);
  return content;
}

}  // namespace

TaskService::TaskService(postgres::Database& database, Clock clock,
                         std::shared_ptr<const Acquaintances> acquaintances)
    : database_(database), clock_(std::move(clock)), acquaintances_(std::move(acquaintances)) {}

absl::Time TaskService::Now() const { return timestamps::WholeMicroseconds(clock_()); }

absl::StatusOr<v1::Task> TaskService::WithComputed(Transaction& tx, v1::Task task) const {
  RETURN_IF_ERROR(store::Compute(tx, Now(), absl::MakeSpan(&task, 1)));
  return task;
}

absl::StatusOr<v1::Task> TaskService::Change(
    const Call& call, int64_t person, int64_t task_id, store::For whom,
    absl::FunctionRef<absl::Status(Transaction&, const Actor&, store::KnownTask&)> rule) {
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::Task> {
    ASSIGN_OR_RETURN(store::KnownTask known, store::LockTask(tx, person, task_id, whom));
    RETURN_IF_ERROR(rule(tx, {.user_id = person, .now = Now()}, known));
    return WithComputed(tx, std::move(known.task));
  });
}

absl::StatusOr<v1::CreateTaskResponse> TaskService::CreateTask(
    const Call& call, const v1::CreateTaskRequest& request) {
  FieldViolations bad = status::CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  const v1::Task content = ContentOf(request.task(), request.user_id());
  CheckTask(content, "task", bad);
  RETURN_IF_ERROR(bad.ToStatus());
  RETURN_IF_ERROR(acquaintances_->MayAssign(call, request.user_id(), Assignees(content),
                                            "task.assignee_user_ids"));
  const absl::Time now = Now();
  return database_.Write(call, [&](Transaction& tx) {
    store::LockOwner(tx, request.user_id());
    return idempotency::Once<v1::CreateTaskResponse>(
        tx, {store::kRequests, request.user_id(), "CreateTask", request.idempotency_key(), now},
        [&]() -> absl::StatusOr<v1::CreateTaskResponse> {
          ASSIGN_OR_RETURN(v1::Task task,
                           AddTask(tx, {.user_id = request.user_id(), .now = now}, content));
          if (task.time_zone().empty() && task.due_all_day()) {
            store::NoteOfTheClock(tx, task.task_id());
          }
          v1::CreateTaskResponse response;
          ASSIGN_OR_RETURN(*response.mutable_task(), WithComputed(tx, std::move(task)));
          return response;
        });
  });
}

absl::StatusOr<v1::WriteTaskResponse> TaskService::WriteTask(const Call& call,
                                                             const v1::WriteTaskRequest& request) {
  FieldViolations bad = status::CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  CheckSentence(request.text(), request.time_zone(), bad);
  if (request.list_id() < 0) bad.Add("list_id", "must be 0 or above");
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = Now();
  const v1::UnderstandTaskResponse understood = Understand({.text = request.text(),
                                                            .language = request.language(),
                                                            .zone = ZoneOf(request.time_zone()),
                                                            .now = now});
  v1::Task content = ToTask(understood, request.time_zone());
  content.set_list_id(request.list_id());
  content = ContentOf(content, request.user_id());
  // What was read is acceptable but for its length.
  CheckTask(content, "text", bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) {
    store::LockOwner(tx, request.user_id());
    return idempotency::Once<v1::WriteTaskResponse>(
        tx, {store::kRequests, request.user_id(), "WriteTask", request.idempotency_key(), now},
        [&]() -> absl::StatusOr<v1::WriteTaskResponse> {
          ASSIGN_OR_RETURN(v1::Task task,
                           AddTask(tx, {.user_id = request.user_id(), .now = now}, content));
          if (task.time_zone().empty() && task.has_due_at() && !understood.due_from_now()) {
            store::NoteOfTheClock(tx, task.task_id());
          }
          v1::WriteTaskResponse response;
          ASSIGN_OR_RETURN(*response.mutable_task(), WithComputed(tx, std::move(task)));
          *response.mutable_not_understood() = understood.not_understood();
          response.set_confidence(understood.confidence());
          return response;
        });
  });
}

absl::StatusOr<v1::GetTaskResponse> TaskService::GetTask(const Call& call,
                                                         const v1::GetTaskRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return database_.Read(
      call,
      [&](Transaction& tx) -> absl::StatusOr<v1::GetTaskResponse> {
        ASSIGN_OR_RETURN(store::KnownTask known,
                         store::ReadTask(tx, request.user_id(), request.task_id()));
        v1::GetTaskResponse response;
        ASSIGN_OR_RETURN(*response.mutable_task(), WithComputed(tx, std::move(known.task)));
        return response;
      },
      {.newest = true});
}

absl::StatusOr<v1::UpdateTaskResponse> TaskService::UpdateTask(
    const Call& call, const v1::UpdateTaskRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  // Who it is newly assigned to is asked for before the transaction, which must not wait for others.
  std::vector<int64_t> asked = Assignees(request.task());
  if (!asked.empty()) {
    ASSIGN_OR_RETURN(const store::KnownTask known, database_.Read(call,
                                                                  [&](Transaction& tx) {
                                                                    return store::ReadTask(
                                                                        tx, request.user_id(),
                                                                        request.task().task_id(),
                                                                        store::For::kOwner);
                                                                  },
                                                                  {.newest = true}));
    std::erase_if(asked, [&](int64_t person) {
      const std::vector<int64_t> have = Assignees(known.task);
      return std::find(have.begin(), have.end(), person) != have.end();
    });
    if (asked.size() > static_cast<size_t>(kMaxOfEach)) {
      return status::InvalidField("task.assignee_user_ids", "must be at most 20");
    }
    RETURN_IF_ERROR(
        acquaintances_->MayAssign(call, request.user_id(), asked, "task.assignee_user_ids"));
  }
  v1::UpdateTaskResponse response;
  ASSIGN_OR_RETURN(
      *response.mutable_task(),
      Change(call, request.user_id(), request.task().task_id(), store::For::kOwner,
             [&](Transaction& tx, const Actor& actor, store::KnownTask& known) -> absl::Status {
               v1::Task after = known.task;
               FieldViolations bad;
               Apply(request.task(), request.update_mask(), after, bad);
               Normalise(after);
               CheckTask(after, "task", bad);
               RETURN_IF_ERROR(bad.ToStatus());
               const int64_t wanted = request.task().version();
               if (wanted != 0 && wanted != known.task.version()) {
                 // The same change sent again has been made already.
                 if (ChangedFields(known.task, after).empty()) return absl::OkStatus();
                 return status::Error(mesh::v1::ERROR_CODE_VERSION_CONFLICT,
                                      "the task has another version by now");
               }
               return ChangeTask(tx, actor, "update", std::move(after), known);
             }));
  return response;
}

absl::StatusOr<v1::DeleteTaskResponse> TaskService::DeleteTask(
    const Call& call, const v1::DeleteTaskRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::DeleteTaskResponse> {
    v1::DeleteTaskResponse response;
    const absl::StatusOr<store::KnownTask> known =
        store::LockTask(tx, request.user_id(), request.task_id());
    if (status::ErrorCodeOf(known.status()) == mesh::v1::ERROR_CODE_TASK_NOT_FOUND) return response;
    RETURN_IF_ERROR(known.status());
    ASSIGN_OR_RETURN(const int64_t deleted, RemoveTask(tx, known->task));
    response.set_deleted_count(static_cast<int32_t>(deleted));
    return response;
  });
}

}  // namespace selfology::task
