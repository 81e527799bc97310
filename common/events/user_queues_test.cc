#include "common/events/user_queues.h"

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

TEST(UserQueuesTest, OneUsersEventsRunOneByOne) {
  UserQueues queues;
  queues.Push(Event(1, 10));
  queues.Push(Event(1, 11));
  ASSERT_EQ(queues.NextReady(kNow), 1);
  EXPECT_EQ(queues.Front(1).id.position, 10u);
  EXPECT_EQ(queues.NextReady(kNow), std::nullopt);
  queues.Pop(1);
  ASSERT_EQ(queues.NextReady(kNow), 1);
  EXPECT_EQ(queues.Front(1).id.position, 11u);
}

TEST(UserQueuesTest, AFailedEventHoldsUpItsOwnUserOnly) {
  UserQueues queues;
  queues.Push(Event(1, 10));
  queues.Push(Event(1, 11));
  queues.Push(Event(2, 12));
  ASSERT_EQ(queues.NextReady(kNow), 1);
  queues.RetryAt(1, kNow + absl::Seconds(4));
  ASSERT_EQ(queues.NextReady(kNow), 2);
  queues.Pop(2);
  EXPECT_EQ(queues.NextReady(kNow + absl::Seconds(3)), std::nullopt);
  EXPECT_EQ(queues.NextRetry(), kNow + absl::Seconds(4));
  ASSERT_EQ(queues.NextReady(kNow + absl::Seconds(4)), 1);
  EXPECT_EQ(queues.Front(1).id.position, 10u);
}

TEST(UserQueuesTest, DropLeavesWhatRunsAndOtherPartitions) {
  UserQueues queues;
  queues.Push(Event(1, 10, /*partition=*/3));
  queues.Push(Event(1, 11, 3));
  queues.Push(Event(2, 12, 4));
  queues.Push(Event(3, 13, 3));
  ASSERT_EQ(queues.NextReady(kNow), 1);
  queues.Drop([](int partition) { return partition == 3; });
  EXPECT_EQ(queues.size(), 2u);
  EXPECT_EQ(queues.Front(1).id.position, 10u);
  queues.Pop(1);
  EXPECT_EQ(queues.NextReady(kNow), 2);
  EXPECT_EQ(queues.NextReady(kNow), std::nullopt);
}

// Random pushes, runs, failures and passing time: never two of a user at once, never out of order,
// nothing lost.
TEST(UserQueuesTest, KeepsEachUsersOrderUnderRandomUse) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937 random(seed);
    UserQueues queues;
    absl::Time now = kNow;
    std::map<int64_t, uint64_t> done;
    std::set<int64_t> running;
    uint64_t pushed = 0, popped = 0;
    while (popped < 200) {
      switch (random() % 4) {
        case 0:
          if (pushed < 200) queues.Push(Event(static_cast<int64_t>(random() % 7), ++pushed));
          break;
        case 1:
          if (const auto user = queues.NextReady(now)) {
            ASSERT_TRUE(running.insert(*user).second) << "seed " << seed;
          }
          break;
        case 2:
          if (!running.empty()) {
            const int64_t user = *running.begin();
            running.erase(user);
            if (random() % 3 == 0) {
              queues.RetryAt(user, now + absl::Seconds(static_cast<double>(random() % 5)));
            } else {
              ASSERT_GT(queues.Front(user).id.position, done[user]) << "seed " << seed;
              done[user] = queues.Front(user).id.position;
              queues.Pop(user);
              ++popped;
            }
          }
          break;
        default:
          now += absl::Seconds(1);
          break;
      }
    }
    EXPECT_EQ(queues.size(), 0u);
  }
}

}  // namespace
}  // namespace selfology::events
