#include "services/platform/queue/worker_service.h"

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/platform/queue/lease_store.h"
#include "services/platform/queue/queue_fixture_test.h"
#include "services/platform/queue/ready_signal.h"

namespace selfology::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class WorkerServiceTest : public QueueTest {
 protected:
  v1::NewJob Keyed(const std::string& kind, const std::string& ordering_key) {
    v1::NewJob job = NewJob(kind);
    job.set_ordering_key(ordering_key);
    return job;
  }
  void Limit(const v1::QueueLimits& limits) {
    v1::ConfigureQueueRequest request;
    request.set_queue("work");
    *request.mutable_limits() = limits;
    const auto response = admin_->ConfigureQueue(Deadline(), request);
    ASSERT_TRUE(response.ok()) << response.status();
  }
};

TEST_F(WorkerServiceTest, PriorityGoesBeforeAge) {
  v1::NewJob job = NewJob("late");
  job.set_priority(9);
  Add(job);
  Add(NewJob("usual1"));
  job = NewJob("urgent");
  job.set_priority(1);
  Add(job);
  Add(NewJob("usual2"));
  EXPECT_THAT(Kinds(Lease(3)), ElementsAre("urgent", "usual1", "usual2"));
  EXPECT_THAT(Kinds(Lease(3)), ElementsAre("late"));
}

TEST_F(WorkerServiceTest, TakesOnlyTheKindsItAsksFor) {
  Add(NewJob("a"));
  Add(NewJob("b"));
  Add(NewJob("c"));
  EXPECT_THAT(Kinds(Lease(10, "work", {"c", "b"})), ElementsAre("b", "c"));
  EXPECT_THAT(Lease(10, "elsewhere"), IsEmpty());
}

TEST_F(WorkerServiceTest, ADelayedJobComesAtItsTime) {
  v1::NewJob job = NewJob("later");
  *job.mutable_run_at() = timestamps::ToProto(Now() + absl::Hours(1));
  const int64_t id = Add(job);
  EXPECT_EQ(StatusOf(id), v1::JOB_STATUS_SCHEDULED);
  EXPECT_THAT(Lease(), IsEmpty());
  PutForward(absl::Minutes(61));
  EXPECT_THAT(Kinds(Lease()), ElementsAre("later"));
}

TEST_F(WorkerServiceTest, WhenTheNextJobIsDueIsKnownAlsoWhileOthersAreReady) {
  const absl::Time soon = absl::FromUnixSeconds(absl::ToUnixSeconds(Now() + absl::Hours(1)));
  v1::NewJob job = NewJob("soon");
  *job.mutable_run_at() = timestamps::ToProto(soon);
  Add(job);
  *job.mutable_run_at() = timestamps::ToProto(soon + absl::Seconds(1));
  Add(job);
  Add(NewJob("now"));
  const auto found = [&](absl::Time now) {
    auto ready = DatabaseAs("selfology_queue").Read(Deadline(), [&](postgres::Transaction& tx) {
      return store::FindReady(tx, {"work", "elsewhere"}, now);
    });
    EXPECT_TRUE(ready.ok()) << ready.status();
    return ready.value_or(ReadySignal::Found());
  };
  EXPECT_THAT(found(Now()).ready, ElementsAre("work"));
  EXPECT_EQ(found(Now()).next_due, soon);
  CompleteAll(Lease());
  EXPECT_THAT(found(Now()).ready, IsEmpty());
  EXPECT_EQ(found(Now()).next_due, soon);
  EXPECT_THAT(found(soon).ready, ElementsAre("work"));
  EXPECT_EQ(found(soon).next_due, soon + absl::Seconds(1));
}

TEST_F(WorkerServiceTest, AStalledWorkersLateWordIsRefused) {
  const int64_t id = Add(NewJob("slow"));
  const auto stalled = Lease();
  ASSERT_THAT(stalled, SizeIs(1));
  PutForward(absl::Minutes(1));
  // The queue notices, and the job is tried again after its backoff.
  Await("the lease to be taken back", [&] { return StatusOf(id) != v1::JOB_STATUS_RUNNING; });
  EXPECT_THAT(Get(id).last_error(), ::testing::HasSubstr("lease"));
  PutForward(absl::Minutes(1));
  const auto second = Lease();
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].attempt(), 2);
  EXPECT_GT(second[0].lease().fencing_token(), stalled[0].lease().fencing_token());

  EXPECT_FALSE(Complete(stalled[0]));
  EXPECT_THAT(Fail(FailureOf(stalled[0], "late")).lost_job_ids(), ElementsAre(id));
  v1::ExtendLeasesRequest extend;
  *extend.add_leases() = stalled[0].lease();
  EXPECT_THAT(workers_->ExtendLeases(Deadline(), extend)->lost_job_ids(), ElementsAre(id));
  v1::ReportProgressRequest progress;
  *progress.mutable_lease() = stalled[0].lease();
  EXPECT_EQ(status::Reason(workers_->ReportProgress(Deadline(), progress).status()),
            "JOB_NOT_FOUND");
  EXPECT_EQ(StatusOf(id), v1::JOB_STATUS_RUNNING);

  EXPECT_TRUE(Complete(second[0]));
  // Said again, it is still true; said by the other, it is still false.
  EXPECT_TRUE(Complete(second[0]));
  EXPECT_FALSE(Complete(stalled[0]));
}

