// TaskService: tasks as a list, a board and a calendar.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/http_response.pb.h"
#include "services/growth/task/filter/filter.h"
#include "services/growth/task/tasks/calendar.h"
#include "services/growth/task/tasks/list_store.h"
#include "services/growth/task/tasks/task_order.h"
#include "services/growth/task/tasks/task_rules.h"
#include "services/growth/task/tasks/task_service.h"

namespace selfology::task {

using postgres::Transaction;
using status::FieldViolations;

namespace {

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};
constexpr absl::Duration kClosedOnBoard = absl::Hours(14 * 24);
constexpr size_t kMaxInColumn = 200;
constexpr size_t kMaxInCalendar = 2000;

// A list that is read on ranks by what was urgent when it was begun: the clock goes on, the order of
// its pages stays.
struct ListPosition {
  absl::Time as_of;
  std::string after = {};  // Empty: from the start.
};

absl::StatusOr<ListPosition> ToPosition(const std::string& text, absl::Time now) {
  if (text.empty()) return ListPosition{now};
  const size_t at = text.find('@');
  int64_t micros = 0;
  if (at == text.npos || !absl::SimpleAtoi(text.substr(0, at), &micros)) {
    return status::InvalidField("page_token", "must be one that this list gave");
  }
  return ListPosition{absl::FromUnixMicros(micros), text.substr(at + 1)};
}

template <typename Request>
FieldViolations CheckView(const Request& request) {
  FieldViolations bad = status::CheckUser(request);
  CheckZone(request.time_zone(), "time_zone", bad);
  return bad;
}

}  // namespace

absl::StatusOr<std::vector<v1::Task>> TaskService::Find(Transaction& tx, int64_t person,
                                                        const Filter& filter,
                                                        store::Selection selection,
                                                        absl::TimeZone zone, absl::Time now) const {
  selection.person = person;
  selection.open &= filter.may_match_open();
  selection.closed &= filter.may_match_closed();
  FilterContext context = {.now = now, .zone = zone, .person = person};
  ASSIGN_OR_RETURN(context.list_names, store::ListNames(tx, person));
  ASSIGN_OR_RETURN(std::vector<v1::Task> tasks, store::Select(tx, selection));
  const auto drop = [&] {
    std::erase_if(tasks, [&](const v1::Task& task) { return !filter.Matches(task, context); });
  };
  if (!filter.needs_computed()) drop();
  RETURN_IF_ERROR(store::Compute(tx, now, absl::MakeSpan(tasks)));
  if (filter.needs_computed()) drop();
  return tasks;
}

absl::StatusOr<v1::ListTasksResponse> TaskService::ListTasks(const Call& call,
                                                             const v1::ListTasksRequest& request) {
  RETURN_IF_ERROR(CheckView(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const Filter filter, Filter::Parse(request.filter()));
  ASSIGN_OR_RETURN(const TaskOrder order, TaskOrder::Parse(request.sort()));
  ASSIGN_OR_RETURN(const ListPosition position, ToPosition(page.after, Now()));
  ASSIGN_OR_RETURN(std::vector<v1::Task> tasks,
                   database_.Read(call,
                                  [&](Transaction& tx) {
                                    return Find(tx, request.user_id(), filter, {},
                                                ZoneOf(request.time_zone()), position.as_of);
                                  },
                                  {.newest = true}));
  v1::ListTasksResponse response;
  response.set_total_count(static_cast<int32_t>(tasks.size()));
  if (!position.after.empty()) {
    std::erase_if(tasks,
                  [&](const v1::Task& task) { return !order.IsBehind(task, position.after); });
  }
  const size_t shown = std::min(tasks.size(), static_cast<size_t>(page.limit()));
  std::partial_sort(tasks.begin(), tasks.begin() + static_cast<int64_t>(shown), tasks.end(), order);
  tasks.resize(shown);
  response.set_next_page_token(page.Cut(tasks, [&](const v1::Task& task) {
    return absl::StrCat(absl::ToUnixMicros(position.as_of), "@", order.PositionOf(task));
  }));
  for (v1::Task& task : tasks) *response.add_tasks() = std::move(task);
  return response;
}

absl::StatusOr<v1::GetBoardResponse> TaskService::GetBoard(const Call& call,
                                                           const v1::GetBoardRequest& request) {
  FieldViolations bad = CheckView(request);
  if (request.list_id() < 0) bad.Add("list_id", "must be 0 or above");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const Filter filter, Filter::Parse(request.filter()));
  ASSIGN_OR_RETURN(const TaskOrder order, TaskOrder::Parse(""));
  const absl::Time now = Now();
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::GetBoardResponse> {
    std::vector<std::string> columns = {"To do", "Doing", "Done"};
    if (request.list_id() != 0) {
      ASSIGN_OR_RETURN(const std::optional<v1::TaskList> list,
                       store::ReadList(tx, request.user_id(), request.list_id()));
      if (!list.has_value()) return store::NotFound();
      columns.assign(list->columns().begin(), list->columns().end());
    }
    ASSIGN_OR_RETURN(std::vector<v1::Task> tasks,
                     Find(tx, request.user_id(), filter,
                          {.closed_since = now - kClosedOnBoard, .list_id = request.list_id()},
                          ZoneOf(request.time_zone()), now));
    std::sort(tasks.begin(), tasks.end(), order);
    std::map<std::string, v1::BoardColumn*> by_name;
    v1::GetBoardResponse response;
    for (const std::string& name : columns) {
      v1::BoardColumn& column = *response.add_columns();
      column.set_name(name);
      by_name[name] = &column;
    }
    for (v1::Task& task : tasks) {
      const bool is_closed = task.status() != v1::TASK_STATUS_OPEN;
      const auto named = by_name.find(task.column());
      v1::BoardColumn& column = is_closed                ? *by_name.at(columns.back())
                                : named != by_name.end() ? *named->second
                                                         : *by_name.at(columns.front());
      column.set_total_count(column.total_count() + 1);
      if (static_cast<size_t>(column.tasks_size()) < kMaxInColumn) {
        *column.add_tasks() = std::move(task);
      }
    }
    return response;
  });
}

absl::StatusOr<mesh::v1::HttpResponse> TaskService::GetCalendar(
    const Call& call, const v1::GetCalendarRequest& request) {
  RETURN_IF_ERROR(CheckView(request).ToStatus());
  ASSIGN_OR_RETURN(const Filter filter, Filter::Parse(request.filter()));
  ASSIGN_OR_RETURN(const TaskOrder order, TaskOrder::Parse("due"));
  const absl::Time now = Now();
  ASSIGN_OR_RETURN(std::vector<v1::Task> tasks, database_.Read(call, [&](Transaction& tx) {
    return Find(tx, request.user_id(), filter, {.closed = false}, ZoneOf(request.time_zone()), now);
  }));
  std::erase_if(tasks,
                [](const v1::Task& task) { return !task.has_due_at() && !task.has_start_at(); });
  std::sort(tasks.begin(), tasks.end(), order);
  if (tasks.size() > kMaxInCalendar) tasks.resize(kMaxInCalendar);
  mesh::v1::HttpResponse response;
  response.set_content_type("text/calendar; charset=utf-8");
  response.set_body(ToCalendar(tasks, now));
  return response;
}

}  // namespace selfology::task
