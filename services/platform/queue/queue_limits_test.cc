#include "services/platform/queue/queue_limits.h"

#include <vector>

#include "absl/random/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

TEST(QueueLimitsTest, LetsAtMostSoManyRun) {
  const Limits limits = {.max_running = 3};
  const RateState rate = Refill(limits, {}, kNow);
  EXPECT_EQ(Budget(limits, rate, 0, 10), 3);
  EXPECT_EQ(Budget(limits, rate, 2, 10), 1);
  EXPECT_EQ(Budget(limits, rate, 3, 10), 0);
  EXPECT_EQ(Budget(limits, rate, 5, 10), 0);  // The limit was lowered.
  EXPECT_EQ(Budget(limits, rate, 0, 2), 2);
  EXPECT_EQ(Budget({}, rate, 1000, 10), 10);
}

TEST(QueueLimitsTest, RefillsWithTime) {
  const Limits limits = {.rate_jobs = 10, .rate_period = absl::Seconds(5)};
  RateState rate = Refill(limits, {}, kNow);
  EXPECT_EQ(Budget(limits, rate, 0, 100), 10);
  rate = Spend(limits, rate, 10);
  EXPECT_EQ(Budget(limits, Refill(limits, rate, kNow), 0, 100), 0);
  EXPECT_EQ(Budget(limits, Refill(limits, rate, kNow + absl::Milliseconds(499)), 0, 100), 0);
  EXPECT_EQ(Budget(limits, Refill(limits, rate, kNow + absl::Milliseconds(500)), 0, 100), 1);
  EXPECT_EQ(Budget(limits, Refill(limits, rate, kNow + absl::Hours(1)), 0, 100), 10);
  EXPECT_EQ(Budget(limits, Refill(limits, rate, kNow - absl::Hours(1)), 0, 100), 0);
}

// In any span of time at most rate_jobs * (1 + span / rate_period) jobs begin, whenever they are
// asked for; and whoever asks all the time gets the full rate.
TEST(QueueLimitsTest, KeepsTheRateOverAnySpan) {
  absl::BitGen random;
  for (int round = 0; round < 50; ++round) {
    const Limits limits = {.rate_jobs = absl::Uniform(random, 1, 50),
                           .rate_period = absl::Milliseconds(absl::Uniform(random, 1000, 60'000))};
    RateState rate;
    std::vector<absl::Time> begun;
    absl::Time now = kNow;
    for (int i = 0; i < 400; ++i) {
      now += absl::Milliseconds(absl::Uniform(random, 0, 2000));
      const RateState refilled = Refill(limits, rate, now);
      const int64_t budget = Budget(limits, refilled, 0, absl::Uniform(random, 1, 20));
      rate = Spend(limits, refilled, budget);
      begun.insert(begun.end(), static_cast<size_t>(budget), now);
    }
    for (size_t first = 0; first < begun.size(); first += 7) {
      for (size_t last = first; last < begun.size(); last += 11) {
        const double periods = absl::FDivDuration(begun[last] - begun[first], limits.rate_period);
        EXPECT_LE(static_cast<double>(last - first + 1),
                  static_cast<double>(limits.rate_jobs) * (1 + periods) + 1e-6);
      }
    }
  }
}

TEST(QueueLimitsTest, ChoosesInOrderWithinTheKeysLimits) {
  const std::vector<Candidate> candidates = {{1, "a"}, {2, "a"}, {3, ""},
                                             {4, "b"}, {5, "a"}, {6, ""}};
  EXPECT_THAT(Choose(candidates, {}, {}, 10), ElementsAre(1, 3, 4, 6));
  EXPECT_THAT(Choose(candidates, {{"a", 1}}, {}, 10), ElementsAre(3, 4, 6));
  EXPECT_THAT(Choose(candidates, {{"a", 1}}, {.max_running_per_key = 2}, 10),
              ElementsAre(1, 3, 4, 6));
  EXPECT_THAT(Choose(candidates, {}, {}, 2), ElementsAre(1, 3));
  EXPECT_THAT(Choose(candidates, {}, {}, 0), IsEmpty());
}

}  // namespace
}  // namespace selfology::queue