TEST_F(WorkerServiceTest, SignsOfLifeKeepALease) {
  const int64_t id = Add(NewJob("long"));
  const auto leased = Lease();
  ASSERT_THAT(leased, SizeIs(1));
  for (int i = 0; i < 3; ++i) {
    PutForward(absl::Seconds(25));
    v1::ReportProgressRequest progress;
    *progress.mutable_lease() = leased[0].lease();
    progress.set_progress_percent(30.0 * i);
    progress.set_progress_note("on the way");
    const auto reported = workers_->ReportProgress(Deadline(), progress);
    ASSERT_TRUE(reported.ok()) << reported.status();
    EXPECT_GT(timestamps::FromProto(reported->lease_until()), Now() + absl::Seconds(20));
  }
  EXPECT_EQ(Get(id).progress_percent(), 60);
  EXPECT_EQ(Get(id).progress_note(), "on the way");
  EXPECT_TRUE(Complete(leased[0]));
}

TEST_F(WorkerServiceTest, JobsOfAKeyKeepTheirOrderThroughRetriesAndPriorities) {
  v1::NewJob urgent = Keyed("k2", "k");
  urgent.set_priority(1);
  Add(Keyed("k1", "k"));
  Add(urgent);
  Add(Keyed("k3", "k"));
  Add(Keyed("other", "o"));
  auto leased = Lease(10);
  ASSERT_THAT(Kinds(leased), ElementsAre("k1", "other"));
  // A retry holds back its key only.
  v1::Failure failure = FailureOf(leased[0], "not now");
  failure.mutable_retry_after()->set_seconds(600);
  Fail(failure);
  Add(NewJob("free"));
  EXPECT_THAT(Kinds(Lease(10)), ElementsAre("free"));
  PutForward(absl::Minutes(11));
  leased = Lease(10);
  ASSERT_THAT(Kinds(leased), ElementsAre("k1"));
  EXPECT_TRUE(Complete(leased[0]));
  leased = Lease(10);
  ASSERT_THAT(Kinds(leased), ElementsAre("k2"));
  Cancel(leased[0].lease().job_id());
  Fail(FailureOf(leased[0], "cancelled"));
  EXPECT_THAT(Kinds(Lease(10)), ElementsAre("k3"));
}

TEST_F(WorkerServiceTest, AQueueRunsAtMostSoMany) {
  v1::QueueLimits limits;
  limits.set_max_running(2);
  Limit(limits);
  for (int i = 0; i < 5; ++i) Add(NewJob(absl::StrCat("j", i)));
  const auto first = Lease(10);
  EXPECT_THAT(Kinds(first), ElementsAre("j0", "j1"));
  EXPECT_THAT(Lease(10), IsEmpty());
  EXPECT_TRUE(Complete(first[0]));
  EXPECT_THAT(Kinds(Lease(10)), ElementsAre("j2"));
}

TEST_F(WorkerServiceTest, AQueueBeginsAtMostSoManyInAPeriod) {
  v1::QueueLimits limits;
  limits.set_rate_jobs(2);
  limits.mutable_rate_period()->set_seconds(3600);
  Limit(limits);
  for (int i = 0; i < 5; ++i) Add(NewJob(absl::StrCat("j", i)));
  CompleteAll(Lease(1));
  CompleteAll(Lease(10));
  EXPECT_THAT(Lease(10), IsEmpty());
  PutForward(absl::Minutes(31));
  EXPECT_THAT(Kinds(Lease(10)), ElementsAre("j2"));
  PutForward(absl::Hours(5));
  EXPECT_THAT(Kinds(Lease(10)), ElementsAre("j3", "j4"));
}

TEST_F(WorkerServiceTest, OneConcurrencyKeyRunsOneAtATime) {
  v1::NewJob job = NewJob("a1");
  job.set_concurrency_key("a");
  Add(job);
  job.set_kind("a2");
  Add(job);
  job.set_kind("b1");
  job.set_concurrency_key("b");
  Add(job);
  Add(NewJob("free"));
  auto leased = Lease(10);
  EXPECT_THAT(Kinds(leased), ::testing::UnorderedElementsAre("a1", "b1", "free"));
  EXPECT_THAT(Lease(10), IsEmpty());
  CompleteAll(leased);
  EXPECT_THAT(Kinds(Lease(10)), ElementsAre("a2"));
}

TEST_F(WorkerServiceTest, APausedQueueGivesNothing) {
  const int64_t id = Add(NewJob("running"));
  const auto running = Lease();
  Add(NewJob("waiting"));
  v1::PauseQueueRequest pause;
  pause.set_queue("work");
  ASSERT_TRUE(admin_->PauseQueue(Deadline(), pause).ok());
  EXPECT_THAT(Lease(10), IsEmpty());
  EXPECT_TRUE(StateOf("work").paused());
  EXPECT_TRUE(Complete(running[0]));
  EXPECT_EQ(StatusOf(id), v1::JOB_STATUS_COMPLETED);
  v1::ResumeQueueRequest resume;
  resume.set_queue("work");
  ASSERT_TRUE(admin_->ResumeQueue(Deadline(), resume).ok());
  EXPECT_THAT(Kinds(Lease(10)), ElementsAre("waiting"));
}

