// TaskService: comments and lists.
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/events/outbox.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/task.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/growth/task/tasks/list_store.h"
#include "services/growth/task/tasks/task_rules.h"
#include "services/growth/task/tasks/task_service.h"

namespace selfology::task {

using postgres::Transaction;
using status::FieldViolations;

namespace {

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};
constexpr paging::Limits kListsPage = {.default_size = 100, .max_size = 500};
constexpr int kMaxComment = 4000;
constexpr int kMaxName = 100;
constexpr std::string_view kDefaultColumns[] = {"To do", "Doing", "Done"};

// Normalises the list, and says what is wrong with it.
v1::TaskList CheckedList(const v1::TaskList& asked, int64_t owner, FieldViolations& bad) {
  v1::TaskList list = asked;
  list.set_user_id(owner);
  list.set_name(std::string(text::Trim(asked.name())));
  if (!enums::IsNamed(list.kind())) list.set_kind(v1::TASK_LIST_KIND_LIST);
  const int length = text::Characters(list.name());
  if (length < 1 || length > kMaxName || !text::IsStorable(list.name())) {
    bad.Add("list.name", "must be 1 to 100 characters");
  }
  if (list.columns().empty()) {
    for (const std::string_view column : kDefaultColumns) list.add_columns(std::string(column));
  }
  if (list.columns_size() > kMaxOfEach) bad.Add("list.columns", "must be at most 20");
  std::set<std::string> seen;
  for (int i = 0; i < list.columns_size() && i < kMaxOfEach; ++i) {
    list.set_columns(i, std::string(text::Trim(list.columns(i))));
    const int column = text::Characters(list.columns(i));
    if (column < 1 || column > kMaxColumn || !text::IsStorable(list.columns(i)) ||
        !seen.insert(list.columns(i)).second) {
      bad.Add(absl::StrCat("list.columns[", i, "]"), "must be 1 to 50 characters, each once");
    }
  }
  return list;
}

absl::Status NameTaken() {
  return status::InvalidField("list.name", "must be unique among the person's lists");
}

absl::Status NoSuchList() {
  return status::Error(mesh::v1::ERROR_CODE_TASK_NOT_FOUND, "no such list of the person");
}

}  // namespace

absl::StatusOr<v1::AddTaskCommentResponse> TaskService::AddTaskComment(
    const Call& call, const v1::AddTaskCommentRequest& request) {
  FieldViolations bad = status::CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  const std::string comment(text::Trim(request.text()));
  const int length = text::Characters(comment);
  if (length < 1 || length > kMaxComment || !text::IsStorable(comment)) {
    bad.Add("text", "must be 1 to 4000 characters");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = Now();
  const auto add = [&](Transaction& tx,
                       const v1::Task& task) -> absl::StatusOr<v1::AddTaskCommentResponse> {
    v1::AddTaskCommentResponse response;
    v1::TaskComment& added = *response.mutable_comment();
    ASSIGN_OR_RETURN(const int64_t id,
                     store::InsertComment(tx, task.task_id(), request.user_id(), comment, now));
    added.set_comment_id(id);
    added.set_task_id(task.task_id());
    added.set_user_id(request.user_id());
    added.set_text(comment);
    *added.mutable_created_at() = timestamps::ToProto(now);
    events::v1::TaskCommented event;
    event.set_user_id(task.user_id());
    event.set_task_id(task.task_id());
    event.set_comment_id(id);
    event.set_actor_user_id(request.user_id());
    RETURN_IF_ERROR(events::Publish(tx, event));
    return response;
  };
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::AddTaskCommentResponse> {
    // The owner's lock before that of the request, as everywhere.
    ASSIGN_OR_RETURN(
        const store::KnownTask known,
        store::LockTask(tx, request.user_id(), request.task_id(), store::For::kAssignee));
    return idempotency::Once<v1::AddTaskCommentResponse>(
        tx, {store::kRequests, request.user_id(), "AddTaskComment", request.idempotency_key(), now},
        [&] { return add(tx, known.task); });
  });
}

absl::StatusOr<v1::ListTaskCommentsResponse> TaskService::ListTaskComments(
    const Call& call, const v1::ListTaskCommentsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t after, page.AfterId(0));
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::ListTaskCommentsResponse> {
    RETURN_IF_ERROR(store::ReadTask(tx, request.user_id(), request.task_id()).status());
    ASSIGN_OR_RETURN(std::vector<v1::TaskComment> comments,
                     store::ListComments(tx, request.task_id(), after, page.limit()));
    v1::ListTaskCommentsResponse response;
    response.set_next_page_token(page.Cut(comments, &v1::TaskComment::comment_id));
    for (v1::TaskComment& comment : comments) *response.add_comments() = std::move(comment);
    return response;
  });
}

