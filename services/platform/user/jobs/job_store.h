// SQL of jobs and their files; see migrations/0002_jobs.sql. Errors: the transaction's. Threads: as the
// transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/user/v1/user.pb.h"

namespace selfology::user::store {

struct JobOrder {
  std::string job_id = {};
  v1::JobKind kind = v1::JOB_KIND_UNSPECIFIED;
  int64_t user_id = 0;     // Whose it is to see.
  int64_t subject_id = 0;  // Whom it exports or erases.
  bool exports = false;    // A link's: export the subject before erasing.
  absl::Time created_at = absl::InfinitePast();
};
// The new job, or the one of that kind and subject that is not finished yet.
absl::StatusOr<v1::Job> AddJob(postgres::Transaction& tx, const JobOrder& order);

absl::StatusOr<std::optional<v1::Job>> ReadJob(postgres::Transaction& tx, std::string_view job_id);

struct TakenJob {
  std::string job_id = {};
  v1::JobKind kind = v1::JOB_KIND_UNSPECIFIED;
  int64_t user_id = 0;  // 0: nobody's any more.
  int64_t subject_id = 0;
  bool exports = false;
  int attempts = 0;  // This one included.
};
// The job that is due longest, for whoever finishes it before `lease_until`; after that another may
// take it. nullopt: none is due.
absl::StatusOr<std::optional<TakenJob>> TakeDueJob(postgres::Transaction& tx, absl::Time now,
                                                   absl::Time lease_until);

// These change a job only while it is at that attempt: who held it too long changes nothing.
void SaveProgress(postgres::Transaction& tx, const TakenJob& job, int percent);
void PutOff(postgres::Transaction& tx, const TakenJob& job, absl::Time due_at);
// False: another attempt has it.
absl::StatusOr<bool> FinishJob(postgres::Transaction& tx, const TakenJob& job, v1::JobStatus status,
                               absl::Time now);

void SaveExport(postgres::Transaction& tx, std::string_view job_id, int64_t user_id,
                std::string_view file, absl::Time expires_at);
absl::StatusOr<bool> HasExport(postgres::Transaction& tx, std::string_view job_id);
absl::StatusOr<std::optional<std::string>> ReadExport(postgres::Transaction& tx, int64_t user_id,
                                                      std::string_view job_id, absl::Time now);

// Exports whose time is over, and jobs that finished before.
absl::StatusOr<int64_t> ForgetJobs(postgres::Transaction& tx, absl::Time now,
                                   absl::Time finished_before);

// What there is of a person among jobs and exports; the number of rows. Jobs that erase them go on,
// and forget whose they are.
absl::StatusOr<int64_t> DeleteJobs(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::user::store
