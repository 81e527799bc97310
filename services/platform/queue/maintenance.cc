#include "services/platform/queue/maintenance.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "common/enums/word.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/queue.pb.h"
#include "services/platform/queue/backlog.h"
#include "services/platform/queue/endings.h"
#include "services/platform/queue/job_store.h"
#include "services/platform/queue/queue_store.h"

namespace selfology::queue {
namespace {

using postgres::Transaction;

constexpr absl::Duration kFinishedLast = absl::Hours(7 * 24);
constexpr absl::Duration kWorkersLast = absl::Hours(24);
constexpr int64_t kExpiredAtOnce = 500;
// A transaction takes a fraction of a second, so that it keeps no vacuum from the unfinished jobs.
constexpr int64_t kForgottenAtOnce = 20'000;
constexpr absl::Duration kEndOfTurn = absl::Seconds(10);
constexpr size_t kMaxGauges = 500;

absl::Status TellBacklog(Transaction& tx, const store::Backlog& backlog, absl::Time now) {
  switch (ChangeOf({backlog.ready, backlog.threshold, backlog.alerted})) {
    case BacklogChange::kNone:
      return absl::OkStatus();
    case BacklogChange::kExceeded: {
      ASSIGN_OR_RETURN(const std::optional<absl::Time> oldest,
                       store::NoteBacklog(tx, backlog.queue, now));
      events::v1::QueueBacklogExceeded event;
      event.set_queue(backlog.queue);
      event.set_threshold(backlog.threshold);
      if (oldest) *event.mutable_oldest_ready_at() = timestamps::ToProto(*oldest);
      return events::Publish(tx, event);
    }
    case BacklogChange::kCleared: {
      RETURN_IF_ERROR(store::NoteBacklog(tx, backlog.queue, std::nullopt).status());
      events::v1::QueueBacklogCleared event;
      event.set_queue(backlog.queue);
      return events::Publish(tx, event);
    }
  }
  return absl::OkStatus();
}

}  // namespace

Maintenance::Maintenance(postgres::Database& database, Clock clock, observe::Metrics& metrics,
                         ReadySignal& signal)
    : database_(database), clock_(std::move(clock)), metrics_(metrics), signal_(signal) {}

absl::Status Maintenance::Tick(const Call& call) {
  absl::BitGen random;
  while (true) {
    ASSIGN_OR_RETURN(const int64_t expired, database_.Write(call, [&](Transaction& tx) {
      return FailExpired(tx, timestamps::WholeMicroseconds(clock_()), random, signal_);
    }));
    if (expired < kExpiredAtOnce) break;
  }
  return database_.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(std::vector<std::string> queues, store::ReadyAllDue(tx, clock_()));
    NotifyAfterCommit(tx, std::move(queues), signal_);
    return absl::OkStatus();
  });
}

absl::Status Maintenance::LookAtBacklogs(const Call& call) {
  return database_.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<store::Backlog> backlogs, store::LookAtBacklogs(tx));
    for (const store::Backlog& backlog : backlogs) {
      RETURN_IF_ERROR(TellBacklog(tx, backlog, timestamps::WholeMicroseconds(clock_())));
    }
    return absl::OkStatus();
  });
}

absl::Status Maintenance::Count(const Call& call) {
  ASSIGN_OR_RETURN(const std::vector<store::Count> counts,
                   database_.Read(call, [](Transaction& tx) { return store::CountJobs(tx); }));
  for (const auto& [key, gauge] : gauges_) gauge.Set(0);
  for (const store::Count& count : counts) {
    const std::pair<std::string, int64_t> key(count.queue, count.state);
    auto gauge = gauges_.find(key);
    if (gauge == gauges_.end()) {
      if (gauges_.size() >= kMaxGauges) continue;  // A label takes few values.
      const auto status = static_cast<v1::JobStatus>(count.state);
      gauge = gauges_
                  .emplace(key, metrics_.Gauge("queue_jobs", "Jobs that are not finished",
                                               {{"queue", count.queue},
                                                {"status", std::string(enums::Word(status))}}))
                  .first;
    }
    gauge->second.Set(static_cast<double>(count.jobs));
  }
  return absl::OkStatus();
}

absl::Status Maintenance::Forget(const Call& call) {
  const absl::Time now = clock_();
  int64_t forgotten = kForgottenAtOnce;
  while (forgotten == kForgottenAtOnce && call.Remaining() > kEndOfTurn) {
    ASSIGN_OR_RETURN(forgotten, database_.Write(call, [&](Transaction& tx) {
      return store::ForgetFinished(tx, now - kFinishedLast, kForgottenAtOnce);
    }));
  }
  return database_
      .Write(call, [&](Transaction& tx) { return store::ForgetWorkers(tx, now - kWorkersLast); })
      .status();
}

}  // namespace selfology::queue
