// Makes reports: takes those whose time has come, reads their numbers, keeps the files, tells the
// owner.
//
//   mesh.Every(absl::Seconds(5), "reports", [runner](const Call& call) { return runner->Run(call); });
//
// A run's numbers are written down before the first file is stored, and the files' keys are the
// run's, so that a run that was cut off ends with the same files. What the file service refuses for
// good, such as a quota, ends the run; everything else is tried again for about a day.
//
// Threads: Run may be called from several processes at once.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "common/rpc/channel.h"
#include "selfology/analytics/v1/report.pb.h"
#include "selfology/file/v1/file_service_client.h"
#include "services/platform/analytics/reports/report_store.h"

namespace selfology::analytics {

class ReportRunner {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  ReportRunner(postgres::Database& database, std::shared_ptr<rpc::Channel> files, Clock clock);

  // Everything whose time has come.
  absl::Status Run(const Call& call);

 private:
  absl::Status BeginDue(const Call& call);
  absl::Status Make(const Call& call, const store::TakenRun& taken);
  absl::Status Keep(const Call& call, const store::TakenRun& taken,
                    const v1::ReportContent& content, v1::ReportRun& run);
  absl::Status Finish(const Call& call, const store::TakenRun& taken,
                      const v1::ReportContent& content, v1::ReportRun run);

  postgres::Database& database_;
  const file::v1::FileServiceClient files_;
  const Clock clock_;
};

}  // namespace selfology::analytics
