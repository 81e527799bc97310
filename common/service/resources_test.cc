#include "common/service/resources.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::service {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(StrainedTest, BeginsAboveEightyPercent) {
  Use use;
  use.resources["memory_bytes"] = {.used = 80, .limit = 100};
  use.resources["disk_bytes"] = {.used = 5, .limit = 0};  // Nobody knows how much there is.
  EXPECT_THAT(Strained(use), IsEmpty());
  use.resources["memory_bytes"].used = 81;
  EXPECT_THAT(Strained(use), ElementsAre("memory_bytes: 81 % used, above 80 %"));
  EXPECT_EQ(StateOf(use.resources["memory_bytes"]), HealthState::kDegraded);
}

TEST(StrainedTest, LongQueuesAndOpenCircuitsAreNamed) {
  Use use;
  use.queues = {{"outbox", 1000}, {"unsent_messages", 1001}};
  use.breakers = {{"openai", 0}, {"qdrant", 1}, {"telegram", 2}};
  EXPECT_THAT(Strained(use), ElementsAre("queue unsent_messages: 1001, above 1000",
                                         "circuit breaker telegram: open"));
}

TEST(CpuLoadTest, IsTheAverageOfTheWindow) {
  CpuLoad load(absl::Minutes(1));
  const absl::Time start = absl::FromUnixSeconds(1000);
  EXPECT_EQ(load.Cores(), 0);
  load.Add(start, 10);
  EXPECT_EQ(load.Cores(), 0);
  load.Add(start, 10);  // The clock stood still.
  load.Add(start + absl::Seconds(30), 25);
  EXPECT_DOUBLE_EQ(load.Cores(), 0.5);
  // Idle from here on: after a minute nothing of the work is left.
  load.Add(start + absl::Seconds(60), 25);
  EXPECT_DOUBLE_EQ(load.Cores(), 0.25);
  load.Add(start + absl::Seconds(90), 25);
  EXPECT_DOUBLE_EQ(load.Cores(), 0);
}

TEST(ResourcesTest, SeeThisProcess) {
  Resources resources("");
  resources.Sample(absl::FromUnixSeconds(1000));
  const Use use = resources.Now();
  for (const char* const name : {"memory_bytes", "cpu_cores", "disk_bytes", "open_files"}) {
    ASSERT_TRUE(use.resources.contains(name)) << name;
    EXPECT_GT(use.resources.at(name).limit, 0) << name;
  }
  EXPECT_GT(use.resources.at("memory_bytes").used, 1 << 20);
}

}  // namespace
}  // namespace selfology::service