absl::StatusOr<v1::ListOwnCommentsResponse> TaskService::ListOwnComments(
    const Call& call, const v1::ListOwnCommentsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::TaskComment> comments,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::ListCommentsOf(tx, request.user_id(), before, page.limit());
                   }));
  v1::ListOwnCommentsResponse response;
  response.set_next_page_token(page.Cut(comments, &v1::TaskComment::comment_id));
  for (v1::TaskComment& comment : comments) *response.add_comments() = std::move(comment);
  return response;
}

absl::StatusOr<v1::DeleteTaskCommentResponse> TaskService::DeleteTaskComment(
    const Call& call, const v1::DeleteTaskCommentRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const bool deleted, database_.Write(call, [&](Transaction& tx) {
    return store::DeleteComment(tx, request.task_id(), request.user_id(), request.comment_id());
  }));
  v1::DeleteTaskCommentResponse response;
  response.set_deleted(deleted);
  return response;
}

absl::StatusOr<v1::CreateTaskListResponse> TaskService::CreateTaskList(
    const Call& call, const v1::CreateTaskListRequest& request) {
  FieldViolations bad = status::CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  const v1::TaskList list = CheckedList(request.list(), request.user_id(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = Now();
  const auto create = [&](Transaction& tx) -> absl::StatusOr<v1::CreateTaskListResponse> {
    ASSIGN_OR_RETURN(const int64_t count, store::CountLists(tx, request.user_id()));
    if (count >= store::kMaxLists) {
      return status::Error(mesh::v1::ERROR_CODE_TASK_LIMIT_REACHED, "at most 500 lists are kept");
    }
    ASSIGN_OR_RETURN(std::optional<v1::TaskList> made, store::InsertList(tx, list, now));
    if (!made.has_value()) return NameTaken();
    v1::CreateTaskListResponse response;
    *response.mutable_list() = *std::move(made);
    return response;
  };
  return database_.Write(call, [&](Transaction& tx) {
    store::LockOwner(tx, request.user_id());
    return idempotency::Once<v1::CreateTaskListResponse>(
        tx, {store::kRequests, request.user_id(), "CreateTaskList", request.idempotency_key(), now},
        [&] { return create(tx); });
  });
}

absl::StatusOr<v1::ListTaskListsResponse> TaskService::ListTaskLists(
    const Call& call, const v1::ListTaskListsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kListsPage));
  ASSIGN_OR_RETURN(const int64_t after, page.AfterId(0));
  ASSIGN_OR_RETURN(std::vector<v1::TaskList> lists, database_.Read(call, [&](Transaction& tx) {
    return store::ListLists(tx, request.user_id(), request.without_archived(), after, page.limit());
  }));
  v1::ListTaskListsResponse response;
  response.set_next_page_token(page.Cut(lists, &v1::TaskList::list_id));
  for (v1::TaskList& list : lists) *response.add_lists() = std::move(list);
  return response;
}

absl::StatusOr<v1::UpdateTaskListResponse> TaskService::UpdateTaskList(
    const Call& call, const v1::UpdateTaskListRequest& request) {
  FieldViolations bad = status::CheckUser(request);
  const v1::TaskList list = CheckedList(request.list(), request.user_id(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::UpdateTaskListResponse> {
    store::LockOwner(tx, request.user_id());
    ASSIGN_OR_RETURN(const std::optional<v1::TaskList> known,
                     store::ReadList(tx, request.user_id(), list.list_id()));
    if (!known.has_value()) return NoSuchList();
    ASSIGN_OR_RETURN(const bool updated, store::UpdateList(tx, list));
    if (!updated) return NameTaken();
    v1::UpdateTaskListResponse response;
    *response.mutable_list() = list;
    *response.mutable_list()->mutable_created_at() = known->created_at();
    response.mutable_list()->set_open_count(known->open_count());
    return response;
  });
}

absl::StatusOr<v1::DeleteTaskListResponse> TaskService::DeleteTaskList(
    const Call& call, const v1::DeleteTaskListRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  const absl::Time now = Now();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::DeleteTaskListResponse> {
    store::LockOwner(tx, request.user_id());
    ASSIGN_OR_RETURN(const bool deleted,
                     store::DeleteList(tx, request.user_id(), request.list_id()));
    v1::DeleteTaskListResponse response;
    response.set_deleted(deleted);
    if (!deleted) return response;
    ASSIGN_OR_RETURN(const std::vector<int64_t> ids,
                     store::TasksOfList(tx, request.user_id(), request.list_id()));
    ASSIGN_OR_RETURN(std::vector<store::KnownTask> tasks,
                     store::ReadTasks(tx, request.user_id(), ids));
    for (store::KnownTask& known : tasks) {
      v1::Task after = known.task;
      after.clear_list_id();
      after.clear_column();
      RETURN_IF_ERROR(ChangeTask(tx, {.user_id = request.user_id(), .now = now}, "move",
                                 std::move(after), known));
    }
    return response;
  });
}

}  // namespace selfology::task
