// What a run reads and merges.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/growth/task/sync/run.h"

namespace selfology::task {
namespace {

using postgres::Transaction;
using store::Link;

constexpr int64_t kVersionsRead = 200;
constexpr size_t kRefusedAtOnce = 50;

}  // namespace

absl::Status Run::Pull() {
  ASSIGN_OR_RETURN(const bool has_room, ReadRefused());
  std::optional<absl::Time> since = run_.read_until;
  for (int page = 1; !IsLate();) {
    ASSIGN_OR_RETURN(const std::vector<Issue> issues, repository_.ChangedSince(call_, since, page));
    for (const Issue& issue : issues) {
      if (issue.is_pull_request) continue;
      RETURN_IF_ERROR(Take(issue).status());
    }
    if (issues.empty()) break;
    const absl::Time last = issues.back().updated_at;
    RETURN_IF_ERROR(parts_.database.Write(call_, [&](Transaction& tx) {
      store::SetReadUntil(tx, run_, last);
      return absl::OkStatus();
    }));
    if (static_cast<int>(issues.size()) < Repository::kPage) break;
    // Pages shift while issues change; times do not. Only within a second pages are needed.
    page = since == last ? page + 1 : 1;
    since = last;
  }
  // Only now: of a repository that is out of reach each issue would seem to be gone.
  return has_room ? TakeRefused() : absl::OkStatus();
}

absl::StatusOr<bool> Run::ReadRefused() {
  return parts_.database.Read(call_,
                              [&](Transaction& tx) -> absl::StatusOr<bool> {
                                ASSIGN_OR_RETURN(const std::vector<int64_t> issues,
                                                 store::RefusedIssues(tx, run_.sync_id));
                                refused_ = {issues.begin(), issues.end()};
                                if (issues.empty()) return false;
                                return store::HasRoomFor(tx, run_.owner, 1);
                              },
                              {.newest = true});
}

absl::Status Run::TakeRefused() {
  const std::vector<int64_t> issues(refused_.begin(), refused_.end());
  for (size_t i = 0; i < std::min(issues.size(), kRefusedAtOnce) && !IsLate(); ++i) {
    const int64_t number = issues[i];
    const absl::StatusOr<Issue> issue = repository_.Get(call_, number);
    if (IsReason(issue.status(), "SYNC_GONE")) {
      RETURN_IF_ERROR(parts_.database.Write(call_, [&](Transaction& tx) {
        store::ForgetRefusal(tx, run_.sync_id, number);
        return absl::OkStatus();
      }));
      continue;
    }
    RETURN_IF_ERROR(issue.status());
    RETURN_IF_ERROR(Take(*issue).status());
    if (refused_.contains(number)) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Link>> Run::LinkOf(Transaction& tx, const Issue& issue) {
  ASSIGN_OR_RETURN(std::optional<Link> link, store::FindIssue(tx, run_.sync_id, issue.number));
  const std::string mark = MarkOf(issue);
  if (link.has_value() || mark.empty()) return link;
  ASSIGN_OR_RETURN(link, store::FindMark(tx, run_.sync_id, mark));
  if (!link.has_value()) return link;
  link->issue = issue.number;
  link->tried_at = std::nullopt;
  store::SaveLink(tx, *link);
  return link;
}

absl::StatusOr<std::optional<store::KnownTask>> Run::TaskInList(Transaction& tx, int64_t task_id) {
  ASSIGN_OR_RETURN(std::vector<store::KnownTask> known,
                   store::ReadTasks(tx, run_.owner, std::vector<int64_t>{task_id}));
  if (known.empty() || known.front().task.list_id() != run_.list_id) return std::nullopt;
  return std::move(known.front());
}

absl::Status Run::AddTaskOf(Transaction& tx, const Issue& issue) {
  // What was closed before anybody here knew of it is history.
  if (issue.status != v1::TASK_STATUS_OPEN) return absl::OkStatus();
  v1::Task content;
  content.set_user_id(run_.owner);
  content.set_list_id(run_.list_id);
  SetFields(FieldsOf(issue), content);
  ASSIGN_OR_RETURN(const v1::Task task, AddTask(tx, Owner(), std::move(content)));
  store::InsertLink(tx, run_.sync_id,
                    {.task_id = task.task_id(),
                     .issue = issue.number,
                     .agreed = FieldsOf(issue),
                     .version = task.version()});
  ++counts_.tasks_changed;
  return absl::OkStatus();
}

absl::Status Run::SetTask(Transaction& tx, const Issue& issue, const SyncFields& wanted,
                          store::KnownTask& known) {
  const int64_t version = known.task.version();
  v1::Task after = known.task;
  SetFields(wanted, after);
  RETURN_IF_ERROR(ChangeTask(tx, Owner(), "sync", std::move(after), known));
  const v1::TaskStatus status = known.task.status();
  if (wanted.status != status) {
    // Completing and opening again have consequences of their own, dropping has none.
    if (status == v1::TASK_STATUS_COMPLETED) RETURN_IF_ERROR(Reopen(tx, Owner(), known));
    if (wanted.status == v1::TASK_STATUS_COMPLETED) {
      const absl::Time made = timestamps::FromProto(known.task.created_at());
      const absl::Time now = Owner().now;
      RETURN_IF_ERROR(
          Complete(tx, Owner(), std::clamp(issue.closed_at, std::min(made, now), now), known)
              .status());
    } else if (known.task.status() != wanted.status) {
      v1::Task moved = known.task;
      moved.set_status(wanted.status);
      RETURN_IF_ERROR(ChangeTask(tx, Owner(), "sync", std::move(moved), known));
    }
  }
  if (known.task.version() != version) ++counts_.tasks_changed;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Run::Pair>> Run::Take(const Issue& issue) {
  const SyncCounts before = counts_;
  absl::StatusOr<std::optional<Pair>> taken =
      parts_.database.Write(call_, [&](Transaction& tx) -> absl::StatusOr<std::optional<Pair>> {
        counts_ = before;  // It may be tried again.
        ASSIGN_OR_RETURN(std::optional<Pair> pair, Reconcile(tx, issue));
        if (refused_.contains(issue.number)) store::ForgetRefusal(tx, run_.sync_id, issue.number);
        return pair;
      });
  if (taken.ok()) refused_.erase(issue.number);
  if (status::ErrorCodeOf(taken.status()) != mesh::v1::ERROR_CODE_TASK_LIMIT_REACHED) return taken;
  counts_ = before;
  RETURN_IF_ERROR(parts_.database.Write(call_, [&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(store::LockRun(tx, run_));
    store::NoteRefusal(tx, run_.sync_id, issue.number);
    return absl::OkStatus();
  }));
  refused_.insert(issue.number);
  return std::nullopt;
}

absl::StatusOr<std::optional<Run::Pair>> Run::Reconcile(Transaction& tx, const Issue& issue) {
  store::LockOwner(tx, run_.owner);
  RETURN_IF_ERROR(store::LockRun(tx, run_));
  ASSIGN_OR_RETURN(std::optional<Link> link, LinkOf(tx, issue));
  if (!link.has_value()) {
    RETURN_IF_ERROR(AddTaskOf(tx, issue));
    return std::nullopt;
  }
  if (link->parted) return std::nullopt;
  ASSIGN_OR_RETURN(std::optional<store::KnownTask> known, TaskInList(tx, link->task_id));
  if (!known.has_value()) return std::nullopt;
  const SyncFields ours = FieldsOf(known->task), theirs = FieldsOf(issue);
  if (ours == link->agreed && theirs == link->agreed && link->version == known->task.version()) {
    return Pair{.known = *std::move(known), .link = *std::move(link)};
  }
  std::vector<v1::TaskVersion> versions;
  if (ours != link->agreed && theirs != link->agreed) {
    ASSIGN_OR_RETURN(
        versions, store::ListVersions(tx, known->task, known->task.version() + 1, kVersionsRead));
    std::erase_if(versions, [&](const v1::TaskVersion& version) {
      return version.version() < link->version;
    });
  }
  const Merged merged = Merge(link->agreed, ours, ChangedAt(versions), theirs, issue.updated_at);
  for (const std::string_view field : merged.conflicts) {
    conflicts_.emplace(issue.number, field);
  }
  RETURN_IF_ERROR(SetTask(tx, issue, merged.fields, *known));
  link->agreed = Agreed(link->agreed, merged.fields, theirs);
  if (FieldsOf(known->task) == link->agreed) link->version = known->task.version();
  store::SaveLink(tx, *link);
  return Pair{.known = *std::move(known), .link = *std::move(link)};
}

}  // namespace selfology::task
