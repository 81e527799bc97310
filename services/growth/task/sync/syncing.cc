#include "services/growth/task/sync/syncing.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/crypto/crypto.h"
#include "common/executor/worker_pool.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/task/sync/issues.h"
#include "services/growth/task/sync/repository.h"
#include "services/growth/task/sync/sync_store.h"
#include "services/growth/task/tasks/list_store.h"
#include "services/growth/task/tasks/task_changes.h"
#include "services/growth/task/tasks/task_store.h"

namespace selfology::task {
namespace {

using postgres::Transaction;
using store::Link;

constexpr absl::Duration kPeriod = absl::Minutes(1);
constexpr absl::Duration kLongestPause = absl::Hours(1);
constexpr absl::Duration kGivenUpAfter = absl::Minutes(2);
// The answer to a request that is still on its way will have come by then.
constexpr absl::Duration kOutcomeKnownAfter = absl::Minutes(1);
// What is left of a call's time for its end.
constexpr absl::Duration kReserve = absl::Seconds(5);
constexpr int64_t kOutgoing = 200;
constexpr int64_t kDueAtOnce = 50;
constexpr int64_t kVersionsRead = 200;
constexpr int kThreads = 4;
constexpr size_t kMarkBytes = 12;

bool IsReason(const absl::Status& error, std::string_view reason) {
  return status::Reason(error) == reason;
}

// Whether a request that was to make something surely made nothing.
bool SurelyNotMade(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kInvalidArgument:
      return true;
    default:
      return false;
  }
}

class Run {
 public:
  Run(const Call& call, const SyncParts& parts, store::SyncRun run)
      : call_(call),
        parts_(parts),
        run_(std::move(run)),
        repository_(
            parts.integration,
            {.owner = run_.owner, .connection_id = run_.connection_id, .name = run_.repository}) {}

  absl::Status Go() {
    RETURN_IF_ERROR(Pull());
    return Push();
  }
  SyncCounts counts() const {
    SyncCounts counts = counts_;
    counts.conflicts = static_cast<int>(conflicts_.size());
    return counts;
  }
  // It ended before all was done, for want of time.
  bool is_more() const { return is_more_; }

 private:
  // The task and its issue as they stand.
  struct Pair {
    store::KnownTask known = {};
    Link link = {};
  };

  bool IsLate() {
    is_more_ = is_more_ || call_.Remaining() < kReserve;
    return is_more_;
  }
  Actor Owner() const { return {.user_id = run_.owner, .now = parts_.clock()}; }

  absl::Status Pull();
  absl::Status Push();
  absl::Status PushTask(int64_t task_id);
  absl::Status Make(int64_t task_id);
  absl::Status Change(const Link& link);
  absl::Status CloseIssueOf(const Link& link);

  // Merges; nullopt: there is nothing to keep equal with it.
  absl::StatusOr<std::optional<Pair>> Take(const Issue& issue);
  absl::StatusOr<std::optional<Link>> LinkOf(Transaction& tx, const Issue& issue);
  absl::Status AddTaskOf(Transaction& tx, const Issue& issue);
  absl::StatusOr<std::optional<store::KnownTask>> TaskInList(Transaction& tx, int64_t task_id);
  absl::Status SetTask(Transaction& tx, const Issue& issue, const SyncFields& wanted,
                       store::KnownTask& known);
  // Changes what is kept of a link, unless another run has begun.
  absl::Status Keep(int64_t task_id, absl::FunctionRef<void(Transaction&, Link&)> change);
  absl::Status Part(int64_t task_id) {
    return Keep(task_id, [](Transaction&, Link& link) { link.parted = true; });
  }

