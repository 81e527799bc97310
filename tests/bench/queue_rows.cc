// How many jobs go through the queue, beside River on the same PostgreSQL and BullMQ and Celery on
// the same Redis; and how late jobs begin that are due at a time. The queue is a process of its
// own, as are its peers (queue_peers/install); enqueuers and workers speak gRPC with it.

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/observe/metrics.h"
#include "common/rpc/channel.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/queue/v1/queue_service_client.h"
#include "selfology/queue/v1/worker_service_client.h"
#include "testing/servers/free_port.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/redis_server.h"
#include "tests/bench/ground.h"
#include "tests/bench/programs.h"
#include "tests/bench/rows.h"

namespace selfology::bench {
namespace {

namespace v1 = queue::v1;

constexpr int kEnqueuers = 2;
constexpr int kWorkers = 4;
constexpr int kBatch = 1000;      // Jobs of a request, as many as River's insert.
constexpr int kLeaseBatch = 500;  // That a worker takes at a time.
constexpr int kRounds = 3;
constexpr int64_t kJobs = 40'000;       // Beside River and BullMQ.
constexpr int64_t kCeleryJobs = 5'000;  // It is slower by far.
constexpr int64_t kScheduled = 10'000;
constexpr absl::Duration kScheduledWithin = absl::Minutes(1);
constexpr absl::Duration kPatience = absl::Minutes(5);

struct Running {
  std::unique_ptr<servers::PostgresServer> postgres;
  std::unique_ptr<servers::RedisServer> redis;
  std::unique_ptr<servers::Process> queue;
  std::string address;
};

absl::StatusOr<Running> StartAll() {
  Running running;
  ASSIGN_OR_RETURN(running.postgres, servers::PostgresServer::Start({.durable = true}));
  ASSIGN_OR_RETURN(running.redis, servers::RedisServer::Start({.port = servers::FreePort()}));
  running.address = absl::StrCat("127.0.0.1:", servers::FreePort());
  ASSIGN_OR_RETURN(
      running.queue,
      StartProgram("services/selfology",
                   {"--modules=queue", absl::StrCat("--grpc_address=", running.address),
                    "--http_address=127.0.0.1:0"},
                   {absl::StrCat("DATABASE_URL=", running.postgres->url()),
                    absl::StrCat("REDIS_URL=", running.redis->url())},
                   "\"serving\""));
  return running;
}

// Enqueuers and workers, each with a connection of its own.
class Load {
 public:
  explicit Load(std::string address) : address_(std::move(address)) {}

  // Jobs that do nothing, worked while they are enqueued; seconds from the first request to the
  // last answer.
  absl::StatusOr<double> Run(int64_t jobs) {
    const std::string queue = absl::StrCat("bench-", ++queues_);
    std::atomic<int64_t> done = 0;
    std::vector<std::thread> threads;
    const absl::Time begun = absl::Now();
    for (int i = 0; i < kEnqueuers; ++i) {
      threads.emplace_back([&, i] { Note(Enqueue(queue, i, jobs / kEnqueuers)); });
    }
    for (int i = 0; i < kWorkers; ++i) {
      threads.emplace_back([&, i] { Note(Work(queue, i, jobs, done)); });
    }
    for (std::thread& thread : threads) thread.join();
    const absl::Duration took = absl::Now() - begun;
    const absl::MutexLock lock(&mutex_);
    RETURN_IF_ERROR(status_);
    return absl::ToDoubleSeconds(took);
  }

  // Milliseconds between the time at which each of many jobs was due and its arrival at a worker.
  absl::StatusOr<std::vector<double>> Lateness() {
    const std::string queue = absl::StrCat("bench-", ++queues_);
    const absl::Time first = absl::Now() + absl::Seconds(5);
    const v1::QueueServiceClient jobs(Connect());
    for (int64_t at = 0; at < kScheduled; at += kBatch) {
      v1::EnqueueJobsRequest request;
      request.set_idempotency_key(absl::StrCat(queue, "/", at));
      for (int64_t i = at; i < at + kBatch; ++i) {
        v1::NewJob& job = *request.add_jobs();
        job.set_queue(queue);
        job.set_kind("scheduled");
        *job.mutable_run_at() = timestamps::ToProto(first + kScheduledWithin * i / kScheduled);
      }
      RETURN_IF_ERROR(jobs.EnqueueJobs(Patient(), request).status());
    }
    std::atomic<int64_t> done = 0;
    std::vector<double> late;
    std::vector<std::thread> threads;
    for (int i = 0; i < kWorkers; ++i) {
      threads.emplace_back([&, i] { Note(Work(queue, i, kScheduled, done, &late)); });
    }
    for (std::thread& thread : threads) thread.join();
    const absl::MutexLock lock(&mutex_);
    RETURN_IF_ERROR(status_);
    return late;
  }

 private:
  std::shared_ptr<rpc::Channel> Connect() {
    return rpc::Channel::Connect("queue", address_, requests_);
  }

  void Note(absl::Status status) {
    const absl::MutexLock lock(&mutex_);
    status_.Update(std::move(status));
  }

  absl::Status Enqueue(const std::string& queue, int nth, int64_t jobs) {
    const v1::QueueServiceClient client(Connect());
    for (int64_t at = 0; at < jobs; at += kBatch) {
      v1::EnqueueJobsRequest request;
      request.set_idempotency_key(absl::StrCat(queue, "/", nth, "/", at));
      for (int64_t i = at; i < std::min(at + kBatch, jobs); ++i) {
        v1::NewJob& job = *request.add_jobs();
        job.set_queue(queue);
        job.set_kind("number");
        (*job.mutable_payload()->mutable_fields())["n"].set_number_value(static_cast<double>(i));
      }
      RETURN_IF_ERROR(client.EnqueueJobs(Patient(), request).status());
    }
    return absl::OkStatus();
  }

