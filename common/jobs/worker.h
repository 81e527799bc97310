// A room that works jobs of the queue service.
//
//   auto worker = std::make_shared<jobs::Worker>(
//       mesh.Peer("queue"),
//       jobs::Options{.queue = "content_publishing_queue", .worker = "social"});
//   worker->On("schedule_post", [posts](const Call& call, jobs::Job& job) {
//     return posts->Publish(call, job);               // absl::StatusOr<jobs::Result>
//   });
//   mesh.Run("jobs", [worker](service::StopSignal& stop) { worker->Run(stop); });
//
// What a handler returns decides what becomes of the job:
// - OK: it is completed, with the result if there is one.
// - UNAVAILABLE, ABORTED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNKNOWN: it is tried
//   again later, by the job's own schedule, or when the status says so (status::WithRetryAfter).
// - CANCELLED: it is given back, and the attempt does not count, unless somebody cancelled the job.
// - any other: trying again makes no sense; it is a dead letter at once.
//
// A job is worked at least once: effects outside of the mesh should carry its id. Leases are
// extended while handlers run; call.Cancelled() is true once the lease is lost, the job was
// cancelled, or the process stops.
//
// A handler has an hour (call.deadline()).
//
// Errors: while the queue cannot be reached, it is asked again every few seconds. Threads: On comes
// before Run; handlers run on Options::threads threads at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/rpc/channel.h"
#include "common/service/stop_signal.h"
#include "google/protobuf/struct.pb.h"
#include "selfology/queue/v1/worker_service.pb.h"
#include "selfology/queue/v1/worker_service_client.h"

namespace selfology::jobs {

struct Options {
  std::string queue;
  std::string worker;  // For operators: the service's name, perhaps with the replica's.
  int threads = 2;
  int batch = 1;  // Jobs that a thread takes at a time, 1 to 1,000.
  absl::Duration lease_time = absl::Seconds(30);
  absl::Duration wait = absl::Seconds(1);  // How long a question waits at the queue, up to 20 s.
};

// What came out; nullopt: nothing to tell.
using Result = std::optional<google::protobuf::Struct>;

// A job in the worker's hands.
class Job {
 public:
  Job(queue::v1::LeasedJob job, queue::v1::WorkerServiceClient& queue)
      : job_(std::move(job)), queue_(queue) {}

  int64_t id() const { return job_.lease().job_id(); }
  // Grows with each lease of the job: what is written elsewhere should refuse lower ones.
  int64_t fencing_token() const { return job_.lease().fencing_token(); }
  const std::string& kind() const { return job_.kind(); }
  const google::protobuf::Struct& payload() const { return job_.payload(); }
  int attempt() const { return job_.attempt(); }  // From 1.
  int64_t user_id() const { return job_.user_id(); }
  // Whom it is about: the one that the payload names, or else the job's. INVALID_ARGUMENT when they
  // are two: whoever may enqueue for one person must not reach another.
  absl::StatusOr<int64_t> Person(int64_t named) const;
  const std::string& reference() const { return job_.reference(); }

  // The payload as a message of the contract (JobTypeOptions.payload_type). INVALID_ARGUMENT when
  // it is none.
  absl::Status ReadPayload(google::protobuf::Message& payload) const;

  // 0 to 100, and a few words. Errors: JOB_NOT_FOUND when the lease is lost.
  absl::Status Report(const Call& call, double percent, std::string_view note = "") const;

 private:
  const queue::v1::LeasedJob job_;
  queue::v1::WorkerServiceClient& queue_;
};

class Worker {
 public:
  using Handler = std::function<absl::StatusOr<Result>(const Call&, Job&)>;

  Worker(std::shared_ptr<rpc::Channel> queue, Options options);

  // Kinds by their names, or by the aliases of JobType.
  void On(std::string kind, Handler handler);

  // Until `stop` is requested.
  void Run(service::StopSignal& stop);

 private:
  void Work(service::StopSignal& stop);
  std::vector<queue::v1::LeasedJob> Lease(service::StopSignal& stop);
  void Handle(std::vector<queue::v1::LeasedJob> jobs, service::StopSignal& stop);
  absl::StatusOr<Result> HandleOne(const queue::v1::LeasedJob& leased, service::StopSignal& stop);
  void Finish(const queue::v1::CompleteJobsRequest& completed,
              const queue::v1::FailJobsRequest& failed);
  void ExtendLeases(service::StopSignal& stop);

  queue::v1::WorkerServiceClient queue_;
  const Options options_;
  std::map<std::string, Handler> handlers_;
  absl::Mutex mutex_;
  std::map<int64_t, int64_t> held_ ABSL_GUARDED_BY(mutex_);  // Fencing tokens by job.
  std::set<int64_t> stopped_ ABSL_GUARDED_BY(mutex_);        // Lost, or cancelled by somebody.
  std::atomic<bool> away_ = false;                           // The queue, as far as is known.
};

}  // namespace selfology::jobs
