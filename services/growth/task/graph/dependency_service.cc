#include "services/growth/task/graph/dependency_service.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/events/outbox.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/task.pb.h"
#include "services/growth/task/graph/dependency_graph.h"
#include "services/growth/task/graph/edge_store.h"
#include "services/growth/task/tasks/task_store.h"

namespace selfology::task {
namespace {

using postgres::Transaction;
using status::FieldViolations;

constexpr paging::Limits kPage = {.default_size = 200, .max_size = 1000};
constexpr int kMaxShown = 1000;
constexpr int64_t kUnknownMinutes = 60;

template <typename Event>
absl::Status Tell(Transaction& tx, int64_t owner, const Edge& edge) {
  Event event;
  event.set_user_id(owner);
  event.set_before_task_id(edge.before);
  event.set_after_task_id(edge.after);
  return events::Publish(tx, event);
}

absl::StatusOr<Edge> ToEdge(const std::string& position) {
  if (position.empty()) return Edge();
  const std::pair<std::string_view, std::string_view> parts = absl::StrSplit(position, '/');
  Edge edge;
  if (!absl::SimpleAtoi(parts.first, &edge.before) ||
      !absl::SimpleAtoi(parts.second, &edge.after)) {
    return status::InvalidField("page_token", "must be one that this list gave");
  }
  return edge;
}

}  // namespace

absl::StatusOr<v1::AddDependencyResponse> DependencyService::AddDependency(
    const Call& call, const v1::AddDependencyRequest& request) {
  FieldViolations bad = status::CheckUser(request);
  if (request.before_task_id() < 1) bad.Add("before_task_id", "must be above 0");
  if (request.after_task_id() < 1) bad.Add("after_task_id", "must be above 0");
  RETURN_IF_ERROR(bad.ToStatus());
  const Edge edge = {request.before_task_id(), request.after_task_id()};
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::AddDependencyResponse> {
    store::LockOwner(tx, request.user_id());
    ASSIGN_OR_RETURN(const bool added, store::AddEdge(tx, request.user_id(), edge));
    if (added) {
      RETURN_IF_ERROR(Tell<events::v1::TaskDependencyAdded>(tx, request.user_id(), edge));
    }
    v1::AddDependencyResponse response;
    response.mutable_dependency()->set_before_task_id(edge.before);
    response.mutable_dependency()->set_after_task_id(edge.after);
    return response;
  });
}

absl::StatusOr<v1::RemoveDependencyResponse> DependencyService::RemoveDependency(
    const Call& call, const v1::RemoveDependencyRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  const Edge edge = {request.before_task_id(), request.after_task_id()};
  return database_.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::RemoveDependencyResponse> {
        store::LockOwner(tx, request.user_id());
        ASSIGN_OR_RETURN(const bool removed, store::RemoveEdge(tx, request.user_id(), edge));
        if (removed) {
          RETURN_IF_ERROR(Tell<events::v1::TaskDependencyRemoved>(tx, request.user_id(), edge));
        }
        v1::RemoveDependencyResponse response;
        response.set_removed(removed);
        return response;
      });
}

absl::StatusOr<v1::ListDependenciesResponse> DependencyService::ListDependencies(
    const Call& call, const v1::ListDependenciesRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const Edge after, ToEdge(page.after));
  ASSIGN_OR_RETURN(std::vector<Edge> edges, database_.Read(call, [&](Transaction& tx) {
    return store::ListEdges(tx, request.user_id(), request.task_id(), after, page.limit());
  }));
  v1::ListDependenciesResponse response;
  response.set_next_page_token(
      page.Cut(edges, [](const Edge& edge) { return absl::StrCat(edge.before, "/", edge.after); }));
  for (const Edge& edge : edges) {
    v1::Dependency& dependency = *response.add_dependencies();
    dependency.set_before_task_id(edge.before);
    dependency.set_after_task_id(edge.after);
  }
  return response;
}

absl::StatusOr<v1::GetCriticalPathResponse> DependencyService::GetCriticalPath(
    const Call& call, const v1::GetCriticalPathRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  std::map<int64_t, int64_t> minutes;
  std::vector<Edge> edges;
  RETURN_IF_ERROR(database_.Read(call, [&](Transaction& tx) -> absl::Status {
    minutes.clear();
    ASSIGN_OR_RETURN(edges, store::OpenEdgesTo(tx, request.user_id(), request.task_id()));
    std::vector<v1::Task> tasks;
    if (request.task_id() == 0) {
      ASSIGN_OR_RETURN(tasks, store::Select(tx, {.person = request.user_id(), .closed = false}));
    } else {
      std::set<int64_t> ids = {request.task_id()};
      for (const Edge& edge : edges) ids.insert({edge.before, edge.after});
      ASSIGN_OR_RETURN(
          const std::vector<store::KnownTask> known,
          store::ReadTasks(tx, request.user_id(), std::vector<int64_t>(ids.begin(), ids.end())));
      bool has_asked = false;
      for (const store::KnownTask& one : known) {
        has_asked |= one.task.task_id() == request.task_id();
        tasks.push_back(one.task);
      }
      if (!has_asked) return store::NotFound();
    }
    for (const v1::Task& task : tasks) {
      // Of those assigned to the person the graph is its owner's.
      if (task.user_id() != request.user_id() || task.status() != v1::TASK_STATUS_OPEN) continue;
      minutes[task.task_id()] =
          task.estimate_minutes() == 0 ? kUnknownMinutes : task.estimate_minutes();
    }
    return absl::OkStatus();
  }));
  const CriticalPath found = FindCriticalPath(minutes, edges);
  v1::GetCriticalPathResponse response;
  response.mutable_path_task_ids()->Assign(found.path.begin(), found.path.end());
  response.set_total_minutes(found.minutes);
  for (const Planned& planned : found.tasks) {
    if (response.tasks_size() == kMaxShown) break;
    v1::ScheduledTask& task = *response.add_tasks();
    task.set_task_id(planned.task_id);
    task.set_minutes(static_cast<int32_t>(planned.minutes));
    task.set_earliest_start_minutes(planned.earliest_start);
    task.set_slack_minutes(planned.slack);
  }
  return response;
}

absl::StatusOr<v1::GetUnblocksResponse> DependencyService::GetUnblocks(
    const Call& call, const v1::GetUnblocksRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::GetUnblocksResponse> {
    RETURN_IF_ERROR(store::ReadTask(tx, request.user_id(), request.task_id()).status());
    ASSIGN_OR_RETURN(const std::vector<store::Waiting> waiting,
                     store::WaitingFor(tx, request.task_id()));
    ASSIGN_OR_RETURN(const int64_t downstream, store::CountDownstream(tx, request.task_id()));
    v1::GetUnblocksResponse response;
    response.set_downstream_count(static_cast<int32_t>(downstream));
    for (const store::Waiting& one : waiting) {
      if (one.others == 0) {
        if (response.unblocked_task_ids_size() < kMaxShown) {
          response.add_unblocked_task_ids(one.task_id);
        }
      } else if (response.still_blocked_size() < kMaxShown) {
        v1::StillBlocked& blocked = *response.add_still_blocked();
        blocked.set_task_id(one.task_id);
        blocked.set_remaining_count(static_cast<int32_t>(one.others));
      }
    }
    return response;
  });
}

}  // namespace selfology::task
