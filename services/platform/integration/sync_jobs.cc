#include "services/platform/integration/sync_jobs.h"

#include <optional>
#include <string>

#include "common/status/status_macros.h"
#include "google/protobuf/struct.pb.h"
#include "selfology/queue/v1/job_types.pb.h"
#include "services/platform/integration/connection_store.h"
#include "services/platform/integration/errors.h"
#include "services/platform/integration/token_answer.h"

namespace selfology::integration {

using postgres::Transaction;
using store::ConnectionRow;

void SyncJobs::AddTo(jobs::Worker& worker) {
  worker.On("integration_sync",
            [this](const Call& call, jobs::Job& job) { return Work(call, job); });
}

absl::StatusOr<jobs::Result> SyncJobs::Work(const Call& call, const jobs::Job& job) {
  queue::v1::IntegrationSync payload;
  RETURN_IF_ERROR(job.ReadPayload(payload));
  ASSIGN_OR_RETURN(auto row, parts_.database.Read(call, [&](Transaction& tx) {
    return store::ReadConnection(tx, {.user_id = job.user_id()}, payload.connection_id());
  }));
  if (!row.has_value()) return NotFound("connection");
  const auto provider = parts_.providers.find(row->provider);
  if (provider == parts_.providers.end()) return NotPossible("the provider is no longer set up");
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, parts_.seal_key.Get(call));
  std::optional<Account> account;
  for (int attempt = 1; attempt <= 2 && !account.has_value(); ++attempt) {
    if (attempt == 2) {
      if (!row->refreshes) break;
      ASSIGN_OR_RETURN(
          row, parts_.renewer.Renew(call, row->owner(), row->connection_id, row->generation));
    }
    ASSIGN_OR_RETURN(const std::string opened, sealer.Open("tokens", row->tokens.value));
    ASSIGN_OR_RETURN(const Tokens tokens, DecodeTokens(opened));
    ASSIGN_OR_RETURN(account, parts_.client.WhoseToken(call, provider->second, tokens.access));
  }
  if (!account.has_value()) {
    RETURN_IF_ERROR(
        parts_.renewer.NoteRefused(call, row->owner(), row->connection_id, row->generation));
    return NotPossible("the provider refuses the token; the person has to connect again");
  }
  if (!account->name.empty() && account->name != row->account_name) {
    RETURN_IF_ERROR(parts_.database.Write(call, [&](Transaction& tx) {
      store::SetAccountName(tx, row->connection_id, account->name);
      return absl::OkStatus();
    }));
  }
  google::protobuf::Struct result;
  (*result.mutable_fields())["works"].set_bool_value(true);
  return result;
}

}  // namespace selfology::integration
