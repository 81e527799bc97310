// The library for rooms that work jobs, over the real queue.
#include "common/jobs/worker.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/queue/v1/job_types.pb.h"
#include "services/platform/queue/queue_fixture_test.h"
#include "testing/proto_matchers.h"

namespace selfology::queue {
namespace {

using ::selfology::testing::EqualsProto;
using ::testing::HasSubstr;

class WorkerTest : public QueueTest {
 protected:
  void TearDown() override {
    stop_.Request();
    if (thread_.joinable()) thread_.join();
  }

  void Work(const std::string& queue, const std::map<std::string, jobs::Worker::Handler>& handlers,
            jobs::Options options = {}) {
    options.queue = queue;
    options.worker = "test";
    options.wait = absl::Milliseconds(200);
    worker_ = std::make_unique<jobs::Worker>(Peer("queue"), options);
    for (const auto& [kind, handler] : handlers) worker_->On(kind, handler);
    thread_ = std::thread([this] { worker_->Run(stop_); });
  }

  service::StopSignal stop_;
  std::unique_ptr<jobs::Worker> worker_;
  std::thread thread_;
};

TEST_F(WorkerTest, CompletesWithAResultAndReadsTypedPayloads) {
  Work("content_publishing_queue",
       {{"schedule_post_job", [](const Call& call, jobs::Job& job) -> absl::StatusOr<jobs::Result> {
           v1::SchedulePost post;
           absl::Status read = job.ReadPayload(post);
           if (!read.ok()) return read;
           read = job.Report(call, 50, "half");
           if (!read.ok()) return read;
           google::protobuf::Struct result;
           (*result.mutable_fields())["published"].set_number_value(post.platforms_size());
           return result;
         }}});
  v1::NewJob job;
  job.set_kind("schedule_post");
  *job.mutable_payload() = Json(R"({"content_id": "1", "platforms": ["facebook", "twitter"]})");
  const int64_t id = Add(job);
  Await("its end", [&] { return StatusOf(id) == v1::JOB_STATUS_COMPLETED; });
  EXPECT_THAT(Get(id).result(), EqualsProto(Json(R"({"published": 2})")));
  EXPECT_EQ(Get(id).progress_note(), "half");
}

TEST_F(WorkerTest, TriesAgainWhatMayHelpAndBuriesWhatDoesNot) {
  std::atomic<int> tries = 0;
  Work("work", {{"away",
                 [&](const Call&, jobs::Job&) -> absl::StatusOr<jobs::Result> {
                   ++tries;
                   if (tries < 3) {
                     return status::WithRetryAfter(absl::UnavailableError("away"),
                                                   absl::ZeroDuration());
                   }
                   return std::nullopt;
                 }},
                {"wrong", [](const Call&, jobs::Job&) -> absl::StatusOr<jobs::Result> {
                   return absl::NotFoundError("no such post");
                 }}});
  const int64_t away = Add(NewJob("away"));
  const int64_t wrong = Add(NewJob("wrong"));
  Await("both ends", [&] {
    return StatusOf(away) == v1::JOB_STATUS_COMPLETED && StatusOf(wrong) == v1::JOB_STATUS_DEAD;
  });
  EXPECT_EQ(tries, 3);
  EXPECT_EQ(Get(away).attempt(), 3);
  EXPECT_THAT(Get(wrong).last_error(), HasSubstr("no such post"));
}

TEST_F(WorkerTest, StopsAJobThatSomebodyCancels) {
  std::atomic<bool> began = false;
  Work("work",
       {{"endless",
         [&](const Call& call, jobs::Job&) -> absl::StatusOr<jobs::Result> {
           began = true;
           while (!call.Cancelled()) std::this_thread::yield();
           return absl::CancelledError("stopped");
         }}},
       {.queue = "", .worker = "", .lease_time = absl::Seconds(1)});
  const int64_t id = Add(NewJob("endless"));
  Await("its begin", [&] { return began.load(); });
  Cancel(id);
  Await("its end", [&] { return StatusOf(id) == v1::JOB_STATUS_CANCELLED; });
}

TEST_F(WorkerTest, GivesBackWhatItHasWhenItStops) {
  std::atomic<bool> began = false;
  Work("work", {{"long", [&](const Call& call, jobs::Job&) -> absl::StatusOr<jobs::Result> {
                   began = true;
                   while (!call.Cancelled()) std::this_thread::yield();
                   return absl::CancelledError("stopped");
                 }}});
  const int64_t id = Add(NewJob("long"));
  Await("its begin", [&] { return began.load(); });
  stop_.Request();
  thread_.join();
  const v1::Job job = Get(id);
  EXPECT_EQ(job.status(), v1::JOB_STATUS_READY);
  EXPECT_EQ(job.attempt(), 0);
}

}  // namespace
}  // namespace selfology::queue
