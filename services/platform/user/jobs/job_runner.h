// Does the jobs: exports and erasures of persons, until they are done, whatever crashes.
//
//   auto jobs = std::make_shared<JobRunner>(mesh.database(), mesh.clock(), work);
//   mesh.Every(absl::Seconds(1), "jobs", [jobs](const Call& call) { return jobs->RunDue(call); });
//
// A job is taken for a lease; who loses it (by a crash, or by being slow) can no longer finish it. A
// job that fails is tried again after 1, 2, 4 ... up to 300 s, and given up after 30 attempts; an
// erasure never is. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "common/service/module_export.h"
#include "services/platform/user/jobs/job_store.h"

namespace selfology::user {

// After `attempts` attempts that failed.
absl::Duration WaitAfter(int attempts);

class JobRunner {
 public:
  struct Work {
    // Mesh::ExportUser and Mesh::EraseUser.
    std::function<absl::Status(const Call&, int64_t, service::ModuleExport::Take)> export_user;
    std::function<absl::Status(const Call&, int64_t)> erase_user;
  };

  // The database outlives it.
  JobRunner(postgres::Database& database, std::function<absl::Time()> clock, Work work);

  // All that are due, one after the other.
  absl::Status RunDue(const Call& call);

 private:
  absl::Status Run(const Call& call, const store::TakenJob& job);
  absl::Status Export(const Call& call, const store::TakenJob& job);
  absl::Status Erase(const Call& call, const store::TakenJob& job);
  absl::Status Finish(const Call& call, const store::TakenJob& job, v1::JobStatus status);
  absl::Status Say(const Call& call, const store::TakenJob& job, int percent);

  postgres::Database& database_;
  const std::function<absl::Time()> clock_;
  const Work work_;
};

}  // namespace selfology::user
