// TaskService: versions of a task.
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/growth/task/tasks/list_store.h"
#include "services/growth/task/tasks/task_rules.h"
#include "services/growth/task/tasks/task_service.h"

namespace selfology::task {

using postgres::Transaction;

namespace {

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};

}  // namespace

absl::StatusOr<v1::ListTaskVersionsResponse> TaskService::ListTaskVersions(
    const Call& call, const v1::ListTaskVersionsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::ListTaskVersionsResponse> {
    ASSIGN_OR_RETURN(const store::KnownTask known,
                     store::ReadTask(tx, request.user_id(), request.task_id()));
    ASSIGN_OR_RETURN(std::vector<v1::TaskVersion> versions,
                     store::ListVersions(tx, known.task, before, page.limit()));
    v1::ListTaskVersionsResponse response;
    response.set_next_page_token(page.Cut(versions, &v1::TaskVersion::version));
    for (v1::TaskVersion& version : versions) *response.add_versions() = std::move(version);
    return response;
  });
}

absl::StatusOr<v1::GetTaskVersionResponse> TaskService::GetTaskVersion(
    const Call& call, const v1::GetTaskVersionRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::GetTaskVersionResponse> {
    ASSIGN_OR_RETURN(const store::KnownTask known,
                     store::ReadTask(tx, request.user_id(), request.task_id()));
    v1::GetTaskVersionResponse response;
    ASSIGN_OR_RETURN(*response.mutable_version(),
                     store::ReadVersion(tx, known.task, request.version()));
    return response;
  });
}

absl::StatusOr<v1::CompareTaskVersionsResponse> TaskService::CompareTaskVersions(
    const Call& call, const v1::CompareTaskVersionsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return database_.Read(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::CompareTaskVersionsResponse> {
        ASSIGN_OR_RETURN(const store::KnownTask known,
                         store::ReadTask(tx, request.user_id(), request.task_id()));
        ASSIGN_OR_RETURN(const v1::TaskVersion from,
                         store::ReadVersion(tx, known.task, request.from_version()));
        ASSIGN_OR_RETURN(const v1::TaskVersion to,
                         store::ReadVersion(tx, known.task, request.to_version()));
        ASSIGN_OR_RETURN(const std::vector<v1::TaskDifference> differences,
                         Differences(from.task(), to.task()));
        v1::CompareTaskVersionsResponse response;
        response.mutable_differences()->Assign(differences.begin(), differences.end());
        return response;
      });
}

absl::StatusOr<v1::RestoreTaskVersionResponse> TaskService::RestoreTaskVersion(
    const Call& call, const v1::RestoreTaskVersionRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  v1::RestoreTaskVersionResponse response;
  ASSIGN_OR_RETURN(
      *response.mutable_task(),
      Change(call, request.user_id(), request.task_id(), store::For::kOwner,
             [&](Transaction& tx, const Actor& actor, store::KnownTask& known) -> absl::Status {
               ASSIGN_OR_RETURN(const v1::TaskVersion version,
                                store::ReadVersion(tx, known.task, request.version()));
               v1::Task after = known.task;
               Restore(version.task(), after);
               // Whom it is assigned to was agreed on; an old version does not undo that.
               *after.mutable_assignee_user_ids() = known.task.assignee_user_ids();
               ASSIGN_OR_RETURN(const std::optional<v1::TaskList> list,
                                store::ReadList(tx, known.task.user_id(), after.list_id()));
               if (!list.has_value()) after.clear_list_id();
               if (after.list_id() != version.task().list_id()) after.clear_column();
               ASSIGN_OR_RETURN(const std::vector<int64_t> above,
                                store::Ancestors(tx, known.task.user_id(), after.parent_task_id()));
               if (above.empty()) after.clear_parent_task_id();
               return ChangeTask(tx, actor, "restore", std::move(after), known);
             }));
  return response;
}

}  // namespace selfology::task
