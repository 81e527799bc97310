// The task service's RPCs; see proto/selfology/task/v1/task_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
// Their bodies lie by what they are about: task_service.cc (making and changing), task_actions.cc
// (completing and the like), task_views.cc (lists, board, calendar), task_history.cc (versions),
// task_talk.cc (comments and lists).
#pragma once

#include <functional>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/task/v1/task_service_endpoints.h"
#include "services/growth/task/tasks/acquaintances.h"
#include "services/growth/task/tasks/task_changes.h"

namespace selfology::task {

class TaskService final : public v1::TaskServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  TaskService(postgres::Database& database, Clock clock,
              std::shared_ptr<const Acquaintances> acquaintances);

  absl::StatusOr<v1::CreateTaskResponse> CreateTask(const Call& call,
                                                    const v1::CreateTaskRequest& request) override;
  absl::StatusOr<v1::WriteTaskResponse> WriteTask(const Call& call,
                                                  const v1::WriteTaskRequest& request) override;
  absl::StatusOr<v1::GetTaskResponse> GetTask(const Call& call,
                                              const v1::GetTaskRequest& request) override;
  absl::StatusOr<v1::ListTasksResponse> ListTasks(const Call& call,
                                                  const v1::ListTasksRequest& request) override;
  absl::StatusOr<v1::UpdateTaskResponse> UpdateTask(const Call& call,
                                                    const v1::UpdateTaskRequest& request) override;
  absl::StatusOr<v1::DeleteTaskResponse> DeleteTask(const Call& call,
                                                    const v1::DeleteTaskRequest& request) override;
  absl::StatusOr<v1::CompleteTaskResponse> CompleteTask(
      const Call& call, const v1::CompleteTaskRequest& request) override;
  absl::StatusOr<v1::ReopenTaskResponse> ReopenTask(const Call& call,
                                                    const v1::ReopenTaskRequest& request) override;
  absl::StatusOr<v1::SnoozeTaskResponse> SnoozeTask(const Call& call,
                                                    const v1::SnoozeTaskRequest& request) override;
  absl::StatusOr<v1::GetBoardResponse> GetBoard(const Call& call,
                                                const v1::GetBoardRequest& request) override;
  absl::StatusOr<mesh::v1::HttpResponse> GetCalendar(
      const Call& call, const v1::GetCalendarRequest& request) override;
  absl::StatusOr<v1::ListTaskVersionsResponse> ListTaskVersions(
      const Call& call, const v1::ListTaskVersionsRequest& request) override;
  absl::StatusOr<v1::GetTaskVersionResponse> GetTaskVersion(
      const Call& call, const v1::GetTaskVersionRequest& request) override;
  absl::StatusOr<v1::CompareTaskVersionsResponse> CompareTaskVersions(
      const Call& call, const v1::CompareTaskVersionsRequest& request) override;
  absl::StatusOr<v1::RestoreTaskVersionResponse> RestoreTaskVersion(
      const Call& call, const v1::RestoreTaskVersionRequest& request) override;
  absl::StatusOr<v1::AddTaskCommentResponse> AddTaskComment(
      const Call& call, const v1::AddTaskCommentRequest& request) override;
  absl::StatusOr<v1::ListTaskCommentsResponse> ListTaskComments(
      const Call& call, const v1::ListTaskCommentsRequest& request) override;
  absl::StatusOr<v1::ListOwnCommentsResponse> ListOwnComments(
      const Call& call, const v1::ListOwnCommentsRequest& request) override;
  absl::StatusOr<v1::DeleteTaskCommentResponse> DeleteTaskComment(
      const Call& call, const v1::DeleteTaskCommentRequest& request) override;
  absl::StatusOr<v1::CreateTaskListResponse> CreateTaskList(
      const Call& call, const v1::CreateTaskListRequest& request) override;
  absl::StatusOr<v1::ListTaskListsResponse> ListTaskLists(
      const Call& call, const v1::ListTaskListsRequest& request) override;
  absl::StatusOr<v1::UpdateTaskListResponse> UpdateTaskList(
      const Call& call, const v1::UpdateTaskListRequest& request) override;
  absl::StatusOr<v1::DeleteTaskListResponse> DeleteTaskList(
      const Call& call, const v1::DeleteTaskListRequest& request) override;

 private:
  absl::Time Now() const;
  // Changes a task by a rule and gives what became of it, with what is computed.
  absl::StatusOr<v1::Task> Change(
      const Call& call, int64_t person, int64_t task_id, store::For whom,
      absl::FunctionRef<absl::Status(postgres::Transaction&, const Actor&, store::KnownTask&)>
          rule);
  absl::StatusOr<v1::Task> WithComputed(postgres::Transaction& tx, v1::Task task) const;
  // Tasks that match, in no order, with what is computed.
  absl::StatusOr<std::vector<v1::Task>> Find(postgres::Transaction& tx, int64_t person,
                                             const class Filter& filter, store::Selection selection,
                                             absl::TimeZone zone, absl::Time now) const;

  postgres::Database& database_;
  const Clock clock_;
  const std::shared_ptr<const Acquaintances> acquaintances_;
};

}  // namespace selfology::task
