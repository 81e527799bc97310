// The queue in a process of the mesh, over real PostgreSQL, Redis and relay, with a clock that the
// test may put forward.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "selfology/queue/v1/queue_admin_service_client.h"
#include "selfology/queue/v1/queue_service_client.h"
#include "selfology/queue/v1/schedule_service_client.h"
#include "selfology/queue/v1/worker_service_client.h"
#include "services/platform/queue/module.h"
#include "testing/mesh_test.h"

namespace selfology::queue {

class QueueTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(MakeModule()),
              [this](service::Settings& settings) { settings.clock = [this] { return Now(); }; });
    jobs_.emplace(Peer("queue"));
    workers_.emplace(Peer("queue"));
    admin_.emplace(Peer("queue"));
    schedules_.emplace(Peer("queue"));
  }

  absl::Time Now() const { return absl::Now() + absl::Milliseconds(ahead_ms_.load()); }
  void PutForward(absl::Duration by) { ahead_ms_ += absl::ToInt64Milliseconds(by); }

  static google::protobuf::Struct Json(const std::string& text) {
    google::protobuf::Struct json;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(text, &json).ok()) << text;
    return json;
  }

  static v1::NewJob NewJob(const std::string& kind, const std::string& queue = "work") {
    v1::NewJob job;
    job.set_queue(queue);
    job.set_kind(kind);
    return job;
  }

  absl::StatusOr<v1::EnqueueJobResponse> Enqueue(const v1::NewJob& job,
                                                 const std::string& key = "") {
    v1::EnqueueJobRequest request;
    *request.mutable_job() = job;
    request.set_idempotency_key(key.empty() ? absl::StrCat("key-", ++keys_) : key);
    return jobs_->EnqueueJob(Deadline(), request);
  }
  // The id; 0 when it failed, which fails the test.
  int64_t Add(const v1::NewJob& job) {
    const auto response = Enqueue(job);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->job().job_id() : 0;
  }

  std::vector<v1::LeasedJob> Lease(int max_jobs = 1, const std::string& queue = "work",
                                   const std::vector<std::string>& kinds = {}) {
    v1::LeaseJobsRequest request;
    request.set_queue(queue);
    request.set_worker("tester");
    request.set_max_jobs(max_jobs);
    for (const std::string& kind : kinds) request.add_kinds(kind);
    const auto response = workers_->LeaseJobs(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    return {response->jobs().begin(), response->jobs().end()};
  }
  static std::vector<std::string> Kinds(const std::vector<v1::LeasedJob>& jobs) {
    std::vector<std::string> kinds;
    for (const v1::LeasedJob& job : jobs) kinds.push_back(job.kind());
    return kinds;
  }

  // Whether the lease was still held.
  bool Complete(const v1::LeasedJob& job, const std::string& result = "") {
    v1::CompleteJobsRequest request;
    v1::Completion& completion = *request.add_completions();
    *completion.mutable_lease() = job.lease();
    if (!result.empty()) *completion.mutable_result() = Json(result);
    const auto response = workers_->CompleteJobs(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() && response->lost_job_ids().empty();
  }
  void CompleteAll(const std::vector<v1::LeasedJob>& jobs) {
    for (const v1::LeasedJob& job : jobs) EXPECT_TRUE(Complete(job));
  }

  v1::FailJobsResponse Fail(const v1::Failure& failure) {
    v1::FailJobsRequest request;
    *request.add_failures() = failure;
    const auto response = workers_->FailJobs(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::FailJobsResponse();
  }
  static v1::Failure FailureOf(const v1::LeasedJob& job, const std::string& error) {
    v1::Failure failure;
    *failure.mutable_lease() = job.lease();
    failure.set_error(error);
    return failure;
  }

  // Without a job: an empty one.
  v1::Job Get(int64_t job_id) {
    v1::GetJobRequest request;
    request.set_job_id(job_id);
    const auto response = jobs_->GetJob(Deadline(), request);
    return response.ok() ? response->job() : v1::Job();
  }
  v1::JobStatus StatusOf(int64_t job_id) { return Get(job_id).status(); }

  v1::Job Cancel(int64_t job_id) {
    v1::CancelJobRequest request;
    request.set_job_id(job_id);
    const auto response = jobs_->CancelJob(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->job() : v1::Job();
  }

  v1::QueueState StateOf(const std::string& queue) {
    const auto response = admin_->ListQueues(Deadline(), v1::ListQueuesRequest());
    EXPECT_TRUE(response.ok()) << response.status();
    if (response.ok()) {
      for (const v1::QueueState& state : response->queues()) {
        if (state.queue() == queue) return state;
      }
    }
    return {};
  }

  std::optional<v1::QueueServiceClient> jobs_;
  std::optional<v1::WorkerServiceClient> workers_;
  std::optional<v1::QueueAdminServiceClient> admin_;
  std::optional<v1::ScheduleServiceClient> schedules_;

 private:
  std::atomic<int64_t> ahead_ms_ = 0;
  int keys_ = 0;
};

}  // namespace selfology::queue