TEST_F(WorkerServiceTest, WhoWaitsIsWokenByANewJob) {
  std::vector<v1::LeasedJob> got;
  std::thread worker([&] {
    v1::LeaseJobsRequest request;
    request.set_queue("file_processing_queue");
    request.set_worker("patient");
    request.mutable_wait()->set_seconds(20);
    const auto response = workers_->LeaseJobs(Deadline(), request);
    if (response.ok()) got.assign(response->jobs().begin(), response->jobs().end());
  });
  Await("the worker to have asked in vain", [&] {
    const auto types = jobs_->DescribeJobTypes(Deadline(), v1::DescribeJobTypesRequest());
    return types.ok() && !types->types(v1::JOB_TYPE_IMAGE_OPTIMIZATION - 1).waiting();
  });
  v1::NewJob job;
  job.set_kind("image_optimization");
  *job.mutable_payload() = Json(R"({"file_id": "f"})");
  Add(job);
  worker.join();
  EXPECT_THAT(Kinds(got), ElementsAre("image_optimization"));
}

TEST_F(WorkerServiceTest, SaysWhatIsWrongWithARequest) {
  v1::LeaseJobsRequest request;
  request.set_max_jobs(1001);
  request.mutable_wait()->set_seconds(21);
  request.mutable_lease_time()->set_seconds(0);
  EXPECT_THAT(status::Violations(workers_->LeaseJobs(Deadline(), request).status()), SizeIs(5));
  v1::ReportProgressRequest progress;
  progress.set_progress_percent(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(status::Violations(workers_->ReportProgress(Deadline(), progress).status()),
              SizeIs(1));
  EXPECT_FALSE(workers_->CompleteJobs(Deadline(), v1::CompleteJobsRequest()).ok());
}

// Many workers drain a queue of ordered and other jobs, some of which fail at first: each is
// completed once, those of a key in their order, and never two of a key at a time.
TEST_F(WorkerServiceTest, ManyWorkersDrainAQueueTogether) {
  constexpr int kJobs = 600, kKeys = 10, kWorkers = 6;
  v1::EnqueueJobsRequest batch;
  batch.set_idempotency_key("all");
  for (int i = 0; i < kJobs; ++i) {
    v1::NewJob& job = *batch.add_jobs();
    job = i % 3 == 0 ? NewJob("free") : Keyed("ordered", absl::StrCat(i % kKeys));
    (*job.mutable_payload()->mutable_fields())["n"].set_number_value(i);
    job.add_retry_delays();  // At once.
  }
  ASSERT_TRUE(jobs_->EnqueueJobs(Deadline(), batch).ok());

  std::mutex mutex;
  std::map<int, int> completed;
  std::map<std::string, std::vector<int>> order;
  std::set<std::string> running;
  std::atomic<bool> broken = false;
  const auto work = [&](int number) {
    v1::WorkerServiceClient client(Peer("queue"));
    while (true) {
      v1::LeaseJobsRequest request;
      request.set_queue("work");
      request.set_worker(absl::StrCat("w", number));
      request.set_max_jobs(7);
      const auto leased = client.LeaseJobs(Deadline(), request);
      if (!leased.ok()) {
        broken = true;
        return;
      }
      if (leased->jobs().empty()) {
        const std::lock_guard lock(mutex);
        if (completed.size() == kJobs) return;
        continue;
      }
      v1::CompleteJobsRequest done;
      v1::FailJobsRequest failed;
      for (const v1::LeasedJob& job : leased->jobs()) {
        const std::lock_guard lock(mutex);
        const int n = static_cast<int>(job.payload().fields().at("n").number_value());
        if (!job.ordering_key().empty() && !running.insert(job.ordering_key()).second) {
          broken = true;
        }
        if (n % 7 == 0 && job.attempt() == 1) {
          *failed.add_failures()->mutable_lease() = job.lease();
        } else {
          ++completed[n];
          order[job.ordering_key()].push_back(n);
          *done.add_completions()->mutable_lease() = job.lease();
        }
        running.erase(job.ordering_key());
      }
      if (done.completions_size() > 0) {
        const auto response = client.CompleteJobs(Deadline(), done);
        if (!response.ok() || !response->lost_job_ids().empty()) broken = true;
      }
      if (failed.failures_size() > 0 && !client.FailJobs(Deadline(), failed).ok()) broken = true;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kWorkers; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(broken);
  EXPECT_THAT(completed, SizeIs(kJobs));
  for (const auto& [n, times] : completed) EXPECT_EQ(times, 1) << n;
  for (const auto& [key, numbers] : order) {
    if (!key.empty()) EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end())) << key;
  }
}

}  // namespace
}  // namespace selfology::queue