  const Call& call_;
  const SyncParts& parts_;
  const store::SyncRun run_;
  const Repository repository_;
  SyncCounts counts_ = {.ran = true};
  // Of issues and fields: what holds here is seen again before it is written there.
  std::set<std::pair<int64_t, std::string_view>> conflicts_;
  bool is_more_ = false;
};

absl::Status Run::Pull() {
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
  return parts_.database.Write(call_, [&](Transaction& tx) -> absl::StatusOr<std::optional<Pair>> {
    counts_ = before;  // It may be tried again.
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
  });
}

absl::Status Run::Keep(int64_t task_id, absl::FunctionRef<void(Transaction&, Link&)> change) {
  return parts_.database.Write(call_, [&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(store::LockRun(tx, run_));
    ASSIGN_OR_RETURN(std::optional<Link> link, store::FindTask(tx, run_.sync_id, task_id));
    if (!link.has_value()) return absl::OkStatus();
    change(tx, *link);
    store::SaveLink(tx, *link);
    return absl::OkStatus();
  });
}

absl::Status Run::Push() {
  ASSIGN_OR_RETURN(const std::vector<int64_t> outgoing,
                   parts_.database.Read(call_,
                                        [&](Transaction& tx) {
                                          return store::Outgoing(
                                              tx, run_, parts_.clock() - kOutcomeKnownAfter,
                                              kOutgoing);
                                        },
                                        {.newest = true}));
  is_more_ = is_more_ || static_cast<int64_t>(outgoing.size()) == kOutgoing;
  for (const int64_t task_id : outgoing) {
    if (call_.Remaining() < kReserve) {
      is_more_ = true;
      break;
    }
    RETURN_IF_ERROR(PushTask(task_id));
  }
  return absl::OkStatus();
}

absl::Status Run::PushTask(int64_t task_id) {
  struct Found {
    std::optional<Link> link;
    bool is_in_list = false;
    bool exists = false;
  };
  ASSIGN_OR_RETURN(const Found found,
                   parts_.database.Read(
                       call_,
                       [&](Transaction& tx) -> absl::StatusOr<Found> {
                         Found read;
                         ASSIGN_OR_RETURN(read.link, store::FindTask(tx, run_.sync_id, task_id));
                         ASSIGN_OR_RETURN(const auto known, TaskInList(tx, task_id));
                         read.is_in_list = known.has_value();
                         ASSIGN_OR_RETURN(const auto tasks,
                                          store::ReadAnyTasks(tx, std::vector{task_id}));
                         read.exists = !tasks.empty();
                         return read;
                       },
                       {.newest = true}));
  if (!found.link.has_value() || !found.link->issue.has_value()) {
    if (found.is_in_list) return Make(task_id);
    // Whatever was made of it is found by nobody now.
    return Keep(task_id, [](Transaction&, Link& link) { link.parted = true; });
  }
  if (found.is_in_list) return Change(*found.link);
  if (!found.exists) RETURN_IF_ERROR(CloseIssueOf(*found.link));
  return Part(task_id);
}

absl::Status Run::Make(int64_t task_id) {
  std::optional<Link> link;
  RETURN_IF_ERROR(parts_.database.Write(call_, [&](Transaction& tx) -> absl::Status {
    store::LockOwner(tx, run_.owner);
    RETURN_IF_ERROR(store::LockRun(tx, run_));
    ASSIGN_OR_RETURN(link, store::FindTask(tx, run_.sync_id, task_id));
    ASSIGN_OR_RETURN(const auto known, TaskInList(tx, task_id));
    if (!known.has_value()) return absl::OkStatus();
    const bool is_new = !link.has_value();
    if (is_new) {
      link.emplace();
      link->task_id = task_id;
      link->mark = crypto::ToBase64Url(crypto::RandomBytes(kMarkBytes));
    }
    link->agreed = FieldsOf(known->task);
    link->agreed.status = v1::TASK_STATUS_OPEN;  // As every new issue is.
    link->version = known->task.version();
    if (known->task.status() != v1::TASK_STATUS_OPEN) --link->version;
    link->tried_at = parts_.clock();
    if (is_new) {
      store::InsertLink(tx, run_.sync_id, *link);
    } else {
      store::SaveLink(tx, *link);
    }
    return absl::OkStatus();
  }));
  if (!link.has_value()) return absl::OkStatus();
  const absl::StatusOr<Issue> made =
      repository_.Make(call_, NewIssueJson(link->agreed, link->mark));
  if (made.ok()) {
    ++counts_.issues_changed;
    return Keep(task_id, [&](Transaction&, Link& kept) {
      kept.issue = made->number;
      kept.tried_at = std::nullopt;
      kept.agreed = Agreed(kept.agreed, kept.agreed, FieldsOf(*made));
    });
  }
  if (SurelyNotMade(made.status())) {
    const bool is_invalid = IsReason(made.status(), "SYNC_INVALID");
    RETURN_IF_ERROR(Keep(task_id, [&](Transaction&, Link& kept) {
      kept.tried_at = std::nullopt;
      kept.parted = is_invalid;
    }));
    if (is_invalid) return absl::OkStatus();
  }
  return made.status();
}

absl::Status Run::Change(const Link& link) {
  const absl::StatusOr<Issue> issue = repository_.Get(call_, *link.issue);
  if (IsReason(issue.status(), "SYNC_GONE")) return Part(link.task_id);
  RETURN_IF_ERROR(issue.status());
  ASSIGN_OR_RETURN(const std::optional<Pair> pair, Take(*issue));
  if (!pair.has_value()) return absl::OkStatus();
  const SyncFields wanted = FieldsOf(pair->known.task);
  const int64_t version = pair->known.task.version();
  std::string patch = PatchJson(*issue, wanted);
  if (patch.empty()) return absl::OkStatus();
  const absl::StatusOr<Issue> changed = repository_.Change(call_, *link.issue, std::move(patch));
  if (IsReason(changed.status(), "SYNC_GONE")) return Part(link.task_id);
  if (IsReason(changed.status(), "SYNC_INVALID") || IsReason(changed.status(), "SYNC_REFUSED")) {
    return Keep(link.task_id, [&](Transaction&, Link& kept) { kept.refused_version = version; });
  }
  RETURN_IF_ERROR(changed.status());
  ++counts_.issues_changed;
  const SyncFields theirs = FieldsOf(*changed);
  return Keep(link.task_id, [&](Transaction&, Link& kept) {
    kept.agreed = Agreed(kept.agreed, wanted, theirs);
    // What it did not take is not sent again and again; the next change is.
    (theirs == wanted ? kept.version : kept.refused_version) = version;
  });
}

absl::Status Run::CloseIssueOf(const Link& link) {
  const absl::StatusOr<Issue> issue = repository_.Get(call_, *link.issue);
  if (IsReason(issue.status(), "SYNC_GONE")) return absl::OkStatus();
  RETURN_IF_ERROR(issue.status());
  if (issue->status != v1::TASK_STATUS_OPEN) return absl::OkStatus();
  SyncFields wanted = FieldsOf(*issue);
  wanted.status = v1::TASK_STATUS_DROPPED;
  const absl::Status closed =
      repository_.Change(call_, *link.issue, PatchJson(*issue, wanted)).status();
  for (const std::string_view reason : {"SYNC_GONE", "SYNC_INVALID", "SYNC_REFUSED"}) {
    if (IsReason(closed, reason)) return absl::OkStatus();
  }
  RETURN_IF_ERROR(closed);
  ++counts_.issues_changed;
  return absl::OkStatus();
}

absl::Duration PauseAfter(const absl::Status& error, int32_t failures_before) {
  switch (FailureOf(error)) {
    case v1::TASK_SYNC_FAILURE_BUSY:
      return std::max(status::RetryAfter(error).value_or(kPeriod), absl::Seconds(1));
    case v1::TASK_SYNC_FAILURE_DISCONNECTED:
    case v1::TASK_SYNC_FAILURE_REFUSED:
    case v1::TASK_SYNC_FAILURE_GONE:
      return kLongestPause;
    default:
      return std::min(kPeriod * (1 << std::min(failures_before, 6)), kLongestPause);
  }
}

}  // namespace