  absl::Status Work(const std::string& queue, int nth, int64_t jobs, std::atomic<int64_t>& done,
                    std::vector<double>* late = nullptr) {
    const v1::WorkerServiceClient client(Connect());
    v1::LeaseJobsRequest ask;
    ask.set_queue(queue);
    ask.set_worker(absl::StrCat("worker-", nth));
    ask.set_max_jobs(kLeaseBatch);
    ask.mutable_wait()->set_nanos(200'000'000);
    const absl::Time deadline = absl::Now() + kPatience;
    while (done < jobs) {
      if (absl::Now() > deadline) {
        return absl::DeadlineExceededError(absl::StrCat(done.load(), " of ", jobs, " jobs done"));
      }
      ASSIGN_OR_RETURN(const v1::LeaseJobsResponse leased, client.LeaseJobs(Patient(), ask));
      if (leased.jobs().empty()) continue;
      if (late != nullptr) {
        const absl::Time now = absl::Now();
        const absl::MutexLock lock(&mutex_);
        for (const v1::LeasedJob& job : leased.jobs()) {
          late->push_back(absl::ToDoubleMilliseconds(now - timestamps::FromProto(job.run_at())));
        }
      }
      v1::CompleteJobsRequest complete;
      for (const v1::LeasedJob& job : leased.jobs()) {
        *complete.add_completions()->mutable_lease() = job.lease();
      }
      ASSIGN_OR_RETURN(const auto completed, client.CompleteJobs(Patient(), complete));
      if (!completed.lost_job_ids().empty()) return absl::InternalError("a lease was lost");
      done += leased.jobs_size();
    }
    return absl::OkStatus();
  }

  const std::string address_;
  observe::Requests requests_{nullptr, "rpc_client"};
  int queues_ = 0;
  absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

// What a peer says that it took, by its last word.
absl::StatusOr<double> RunPeer(const std::string& program, const std::string& url, int64_t jobs) {
  ASSIGN_OR_RETURN(const auto peer,
                   servers::Process::Start({.argv = {program, url, absl::StrCat(jobs)}}));
  ASSIGN_OR_RETURN(const int code, peer->Wait(absl::Now() + kPatience));
  const std::string output = peer->output();
  constexpr std::string_view kSays = "total_seconds ";
  const size_t at = output.rfind(kSays);
  double seconds = 0;
  if (code != 0 || at == output.npos ||
      !absl::SimpleAtod(output.substr(at + kSays.size(), output.find('\n', at) - at - kSays.size()),
                        &seconds)) {
    return absl::InternalError(absl::StrCat(program, ": ", output));
  }
  return seconds;
}

struct Peer {
  std::string name;  // Of the row, and of the program.
  std::string says;
  std::string url;
  int64_t jobs;
  double aim;
};

}  // namespace

absl::Status QueueRows(const Scale& scale, const Wanted& wanted, Report& report) {
  ASSIGN_OR_RETURN(const Running running, StartAll());
  Load load(running.address);
  RETURN_IF_ERROR(load.Run(kJobs / 4).status());  // Warms up.
  const Peer peers[] = {
      {"river", "River, same PostgreSQL", running.postgres->url(), kJobs, 1.5},
      {"bullmq", "BullMQ, same Redis", running.redis->url(), kJobs, 3},
      {"celery", "Celery, same Redis", running.redis->url(), kCeleryJobs, 3},
  };
  for (const Peer& peer : peers) {
    const std::string name = absl::StrCat("queue.", peer.name);
    if (!wanted(name)) continue;
    std::vector<double> ours, theirs;
    for (int round = 0; round < kRounds; ++round) {
      ASSIGN_OR_RETURN(const double seconds, load.Run(kJobs));
      ours.push_back(static_cast<double>(kJobs) / seconds);
      if (scale.queue_peers.empty()) continue;
      ASSIGN_OR_RETURN(
          const double peers_seconds,
          RunPeer(absl::StrCat(scale.queue_peers, "/", peer.name), peer.url, peer.jobs));
      theirs.push_back(static_cast<double>(peer.jobs) / peers_seconds);
    }
    report.Add(
        {.name = name,
         .what = "jobs enqueued, worked, completed",
         .unit = "jobs/s",
         .ours = Median(ours),
         .reference = theirs.empty() ? 0 : Median(theirs),
         .peer = theirs.empty() ? "no --queue_peers" : peer.says,
         .aim = {.kind = theirs.empty() ? Aim::kNone : Aim::kRatioAtLeast, .value = peer.aim}});
    if (scale.queue_peers.empty()) break;  // The others would be the same again.
  }
  if (!wanted("queue.lateness")) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<double> late, load.Lateness());
  report.Add({.name = "queue.lateness_p50",
              .what = "due to begun, 10,000 jobs in a minute",
              .unit = "ms",
              .ours = Quantile(late, 0.5)});
  report.Add({.name = "queue.lateness_p99",
              .what = "due to begun, 10,000 jobs in a minute",
              .unit = "ms",
              .ours = Quantile(late, 0.99),
              .aim = {.kind = Aim::kAtMost, .value = 50}});
  return absl::OkStatus();
}

}  // namespace selfology::bench
