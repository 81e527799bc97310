#include "services/growth/task/tasks/time_zones.h"

#include <string>

#include "services/growth/task/task_fixture_test.h"

namespace selfology::task {
namespace {

using ::selfology::testing::EqualsProto;

TEST_F(TaskTest, WhatWasWrittenBeforeThereWasATimeZoneKeepsItsPlaceOnTheClock) {
  const auto write = [&](const std::string& text, const std::string& zone = "") {
    v1::WriteTaskRequest request;
    request.set_user_id(kAnn);
    request.set_text(text);
    request.set_time_zone(zone);
    request.set_idempotency_key(Key());
    const auto written = tasks_->WriteTask(Deadline(), request);
    EXPECT_TRUE(written.ok()) << written.status();
    return written.ok() ? written->task() : v1::Task();
  };
  const v1::Task dentist = write("dentist tomorrow at 9:00, remind me 30 minutes before");
  EXPECT_THAT(dentist.due_at(), EqualsProto(At(7, 9)));
  const v1::Task soon = write("take the cake out in two hours");
  const v1::Task every = write("stretch every day at 11:00");
  const v1::Task day = write("pay the rent tomorrow");
  const v1::Task berlin = write("call Berlin tomorrow at 9:00", "Europe/Berlin");
  v1::Task content;
  content.set_title("absolute");
  *content.mutable_due_at() = At(7, 9);
  const v1::Task absolute = Create(content);
  const auto next = Complete(every.task_id());
  ASSERT_TRUE(next.ok()) << next.status();

  events::v1::PreferencesChanged chosen;
  chosen.set_user_id(kAnn);
  Publish(chosen);                                                  // Of something else.
  chosen.mutable_preferences()->set_time_zone("America/New_York");  // UTC-4 in May.
  Publish(chosen);
  const auto due = [&](const v1::Task& task) { return Get(task.task_id())->due_at(); };
  AwaitHandled("tasks", 2);
  EXPECT_THAT(due(dentist), EqualsProto(At(7, 13)));
  EXPECT_EQ(Get(dentist.task_id())->time_zone(), "America/New_York");
  EXPECT_THAT(due(day), EqualsProto(At(7, 4)));
  EXPECT_TRUE(Get(day.task_id())->due_all_day());
  EXPECT_THAT(due(next->next_task()), EqualsProto(At(7, 15)));
  EXPECT_THAT(due(soon), EqualsProto(soon.due_at())) << "two hours are two hours anywhere";
  EXPECT_THAT(due(berlin), EqualsProto(berlin.due_at()));
  EXPECT_THAT(due(absolute), EqualsProto(absolute.due_at()));

  // From then on it is a task like any other.
  chosen.mutable_preferences()->set_time_zone("Asia/Tokyo");
  Publish(chosen);
  AwaitHandled("tasks", 3);
  EXPECT_THAT(due(dentist), EqualsProto(At(7, 13)));
}

}  // namespace
}  // namespace selfology::task
