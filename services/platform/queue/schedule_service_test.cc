#include "services/platform/queue/schedule_service.h"

#include <string>

#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/platform/queue/queue_fixture_test.h"

namespace selfology::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ScheduleServiceTest : public QueueTest {
 protected:
  absl::StatusOr<v1::PutScheduleResponse> Put(const std::string& cron, const std::string& zone,
                                              bool paused = false) {
    v1::PutScheduleRequest request;
    v1::Schedule& schedule = *request.mutable_schedule();
    schedule.set_schedule_id("daily");
    schedule.set_cron(cron);
    schedule.set_time_zone(zone);
    schedule.set_paused(paused);
    *schedule.mutable_job() = NewJob("report");
    schedule.mutable_job()->set_user_id(5);
    return schedules_->PutSchedule(Deadline(), request);
  }
  std::vector<v1::Job> Waiting() {
    v1::ListQueueJobsRequest request;
    request.set_queue("work");
    request.set_status(v1::JOB_STATUS_SCHEDULED);
    const auto response = admin_->ListQueueJobs(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return {response->jobs().begin(), response->jobs().end()};
  }
};

TEST_F(ScheduleServiceTest, EachTimeHasItsJob) {
  const auto put = Put("0 * * * *", "Europe/Berlin");
  ASSERT_TRUE(put.ok()) << put.status();
  const absl::Time first = timestamps::FromProto(put->schedule().next_at());
  EXPECT_GT(first, Now());
  auto waiting = Waiting();
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(waiting[0].schedule(), "daily");
  EXPECT_EQ(timestamps::FromProto(waiting[0].run_at()), first);
  EXPECT_THAT(Lease(10), IsEmpty());

  PutForward(first - Now() + absl::Seconds(1));
  Await("the next job", [&] {
    waiting = Waiting();
    return waiting.size() == 1 && timestamps::FromProto(waiting[0].run_at()) > first;
  });
  EXPECT_EQ(timestamps::FromProto(waiting[0].run_at()), first + absl::Hours(1));
  EXPECT_THAT(Kinds(Lease(10)), ElementsAre("report"));

  // Four times are missed: one job stands for them.
  PutForward(absl::Hours(5));
  Await("the next job", [&] {
    waiting = Waiting();
    return waiting.size() == 1 && timestamps::FromProto(waiting[0].run_at()) > Now();
  });
  EXPECT_THAT(Kinds(Lease(10, "work", {"report"})), SizeIs(::testing::Ge(1)));
}

TEST_F(ScheduleServiceTest, ItsNextJobChangesAndGoesWithIt) {
  ASSERT_TRUE(Put("0 3 * * *", "Europe/Berlin").ok());
  ASSERT_TRUE(Put("30 4 * * *", "America/New_York").ok());
  const auto waiting = Waiting();
  ASSERT_THAT(waiting, SizeIs(1));
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone("America/New_York", &zone));
  EXPECT_EQ(absl::FormatTime("%H:%M", timestamps::FromProto(waiting[0].run_at()), zone), "04:30");
  const auto listed = schedules_->ListSchedules(Deadline(), v1::ListSchedulesRequest());
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_THAT(listed->schedules(), SizeIs(1));
  EXPECT_EQ(listed->schedules(0).cron(), "30 4 * * *");
  EXPECT_EQ(listed->schedules(0).job().kind(), "report");

  ASSERT_TRUE(Put("30 4 * * *", "America/New_York", /*paused=*/true).ok());
  EXPECT_THAT(Waiting(), IsEmpty());
  ASSERT_TRUE(Put("30 4 * * *", "").ok());
  EXPECT_THAT(Waiting(), SizeIs(1));
  v1::DeleteScheduleRequest request;
  request.set_schedule_id("daily");
  ASSERT_TRUE(schedules_->DeleteSchedule(Deadline(), request).ok());
  ASSERT_TRUE(schedules_->DeleteSchedule(Deadline(), request).ok());
  EXPECT_THAT(Waiting(), IsEmpty());
  EXPECT_THAT(schedules_->ListSchedules(Deadline(), v1::ListSchedulesRequest())->schedules(),
              IsEmpty());
}

TEST_F(ScheduleServiceTest, GoesWithThePersonWhoIsErased) {
  ASSERT_TRUE(Put("0 3 * * *", "").ok());
  v1::DeleteUserDataRequest erase;
  erase.set_user_id(5);
  EXPECT_EQ(jobs_->DeleteUserData(Deadline(), erase)->deleted_rows(), 2);
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(ScheduleServiceTest, SaysWhenItWouldRunAndWhatIsWrong) {
  v1::PreviewScheduleRequest request;
  request.set_cron("30 2 * * *");
  request.set_time_zone("Europe/Berlin");
  request.mutable_after()->set_seconds(1'774'652'400);  // 2026-03-28T00:00:00+01:00
  request.set_times(2);
  const auto preview = schedules_->PreviewSchedule(Deadline(), request);
  ASSERT_TRUE(preview.ok()) << preview.status();
  ASSERT_THAT(preview->times(), SizeIs(2));
  EXPECT_EQ(preview->times(0).seconds(), 1'774'661'400);  // 02:30+01:00
  EXPECT_EQ(preview->times(1).seconds(), 1'774'746'000);  // 2026-03-29T03:00+02:00
  for (const char* zone : {"Mars/Olympus", "localtime", "/etc/passwd", "../x"}) {
    request.set_time_zone(zone);
    EXPECT_THAT(status::Violations(schedules_->PreviewSchedule(Deadline(), request).status()),
                SizeIs(1))
        << zone;
  }
  EXPECT_THAT(status::Violations(Put("* *", "").status()), SizeIs(1));
  v1::PutScheduleRequest put;
  put.mutable_schedule()->set_schedule_id("x");
  put.mutable_schedule()->set_cron("@daily");
  *put.mutable_schedule()->mutable_job() = NewJob("a");
  put.mutable_schedule()->mutable_job()->set_ordering_key("k");
  EXPECT_THAT(status::Violations(schedules_->PutSchedule(Deadline(), put).status()), SizeIs(1));
}

}  // namespace
}  // namespace selfology::queue
