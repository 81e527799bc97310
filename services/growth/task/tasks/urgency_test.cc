#include "services/growth/task/tasks/urgency.h"

#include <string>
#include <vector>

#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::task {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'780'000'000);

v1::Task Open() {
  v1::Task task;
  task.set_status(v1::TASK_STATUS_OPEN);
  *task.mutable_created_at() = timestamps::ToProto(kNow);
  return task;
}

double Urgency(const v1::Task& task, const Surroundings& surroundings = {}) {
  return UrgencyOf(UrgencyReasons(task, surroundings, kNow));
}

v1::Task Due(absl::Duration from_now) {
  v1::Task task = Open();
  *task.mutable_due_at() = timestamps::ToProto(kNow + from_now);
  return task;
}

// The figures of Taskwarrior 2.6.2's `task <id> information` for the same tasks.
TEST(UrgencyTest, IsTaskwarriors) {
  EXPECT_DOUBLE_EQ(Urgency(Open()), 0);
  EXPECT_NEAR(Urgency(Due(absl::ZeroDuration())), 12 * (14 * 0.8 / 21 + 0.2), 1e-9);
  EXPECT_DOUBLE_EQ(Urgency(Due(-absl::Hours(7 * 24))), 12);
  EXPECT_DOUBLE_EQ(Urgency(Due(-absl::Hours(70 * 24))), 12);
  EXPECT_NEAR(Urgency(Due(absl::Hours(14 * 24))), 2.4, 1e-9);
  EXPECT_NEAR(Urgency(Due(absl::Hours(140 * 24))), 2.4, 1e-9);
  v1::Task task = Open();
  task.set_priority(v1::TASK_PRIORITY_HIGH);
  EXPECT_DOUBLE_EQ(Urgency(task), 6.0);
  task.set_priority(v1::TASK_PRIORITY_LOW);
  task.add_labels("home");
  EXPECT_DOUBLE_EQ(Urgency(task), 1.8 + 0.8);
  task.add_labels("next");
  EXPECT_DOUBLE_EQ(Urgency(task), 1.8 + 0.9 + 15);
  EXPECT_DOUBLE_EQ(Urgency(Open(), {.blocked = true}), -5);
  EXPECT_DOUBLE_EQ(Urgency(Open(), {.blocking = true}), 8);
}

TEST(UrgencyTest, AgeCountsWholeDaysUpToAYear) {
  v1::Task task = Open();
  *task.mutable_created_at() = timestamps::ToProto(kNow - absl::Hours(47));
  EXPECT_NEAR(Urgency(task), 2.0 / 365, 1e-9);
  *task.mutable_created_at() = timestamps::ToProto(kNow - absl::Hours(24 * 4000));
  EXPECT_DOUBLE_EQ(Urgency(task), 2);
}

TEST(UrgencyTest, SaysWhyTheWeightiestFirst) {
  v1::Task task = Due(-absl::Hours(24 * 30));
  task.set_priority(v1::TASK_PRIORITY_MEDIUM);
  task.set_active(true);
  std::vector<std::string> names;
  for (const auto& reason : UrgencyReasons(task, {}, kNow)) names.push_back(reason.reason());
  EXPECT_THAT(names, ElementsAre("due", "active", "priority"));
}

TEST(UrgencyTest, WhatIsClosedIsNotUrgent) {
  v1::Task task = Due(absl::ZeroDuration());
  task.set_status(v1::TASK_STATUS_COMPLETED);
  EXPECT_THAT(UrgencyReasons(task, {.blocking = true}, kNow), IsEmpty());
}

}  // namespace
}  // namespace selfology::task
