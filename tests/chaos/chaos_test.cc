// A short run of the chaos; see README.md. `bazel run //tests/chaos` runs longer ones.

#include <cstdio>

#include "gtest/gtest.h"
#include "tests/chaos/run.h"

namespace selfology::chaos {
namespace {

TEST(ChaosTest, NothingIsLostAndNothingDoneTwiceWhateverFails) {
  // All but telegram_fails: the gateway's circuit breaker then waits for half a minute.
  const auto outcome = RunChaos(
      {.seed = 1,
       .faults_for = absl::Seconds(40),
       .people = 120,
       .faults = {"kill_service", "kill_relay", "freeze_service", "postgres_crash", "postgres_cut",
                  "postgres_truncate", "postgres_delay", "postgres_shut", "redis_kill",
                  "redis_empty", "redis_rollback", "redis_full", "redis_readonly", "redis_failover",
                  "redis_cut", "redis_truncate", "redis_delay"}});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  std::puts(outcome->summary.c_str());
  for (const Violation& violation : outcome->findings.violations) {
    ADD_FAILURE() << "user " << violation.user_id << ": " << violation.what;
  }
  EXPECT_GT(outcome->faults, 10);
  EXPECT_GT(outcome->findings.events, 120 * 20);
}

}  // namespace
}  // namespace selfology::chaos