absl::StatusOr<SyncCounts> RunSync(const Call& call, const SyncParts& parts, int64_t owner,
                                   int64_t sync_id) {
  const absl::Time begun = parts.clock();
  ASSIGN_OR_RETURN(
      const std::optional<store::SyncRun> row,
      parts.database.Write(
          call, [&](Transaction& tx) -> absl::StatusOr<std::optional<store::SyncRun>> {
            ASSIGN_OR_RETURN(std::optional<store::SyncRun> run,
                             store::BeginRun(tx, owner, sync_id, begun, begun + kGivenUpAfter));
            if (!run.has_value()) return std::nullopt;
            ASSIGN_OR_RETURN(const auto list, store::ReadList(tx, owner, run->list_id));
            if (list.has_value()) return run;
            // The list is gone, and with it what was to be kept equal.
            RETURN_IF_ERROR(store::DeleteSync(tx, owner, sync_id).status());
            return std::nullopt;
          }));
  if (!row.has_value()) return SyncCounts();
  Run run(call, parts, *row);
  const absl::Status done = run.Go();
  const absl::Time now = parts.clock();
  absl::Time next = run.is_more() ? now : now + kPeriod;
  v1::TaskSyncFailure failure = v1::TASK_SYNC_FAILURE_UNSPECIFIED;
  if (!done.ok()) {
    failure = FailureOf(done);
    next = now + PauseAfter(done, row->failures);
    observe::Info(
        "a sync of tasks was not finished",
        {{"sync_id", sync_id}, {"failure", v1::TaskSyncFailure_Name(failure)}, {"status", done}});
  }
  RETURN_IF_ERROR(parts.database.Write(call, [&](Transaction& tx) {
    store::EndRun(tx, *row, failure, next, now);
    return absl::OkStatus();
  }));
  return run.counts();
}

absl::Status RunDueSyncs(const Call& call, const SyncParts& parts) {
  ASSIGN_OR_RETURN(
      const std::vector<store::DueSync> due,
      parts.database.Read(
          call, [&](Transaction& tx) { return store::DueSyncs(tx, parts.clock(), kDueAtOnce); },
          {.newest = true}));
  executor::WorkerPool pool(kThreads);
  for (const store::DueSync& one : due) {
    pool.Submit([&, one] {
      // The others come with the next turn.
      if (call.Remaining() < 2 * kReserve) return;
      const absl::Status ran = RunSync(call, parts, one.owner, one.sync_id).status();
      if (!ran.ok()) {
        observe::Warning("a sync of tasks did not run",
                         {{"sync_id", one.sync_id}, {"status", ran}});
      }
    });
  }
  pool.Drain();
  return absl::OkStatus();
}

}  // namespace selfology::task
