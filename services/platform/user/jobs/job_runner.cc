#include "services/platform/user/jobs/job_runner.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/events/outbox.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/user.pb.h"
#include "services/platform/user/jobs/export_document.h"

namespace selfology::user {
namespace {

using postgres::Transaction;
using store::TakenJob;

// Longer than any attempt may take.
constexpr absl::Duration kAttempt = absl::Seconds(60);
constexpr absl::Duration kLease = absl::Minutes(2);
constexpr int kAttempts = 30;
constexpr absl::Duration kExportLasts = absl::Hours(7 * 24);

}  // namespace

absl::Duration WaitAfter(int attempts) {
  return std::min(absl::Seconds(1) * (1 << std::clamp(attempts - 1, 0, 16)), absl::Seconds(300));
}

JobRunner::JobRunner(postgres::Database& database, std::function<absl::Time()> clock, Work work)
    : database_(database), clock_(std::move(clock)), work_(std::move(work)) {}

absl::Status JobRunner::RunDue(const Call& call) {
  while (!call.Cancelled()) {
    // An attempt may take longer than the timer's period.
    const Call attempt = Call::Background(kAttempt, call.trace());
    const absl::Time now = clock_();
    ASSIGN_OR_RETURN(const std::optional<TakenJob> job,
                     database_.Write(attempt, [&](Transaction& tx) {
                       return store::TakeDueJob(tx, now, now + kLease);
                     }));
    if (!job.has_value()) return absl::OkStatus();
    const absl::Status done = Run(attempt, *job);
    if (done.ok()) continue;
    observe::Warning("job failed", {{"status", done}, {"attempt", job->attempts}});
    const Call after = Call::Background(absl::Seconds(5), call.trace());
    // Whoever asked to be erased is, however long it takes.
    if (job->attempts >= kAttempts && job->kind == v1::JOB_KIND_EXPORT) {
      RETURN_IF_ERROR(Finish(after, *job, v1::JOB_STATUS_FAILED));
      continue;
    }
    RETURN_IF_ERROR(database_.Write(after, [&](Transaction& tx) {
      store::PutOff(tx, *job, clock_() + WaitAfter(job->attempts));
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

absl::Status JobRunner::Run(const Call& call, const TakenJob& job) {
  const bool exports = job.kind == v1::JOB_KIND_EXPORT || job.exports;
  if (exports) RETURN_IF_ERROR(Export(call, job));
  if (job.kind != v1::JOB_KIND_EXPORT) RETURN_IF_ERROR(Erase(call, job));
  return Finish(call, job, v1::JOB_STATUS_DONE);
}

absl::Status JobRunner::Say(const Call& call, const TakenJob& job, int percent) {
  return database_.Write(call, [&](Transaction& tx) {
    store::SaveProgress(tx, job, percent);
    return absl::OkStatus();
  });
}

absl::Status JobRunner::Export(const Call& call, const TakenJob& job) {
  // Of a link that was interrupted: what is to be exported may be erased in part already.
  ASSIGN_OR_RETURN(const bool exists, database_.Write(call, [&](Transaction& tx) {
    return store::HasExport(tx, job.job_id);
  }));
  if (exists) return absl::OkStatus();
  ExportDocument document;
  absl::Status added;
  const absl::Status exported =
      work_.export_user(call, job.subject_id, [&](const mesh::v1::ExportUserResponse& page) {
        added = document.Add(page);
        return added.ok();
      });
  RETURN_IF_ERROR(added);
  RETURN_IF_ERROR(exported);
  const absl::Time now = clock_();
  ASSIGN_OR_RETURN(const std::string zip, ZipOf({{"selfology.json", document.Json(now)},
                                                 {"selfology.html", document.Html(now)}}));
  return database_.Write(call, [&](Transaction& tx) {
    store::SaveExport(tx, job.job_id, job.user_id, zip, now + kExportLasts);
    store::SaveProgress(tx, job, job.kind == v1::JOB_KIND_EXPORT ? 90 : 50);
    return absl::OkStatus();
  });
}

absl::Status JobRunner::Erase(const Call& call, const TakenJob& job) {
  RETURN_IF_ERROR(Say(call, job, job.exports ? 60 : 10));
  return work_.erase_user(call, job.subject_id);
}

absl::Status JobRunner::Finish(const Call& call, const TakenJob& job, v1::JobStatus status) {
  return database_.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const bool finished, store::FinishJob(tx, job, status, clock_()));
    if (!finished) return absl::OkStatus();  // Another attempt has it, and says so itself.
    if (job.kind != v1::JOB_KIND_DELETE) return absl::OkStatus();
    events::v1::UserDeleted event;
    event.set_job_id(job.job_id);
    return events::Publish(tx, event);
  });
}

}  // namespace selfology::user
