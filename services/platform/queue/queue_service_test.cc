#include "services/platform/queue/queue_service.h"

#include <string>
#include <vector>

#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/queue.pb.h"
#include "services/platform/queue/queue_fixture_test.h"
#include "testing/proto_matchers.h"

namespace selfology::queue {
namespace {

using events::v1::JobCancelled;
using events::v1::JobCompleted;
using events::v1::JobFailed;
using events::v1::JobRequested;
using ::selfology::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;

class QueueServiceTest : public QueueTest {};

TEST_F(QueueServiceTest, AJobIsEnqueuedWorkedAndKeptWithItsResult) {
  v1::NewJob job = NewJob("greet");
  *job.mutable_payload() = Json(R"({"name": "Ada", "times": 3, "deep": {"list": [1, null, "x"]}})");
  job.set_reference("greeting:1");
  const auto enqueued = Enqueue(job);
  ASSERT_TRUE(enqueued.ok()) << enqueued.status();
  EXPECT_TRUE(enqueued->is_new());
  EXPECT_EQ(enqueued->job().status(), v1::JOB_STATUS_READY);

  const auto leased = Lease();
  ASSERT_THAT(leased, SizeIs(1));
  EXPECT_EQ(leased[0].kind(), "greet");
  EXPECT_EQ(leased[0].attempt(), 1);
  EXPECT_EQ(leased[0].reference(), "greeting:1");
  EXPECT_THAT(leased[0].payload(), EqualsProto(job.payload()));
  EXPECT_EQ(StatusOf(leased[0].lease().job_id()), v1::JOB_STATUS_RUNNING);
  EXPECT_THAT(Lease(), IsEmpty());

  EXPECT_TRUE(Complete(leased[0], R"({"greeted": true})"));
  const v1::Job done = Get(leased[0].lease().job_id());
  EXPECT_EQ(done.status(), v1::JOB_STATUS_COMPLETED);
  EXPECT_EQ(done.progress_percent(), 100);
  EXPECT_THAT(done.result(), EqualsProto(Json(R"({"greeted": true})")));
  EXPECT_THAT(done.payload(), EqualsProto(job.payload()));
  EXPECT_TRUE(done.has_finished_at());
  // Nobody asked to be told.
  EXPECT_THAT(Published<JobCompleted>(), IsEmpty());
}

TEST_F(QueueServiceTest, ARequestSentTwiceMakesOneJob) {
  const auto first = Enqueue(NewJob("a"), "same");
  const auto again = Enqueue(NewJob("a"), "same");
  ASSERT_TRUE(first.ok() && again.ok()) << again.status();
  EXPECT_TRUE(first->is_new());
  EXPECT_FALSE(again->is_new());
  EXPECT_EQ(again->job().job_id(), first->job().job_id());
  // Also when it is done by now.
  CompleteAll(Lease(10));
  const auto late = Enqueue(NewJob("a"), "same");
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_EQ(late->job().status(), v1::JOB_STATUS_COMPLETED);
  EXPECT_THAT(Lease(10), IsEmpty());
}

TEST_F(QueueServiceTest, NamesAllThatIsWrongWithARequest) {
  v1::EnqueueJobRequest request;
  const absl::Status bad = jobs_->EnqueueJob(Deadline(), request).status();
  EXPECT_THAT(status::Violations(bad), SizeIs(3)) << bad;
  v1::NewJob job = NewJob("a");
  job.add_after_positions(0);
  EXPECT_THAT(status::Violations(Enqueue(job).status()), SizeIs(1));
  EXPECT_THAT(status::Violations(jobs_->EnqueueJobs(Deadline(), v1::EnqueueJobsRequest()).status()),
              SizeIs(2));
  job = NewJob("a");
  job.add_after_job_ids(99'999);
  EXPECT_EQ(status::Reason(Enqueue(job).status()), "JOB_NOT_FOUND");
  EXPECT_EQ(status::Reason(jobs_->GetJob(Deadline(), v1::GetJobRequest()).status()),
            "JOB_NOT_FOUND");
}

TEST_F(QueueServiceTest, OneJobOfAUniqueKeyWaitsAtATime) {
  v1::NewJob job = NewJob("digest");
  job.set_unique_key("of today");
  const int64_t first = Add(job);
  const auto again = Enqueue(job);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->is_new());
  EXPECT_EQ(again->job().job_id(), first);
  v1::NewJob elsewhere = job;
  elsewhere.set_queue("other");
  EXPECT_NE(Add(elsewhere), first);
  CompleteAll(Lease(10));
  EXPECT_NE(Add(job), first);
}

TEST_F(QueueServiceTest, ABatchIsEnqueuedWholeOrNotAtAll) {
  v1::EnqueueJobsRequest request;
  request.set_idempotency_key("batch");
  for (int i = 0; i < 3; ++i) *request.add_jobs() = NewJob(absl::StrCat("job", i));
  request.mutable_jobs(1)->set_unique_key("u");
  *request.add_jobs() = request.jobs(1);
  request.mutable_jobs(2)->add_after_job_ids(99'999);
  EXPECT_FALSE(jobs_->EnqueueJobs(Deadline(), request).ok());
  EXPECT_THAT(Lease(10), IsEmpty());
  request.mutable_jobs(2)->clear_after_job_ids();
  const auto made = jobs_->EnqueueJobs(Deadline(), request);
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_THAT(made->job_ids(), SizeIs(4));
  EXPECT_EQ(made->job_ids(3), made->job_ids(1));
  EXPECT_THAT(Kinds(Lease(10)), ElementsAre("job0", "job1", "job2"));
  const auto again = jobs_->EnqueueJobs(Deadline(), request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->is_new());
  EXPECT_THAT(again->job_ids(), ::testing::ElementsAreArray(made->job_ids()));
}

TEST_F(QueueServiceTest, AFlowGoesFromJobToJob) {
  v1::EnqueueJobsRequest request;
  request.set_idempotency_key("flow");
  for (const char* kind : {"fetch_a", "fetch_b", "join", "mail"})
    *request.add_jobs() = NewJob(kind);
  request.mutable_jobs(2)->add_after_positions(0);
  request.mutable_jobs(2)->add_after_positions(1);
  request.mutable_jobs(3)->add_after_positions(2);
  const auto made = jobs_->EnqueueJobs(Deadline(), request);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(StatusOf(made->job_ids(2)), v1::JOB_STATUS_BLOCKED);
  EXPECT_THAT(Get(made->job_ids(2)).after_job_ids(),
              ElementsAre(made->job_ids(0), made->job_ids(1)));
  const auto fetches = Lease(10);
  EXPECT_THAT(Kinds(fetches), ElementsAre("fetch_a", "fetch_b"));
  EXPECT_TRUE(Complete(fetches[1]));
  EXPECT_THAT(Lease(10), IsEmpty());
  EXPECT_TRUE(Complete(fetches[0]));
  const auto join = Lease(10);
  EXPECT_THAT(Kinds(join), ElementsAre("join"));
  EXPECT_TRUE(Complete(join[0]));
  const auto mail = Lease(10);
  EXPECT_THAT(Kinds(mail), ElementsAre("mail"));
  // What follows something that is done need not wait.
  v1::NewJob late = NewJob("late");
  late.add_after_job_ids(made->job_ids(0));
  EXPECT_EQ(StatusOf(Add(late)), v1::JOB_STATUS_READY);
}

TEST_F(QueueServiceTest, ACancelledJobTakesItsFollowersWithIt) {
  v1::NewJob job = NewJob("first");
  job.set_announce(true);
  const int64_t first = Add(job);
  v1::NewJob second = NewJob("second");
  second.add_after_job_ids(first);
  second.set_announce(true);
  const int64_t second_id = Add(second);
  v1::NewJob third = NewJob("third");
  third.add_after_job_ids(second_id);
  const int64_t third_id = Add(third);
  EXPECT_EQ(Cancel(first).status(), v1::JOB_STATUS_CANCELLED);
  EXPECT_EQ(StatusOf(second_id), v1::JOB_STATUS_CANCELLED);
  EXPECT_EQ(StatusOf(third_id), v1::JOB_STATUS_CANCELLED);
  EXPECT_THAT(Published<JobCancelled>(), SizeIs(2));
  // And one that comes later.
  v1::NewJob fourth = NewJob("fourth");
  fourth.add_after_job_ids(first);
  EXPECT_EQ(StatusOf(Add(fourth)), v1::JOB_STATUS_CANCELLED);
  EXPECT_THAT(Lease(10), IsEmpty());
  // Again: nothing changes.
  EXPECT_EQ(Cancel(first).status(), v1::JOB_STATUS_CANCELLED);
  EXPECT_THAT(Published<JobCancelled>(), SizeIs(2));
}

TEST_F(QueueServiceTest, AWorkerIsAskedToStop) {
  const int64_t id = Add(NewJob("long"));
  const auto leased = Lease();
  ASSERT_THAT(leased, SizeIs(1));
  EXPECT_TRUE(Cancel(id).cancel_requested());
  EXPECT_EQ(StatusOf(id), v1::JOB_STATUS_RUNNING);
  v1::ExtendLeasesRequest extend;
  *extend.add_leases() = leased[0].lease();
  const auto extended = workers_->ExtendLeases(Deadline(), extend);
  ASSERT_TRUE(extended.ok()) << extended.status();
  EXPECT_THAT(extended->cancelled_job_ids(), ElementsAre(id));
  EXPECT_THAT(extended->lost_job_ids(), IsEmpty());
  Fail(FailureOf(leased[0], "stopped"));
  const v1::Job job = Get(id);
  EXPECT_EQ(job.status(), v1::JOB_STATUS_CANCELLED);
}

TEST_F(QueueServiceTest, AnEventEnqueuesOnceAndHearsOfTheEnd) {
  JobRequested event;
  event.set_order_by("report:7");
  event.set_user_id(kUser);
  *event.mutable_job() = NewJob("report");
  event.mutable_job()->set_reference("report:7");
  event.mutable_job()->set_max_attempts(1);
  Publish(event);
  AwaitHandled("job_queue", 1);
  Republish();
  event.set_order_by("report:8");
  event.mutable_job()->set_reference("report:8");
  Publish(event);
  Await("both jobs", [&] { return StateOf("work").ready() == 2; });
  const auto leased = Lease(10);
  ASSERT_THAT(leased, SizeIs(2));
  EXPECT_EQ(leased[0].user_id(), kUser);
  EXPECT_TRUE(Complete(leased[0], R"({"pages": 3})"));
  Fail(FailureOf(leased[1], "no paper"));
  const auto completed = Published<JobCompleted>();
  ASSERT_THAT(completed, SizeIs(1));
  EXPECT_EQ(completed[0].reference(), "report:7");
  EXPECT_EQ(completed[0].user_id(), kUser);
  EXPECT_THAT(completed[0].result(), EqualsProto(Json(R"({"pages": 3})")));
  const auto failed = Published<JobFailed>();
  ASSERT_THAT(failed, SizeIs(1));
  EXPECT_EQ(failed[0].reference(), "report:8");
  EXPECT_EQ(failed[0].error(), "no paper");
}

TEST_F(QueueServiceTest, TellsWhichKindsWaitForTheirOwners) {
  const auto waiting = [&](v1::JobType type) {
    const auto response = jobs_->DescribeJobTypes(Deadline(), v1::DescribeJobTypesRequest());
    EXPECT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->types_size(), 15);
    return response->types(type - 1).waiting();
  };
  EXPECT_TRUE(waiting(v1::JOB_TYPE_SCHEDULE_POST));
  v1::NewJob job;
  job.set_kind("schedule_post_job");
  *job.mutable_payload() = Json(R"({"content_id": "1", "platforms": ["facebook"]})");
  const int64_t id = Add(job);
  // By the alias; another kind of the queue is not asked for.
  const auto leased = Lease(1, "content_publishing_queue", {"schedule_post_job"});
  ASSERT_THAT(leased, SizeIs(1));
  EXPECT_EQ(leased[0].kind(), "schedule_post");
  EXPECT_FALSE(waiting(v1::JOB_TYPE_SCHEDULE_POST));
  EXPECT_TRUE(waiting(v1::JOB_TYPE_BULK_PUBLISH));
  EXPECT_TRUE(waiting(v1::JOB_TYPE_EMAIL_NOTIFICATION));
  EXPECT_TRUE(Complete(leased[0]));
  EXPECT_EQ(StatusOf(id), v1::JOB_STATUS_COMPLETED);
  PutForward(absl::Minutes(2));
  EXPECT_TRUE(waiting(v1::JOB_TYPE_SCHEDULE_POST));
}

TEST_F(QueueServiceTest, APersonSeesTheirJobsAndIsErasedForGood) {
  v1::NewJob job = NewJob("theirs");
  job.set_user_id(kUser);
  *job.mutable_payload() = Json(R"({"secret": "of a person"})");
  std::vector<int64_t> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(Add(job));
  const int64_t others = Add(NewJob("nobodys"));
  v1::NewJob following = NewJob("follows");
  following.add_after_job_ids(ids[4]);
  const int64_t follower = Add(following);
  v1::NewJob first = job, second = NewJob("second");
  first.set_ordering_key("k");
  second.set_ordering_key("k");
  Add(first);
  const int64_t behind = Add(second);
  CompleteAll(Lease(1));
  ASSERT_THAT(Lease(1), SizeIs(1));  // One is in a worker's hands.

  std::vector<int64_t> listed;
  v1::ListJobsRequest request;
  request.set_user_id(kUser);
  request.set_page_size(2);
  do {
    const auto page = jobs_->ListJobs(Deadline(), request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Job& one : page->jobs()) listed.push_back(one.job_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(listed, SizeIs(6));
  EXPECT_TRUE(std::is_sorted(listed.rbegin(), listed.rend()));
  v1::GetJobRequest get;
  get.set_job_id(others);
  get.set_user_id(kUser);
  EXPECT_EQ(status::Reason(jobs_->GetJob(Deadline(), get).status()), "JOB_NOT_FOUND");

  v1::DeleteUserDataRequest erase;
  erase.set_user_id(kUser);
  const auto erased = jobs_->DeleteUserData(Deadline(), erase);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(erased->deleted_rows(), 6);
  for (const int64_t id : ids) EXPECT_EQ(StatusOf(id), v1::JOB_STATUS_UNSPECIFIED);
  EXPECT_EQ(StatusOf(others), v1::JOB_STATUS_READY);
  EXPECT_EQ(StatusOf(follower), v1::JOB_STATUS_CANCELLED);
  EXPECT_EQ(StatusOf(behind), v1::JOB_STATUS_READY);
  EXPECT_EQ(jobs_->DeleteUserData(Deadline(), erase)->deleted_rows(), 0);
}

}  // namespace
}  // namespace selfology::queue
