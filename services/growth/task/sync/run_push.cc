// What a run writes there.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/crypto/crypto.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/growth/task/sync/run.h"

namespace selfology::task {
namespace {

using postgres::Transaction;
using store::Link;

// The answer to a request that is still on its way will have come by then.
constexpr absl::Duration kOutcomeKnownAfter = absl::Minutes(1);
constexpr int64_t kOutgoing = 200;
constexpr size_t kMarkBytes = 12;

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

}  // namespace

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

}  // namespace selfology::task
