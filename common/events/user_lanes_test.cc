#include "common/events/user_lanes.h"

#include <map>
#include <random>
#include <set>

#include "gtest/gtest.h"

namespace selfology::events {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'759'312'800);

Delivery Event(int64_t user, uint64_t n, int partition = 0) {
  Delivery delivery{.partition = partition, .id = {n, 0}};
  delivery.envelope.partition_key = user;
  return delivery;
}

TEST(UserLanesTest, OneUsersEventsRunOneByOne) {
  UserLanes lanes;
  lanes.Push(Event(1, 10));
  lanes.Push(Event(1, 11));
  ASSERT_EQ(lanes.NextReady(kNow), 1);
  EXPECT_EQ(lanes.Front(1).id.position, 10u);
  EXPECT_EQ(lanes.NextReady(kNow), std::nullopt);
  lanes.Pop(1);
  ASSERT_EQ(lanes.NextReady(kNow), 1);
  EXPECT_EQ(lanes.Front(1).id.position, 11u);
}

TEST(UserLanesTest, AFailedEventHoldsUpItsOwnUserOnly) {
  UserLanes lanes;
  lanes.Push(Event(1, 10));
  lanes.Push(Event(1, 11));
  lanes.Push(Event(2, 12));
  ASSERT_EQ(lanes.NextReady(kNow), 1);
  lanes.RetryAt(1, kNow + absl::Seconds(4));
  ASSERT_EQ(lanes.NextReady(kNow), 2);
  lanes.Pop(2);
  EXPECT_EQ(lanes.NextReady(kNow + absl::Seconds(3)), std::nullopt);
  EXPECT_EQ(lanes.NextRetry(), kNow + absl::Seconds(4));
  ASSERT_EQ(lanes.NextReady(kNow + absl::Seconds(4)), 1);
  EXPECT_EQ(lanes.Front(1).id.position, 10u);
}

TEST(UserLanesTest, DropLeavesWhatRunsAndOtherPartitions) {
  UserLanes lanes;
  lanes.Push(Event(1, 10, /*partition=*/3));
  lanes.Push(Event(1, 11, 3));
  lanes.Push(Event(2, 12, 4));
  lanes.Push(Event(3, 13, 3));
  ASSERT_EQ(lanes.NextReady(kNow), 1);
  lanes.Drop([](int partition) { return partition == 3; });
  EXPECT_EQ(lanes.size(), 2u);
  EXPECT_EQ(lanes.Front(1).id.position, 10u);
  lanes.Pop(1);
  EXPECT_EQ(lanes.NextReady(kNow), 2);
  EXPECT_EQ(lanes.NextReady(kNow), std::nullopt);
}

// Random pushes, runs, failures and passing time: never two of a user at once, never out of order,
// nothing lost.
TEST(UserLanesTest, KeepsEachUsersOrderUnderRandomUse) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937 random(seed);
    UserLanes lanes;
    absl::Time now = kNow;
    std::map<int64_t, uint64_t> done;
    std::set<int64_t> running;
    uint64_t pushed = 0, popped = 0;
    while (popped < 200) {
      switch (random() % 4) {
        case 0:
          if (pushed < 200) lanes.Push(Event(static_cast<int64_t>(random() % 7), ++pushed));
          break;
        case 1:
          if (const auto user = lanes.NextReady(now)) {
            ASSERT_TRUE(running.insert(*user).second) << "seed " << seed;
          }
          break;
        case 2:
          if (!running.empty()) {
            const int64_t user = *running.begin();
            running.erase(user);
            if (random() % 3 == 0) {
              lanes.RetryAt(user, now + absl::Seconds(static_cast<double>(random() % 5)));
            } else {
              ASSERT_GT(lanes.Front(user).id.position, done[user]) << "seed " << seed;
              done[user] = lanes.Front(user).id.position;
              lanes.Pop(user);
              ++popped;
            }
          }
          break;
        default:
          now += absl::Seconds(1);
          break;
      }
    }
    EXPECT_EQ(lanes.size(), 0u);
  }
}

}  // namespace
}  // namespace selfology::events
