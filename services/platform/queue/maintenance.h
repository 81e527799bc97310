// What the queue does by itself: leases that end, jobs whose time comes, backlogs, old jobs.
//
//   mesh.Every(absl::Seconds(1), "tick",
//              [maintenance](const Call& call) { return maintenance->Tick(call); });
//
// Threads: each function on one thread at a time. Errors: the transactions'.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "services/platform/queue/ready_signal.h"

namespace selfology::queue {

class Maintenance {
 public:
  using Clock = std::function<absl::Time()>;

  // The database, the metrics and the signal must outlive it.
  Maintenance(postgres::Database& database, Clock clock, observe::Metrics& metrics,
              ReadySignal& signal);

  // Fails attempts whose leases have ended, and makes due jobs ready that no worker asked for.
  absl::Status Tick(const Call& call);
  // Publishes queue.backlog.exceeded and queue.backlog.cleared.
  absl::Status LookAtBacklogs(const Call& call);
  // Sets the gauges queue_jobs{queue, status}.
  absl::Status Count(const Call& call);
  // Forgets what is older than 7 days: all of it, unless the call ends before.
  absl::Status Forget(const Call& call);

 private:
  postgres::Database& database_;
  const Clock clock_;
  observe::Metrics& metrics_;
  ReadySignal& signal_;
  std::map<std::pair<std::string, int64_t>, observe::Gauge> gauges_;
};

}  // namespace selfology::queue
