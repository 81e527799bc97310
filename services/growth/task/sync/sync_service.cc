#include "services/growth/task/sync/sync_service.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/growth/task/sync/repository.h"
#include "services/growth/task/sync/sync_store.h"
#include "services/growth/task/tasks/list_store.h"
#include "services/growth/task/tasks/task_store.h"

namespace selfology::task {
namespace {

using postgres::Transaction;

constexpr paging::Limits kPage = {.default_size = 20, .max_size = 100};
constexpr size_t kMaxConnectionId = 64;

absl::StatusOr<v1::TaskSync> Insert(Transaction& tx, const v1::TaskSync& sync) {
  ASSIGN_OR_RETURN(const auto list, store::ReadList(tx, sync.user_id(), sync.list_id()));
  if (!list.has_value()) return store::NotFound();
  ASSIGN_OR_RETURN(const int64_t count, store::CountSyncs(tx, sync.user_id()));
  if (count >= store::kMaxSyncs) {
    return status::Error(mesh::v1::ERROR_CODE_TASK_LIMIT_REACHED, "at most 20 syncs are kept");
  }
  ASSIGN_OR_RETURN(std::optional<v1::TaskSync> made, store::InsertSync(tx, sync));
  if (!made.has_value()) return status::InvalidField("list_id", "must be a list without a sync");
  return *std::move(made);
}

// What the other side says, as a person who asks for a sync with it is told.
absl::Status NotReached(const absl::Status& error) {
  switch (FailureOf(error)) {
    case v1::TASK_SYNC_FAILURE_GONE:
    case v1::TASK_SYNC_FAILURE_REFUSED:
    case v1::TASK_SYNC_FAILURE_BAD_ANSWER:
      return status::InvalidField("repository", "must be one that the connection reaches");
    case v1::TASK_SYNC_FAILURE_DISCONNECTED:
      return status::InvalidField("connection_id", "must be a connection of the person that works");
    default:
      return absl::UnavailableError("the other side is away or asks for patience");
  }
}

}  // namespace

absl::StatusOr<v1::CreateTaskSyncResponse> TaskSyncService::CreateTaskSync(
    const Call& call, const v1::CreateTaskSyncRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  if (request.list_id() <= 0) bad.Add("list_id", "must be above 0");
  if (request.connection_id().empty() || request.connection_id().size() > kMaxConnectionId) {
    bad.Add("connection_id", "must be 1 to 64 characters");
  }
  if (!IsRepositoryName(request.repository())) {
    bad.Add("repository", "must be owner/name, each of 1 to 100 letters, digits, and ._-");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  v1::TaskSync sync;
  sync.set_user_id(request.user_id());
  sync.set_list_id(request.list_id());
  sync.set_connection_id(request.connection_id());
  // Before the transaction, which must not wait for others.
  const Repository repository(parts_.integration, {.owner = request.user_id(),
                                                   .connection_id = request.connection_id(),
                                                   .name = request.repository()});
  const absl::StatusOr<std::string> name = repository.FullName(call);
  if (!name.ok()) return NotReached(name.status());
  sync.set_repository(*name);
  const absl::Time now = parts_.clock();
  *sync.mutable_created_at() = timestamps::ToProto(now);
  return parts_.database.Write(call, [&](Transaction& tx) {
    store::LockOwner(tx, request.user_id());
    return idempotency::Once<v1::CreateTaskSyncResponse>(
        tx, {store::kRequests, request.user_id(), "CreateTaskSync", request.idempotency_key(), now},
        [&]() -> absl::StatusOr<v1::CreateTaskSyncResponse> {
          v1::CreateTaskSyncResponse response;
          ASSIGN_OR_RETURN(*response.mutable_sync(), Insert(tx, sync));
          return response;
        });
  });
}

absl::StatusOr<v1::ListTaskSyncsResponse> TaskSyncService::ListTaskSyncs(
    const Call& call, const v1::ListTaskSyncsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t after, page.AfterId(0));
  ASSIGN_OR_RETURN(std::vector<v1::TaskSync> syncs,
                   parts_.database.Read(call, [&](Transaction& tx) {
                     return store::ListSyncs(tx, request.user_id(), after, page.limit());
                   }));
  v1::ListTaskSyncsResponse response;
  response.set_next_page_token(page.Cut(syncs, &v1::TaskSync::sync_id));
  for (v1::TaskSync& sync : syncs) *response.add_syncs() = std::move(sync);
  return response;
}

absl::StatusOr<v1::RunTaskSyncResponse> TaskSyncService::RunTaskSync(
    const Call& call, const v1::RunTaskSyncRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const SyncCounts counts,
                   RunSync(call, parts_, request.user_id(), request.sync_id()));
  ASSIGN_OR_RETURN(std::optional<v1::TaskSync> sync,
                   parts_.database.Read(call,
                                        [&](Transaction& tx) {
                                          return store::ReadSync(tx, request.user_id(),
                                                                 request.sync_id());
                                        },
                                        {.newest = true}));
  if (!sync.has_value()) return store::NotFound();
  v1::RunTaskSyncResponse response;
  *response.mutable_sync() = *std::move(sync);
  response.set_ran(counts.ran);
  response.set_tasks_changed(counts.tasks_changed);
  response.set_issues_changed(counts.issues_changed);
  response.set_conflicts(counts.conflicts);
  return response;
}

absl::StatusOr<v1::DeleteTaskSyncResponse> TaskSyncService::DeleteTaskSync(
    const Call& call, const v1::DeleteTaskSyncRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const bool deleted, parts_.database.Write(call, [&](Transaction& tx) {
    return store::DeleteSync(tx, request.user_id(), request.sync_id());
  }));
  v1::DeleteTaskSyncResponse response;
  response.set_deleted(deleted);
  return response;
}

}  // namespace selfology::task
