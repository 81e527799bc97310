#include "services/platform/queue/queue_admin_service.h"

#include <string>

#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/queue.pb.h"
#include "services/platform/queue/queue_fixture_test.h"
#include "testing/proto_matchers.h"

namespace selfology::queue {
namespace {

using ::selfology::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class QueueAdminServiceTest : public QueueTest {
 protected:
  // Fails until it is a dead letter.
  int64_t Kill(v1::NewJob job) {
    const int64_t id = Add(job);
    const auto leased = Lease(1, job.queue(), {job.kind()});
    EXPECT_THAT(leased, SizeIs(1));
    v1::Failure failure = FailureOf(leased.at(0), "broken");
    failure.set_permanent(true);
    EXPECT_THAT(Fail(failure).dead_job_ids(), ElementsAre(id));
    return id;
  }
};

TEST_F(QueueAdminServiceTest, AJobDiesAfterItsAttemptsWithItsOwnDelays) {
  v1::NewJob job = NewJob("unlucky");
  job.set_max_attempts(3);
  job.add_retry_delays()->set_seconds(60);
  job.add_retry_delays()->set_seconds(600);
  const int64_t id = Add(job);
  Fail(FailureOf(Lease().at(0), "one"));
  EXPECT_EQ(StatusOf(id), v1::JOB_STATUS_SCHEDULED);
  PutForward(absl::Seconds(55));
  EXPECT_THAT(Lease(), IsEmpty());
  PutForward(absl::Seconds(6));
  v1::Failure uncounted = FailureOf(Lease().at(0), "put off");
  uncounted.set_not_counted(true);
  uncounted.mutable_retry_after();
  Fail(uncounted);
  Fail(FailureOf(Lease().at(0), "two"));
  PutForward(absl::Seconds(590));
  EXPECT_THAT(Lease(), IsEmpty());
  PutForward(absl::Seconds(11));
  EXPECT_THAT(Fail(FailureOf(Lease().at(0), "three")).dead_job_ids(), ElementsAre(id));
  const v1::Job dead = Get(id);
  EXPECT_EQ(dead.status(), v1::JOB_STATUS_DEAD);
  EXPECT_EQ(dead.attempt(), 3);
  EXPECT_EQ(dead.last_error(), "three");
  EXPECT_EQ(StateOf("work").dead(), 1);
}

TEST_F(QueueAdminServiceTest, ADeadLetterIsMendedAndReplayedInItsPlace) {
  v1::NewJob job = NewJob("charge");
  job.set_ordering_key("customer");
  *job.mutable_payload() = Json(R"({"amount": "ten"})");
  const int64_t id = Kill(job);
  job.set_kind("receipt");
  const int64_t behind = Add(job);
  // It parks its key.
  EXPECT_EQ(StatusOf(behind), v1::JOB_STATUS_QUEUED);
  EXPECT_THAT(Lease(10), IsEmpty());
  v1::ListDeadJobsRequest list;
  const auto letters = admin_->ListDeadJobs(Deadline(), list);
  ASSERT_TRUE(letters.ok()) << letters.status();
  ASSERT_THAT(letters->jobs(), SizeIs(1));
  EXPECT_EQ(letters->jobs(0).last_error(), "broken");

  v1::ReplayDeadJobRequest replay;
  replay.set_job_id(id);
  *replay.mutable_payload() = Json(R"({"amount": 10})");
  const auto replayed = admin_->ReplayDeadJob(Deadline(), replay);
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_EQ(replayed->job().status(), v1::JOB_STATUS_READY);
  EXPECT_EQ(replayed->job().attempt(), 0);
  const auto leased = Lease(10);
  ASSERT_THAT(Kinds(leased), ElementsAre("charge"));
  EXPECT_THAT(leased[0].payload(), EqualsProto(Json(R"({"amount": 10})")));
  // Replayed once more: it is no dead letter, and stays with its worker.
  EXPECT_EQ(admin_->ReplayDeadJob(Deadline(), replay)->job().status(), v1::JOB_STATUS_RUNNING);
  EXPECT_TRUE(Complete(leased[0]));
  EXPECT_THAT(Kinds(Lease(10)), ElementsAre("receipt"));
}

TEST_F(QueueAdminServiceTest, DeadLettersAreReplayedTogetherOrDiscarded) {
  Kill(NewJob("a"));
  Kill(NewJob("b"));
  Kill(NewJob("a"));
  const int64_t last = Kill(NewJob("a"));
  v1::NewJob following = NewJob("after");
  following.add_after_job_ids(last);
  const int64_t follower = Add(following);
  v1::DiscardDeadJobRequest discard;
  discard.set_job_id(last);
  const auto discarded = admin_->DiscardDeadJob(Deadline(), discard);
  ASSERT_TRUE(discarded.ok()) << discarded.status();
  EXPECT_EQ(discarded->job().status(), v1::JOB_STATUS_CANCELLED);
  EXPECT_EQ(discarded->job().last_error(), "broken");
  EXPECT_EQ(StatusOf(follower), v1::JOB_STATUS_CANCELLED);
  v1::ReplayDeadJobsRequest replay;
  replay.set_queue("work");
  replay.set_kind("a");
  EXPECT_EQ(admin_->ReplayDeadJobs(Deadline(), replay)->replayed(), 2);
  EXPECT_EQ(admin_->ReplayDeadJobs(Deadline(), replay)->replayed(), 0);
  EXPECT_THAT(Kinds(Lease(10)), ElementsAre("a", "a"));
  EXPECT_EQ(StateOf("work").dead(), 1);
}

TEST_F(QueueAdminServiceTest, ListsQueuesWithTheirNumbersInPages) {
  Add(NewJob("a", "one"));
  Add(NewJob("a", "two"));
  Add(NewJob("b", "two"));
  Lease(1, "two");
  v1::NewJob later = NewJob("c", "two");
  *later.mutable_run_at() = timestamps::ToProto(Now() + absl::Hours(1));
  Add(later);
  v1::ListQueuesRequest request;
  request.set_page_size(1);
  const auto first = admin_->ListQueues(Deadline(), request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_THAT(first->queues(), SizeIs(1));
  EXPECT_EQ(first->queues(0).queue(), "one");
  request.set_page_token(first->next_page_token());
  const auto second = admin_->ListQueues(Deadline(), request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(second->next_page_token().empty());
  const v1::QueueState& two = second->queues(0);
  EXPECT_EQ(two.ready(), 1);
  EXPECT_EQ(two.running(), 1);
  EXPECT_EQ(two.scheduled(), 1);
  EXPECT_EQ(two.limits().backlog_alert(), 1000);
  v1::ListQueueJobsRequest jobs;
  jobs.set_queue("two");
  EXPECT_THAT(admin_->ListQueueJobs(Deadline(), jobs)->jobs(), SizeIs(3));
  jobs.set_status(v1::JOB_STATUS_RUNNING);
  EXPECT_THAT(admin_->ListQueueJobs(Deadline(), jobs)->jobs(), SizeIs(1));
}

TEST_F(QueueAdminServiceTest, ABacklogIsToldOnceAndWhenItIsGone) {
  v1::ConfigureQueueRequest configure;
  configure.set_queue("work");
  configure.mutable_limits()->set_backlog_alert(10);
  ASSERT_TRUE(admin_->ConfigureQueue(Deadline(), configure).ok());
  for (int i = 0; i < 11; ++i) Add(NewJob("a"));
  PutForward(absl::Seconds(6));
  const auto exceeded = AwaitPublished<events::v1::QueueBacklogExceeded>();
  EXPECT_EQ(exceeded[0].queue(), "work");
  EXPECT_EQ(exceeded[0].threshold(), 10);
  EXPECT_TRUE(StateOf("work").has_backlog_since());
  CompleteAll(Lease(6));
  PutForward(absl::Seconds(6));
  AwaitPublished<events::v1::QueueBacklogCleared>();
  EXPECT_FALSE(StateOf("work").has_backlog_since());
  EXPECT_THAT(Published<events::v1::QueueBacklogExceeded>(), SizeIs(1));
}

TEST_F(QueueAdminServiceTest, RefusesLimitsThatMakeNoSense) {
  v1::ConfigureQueueRequest request;
  request.set_queue("WORK");
  EXPECT_THAT(status::Violations(admin_->ConfigureQueue(Deadline(), request).status()), SizeIs(1));
  request.set_queue("work");
  request.mutable_limits()->set_max_running(-1);
  request.mutable_limits()->set_rate_jobs(-1);
  request.mutable_limits()->mutable_rate_period()->set_seconds(0);
  EXPECT_THAT(status::Violations(admin_->ConfigureQueue(Deadline(), request).status()), SizeIs(3));
}

}  // namespace
}  // namespace selfology::queue
