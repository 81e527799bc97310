// integration_sync, a job of the queue: brings what is kept of a person's account at a provider up to date, which also
// shows whether the connection works.
//
// A connection that is gone, or broken, makes the job a dead letter. Threads: thread-safe.
#pragma once

#include <utility>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/crypto/seal_key.h"
#include "common/jobs/worker.h"
#include "common/postgres/database.h"
#include "services/platform/integration/provider_client.h"
#include "services/platform/integration/providers.h"
#include "services/platform/integration/renewer.h"

namespace selfology::integration {

class SyncJobs {
 public:
  struct Parts {
    postgres::Database& database;
    crypto::SealKey& seal_key;
    ProviderClient& client;
    Renewer& renewer;
    const Providers& providers;
  };
  explicit SyncJobs(Parts parts) : parts_(std::move(parts)) {}  // All outlive it.

  void AddTo(jobs::Worker& worker);
  absl::StatusOr<jobs::Result> Work(const Call& call, const jobs::Job& job);

 private:
  const Parts parts_;
};

}  // namespace selfology::integration
