#include "services/edge/telegram_gateway/receiving/held_queue.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class HeldQueueTest : public ::testing::Test {
 protected:
  // People of that dialog, from that number on.
  static void Add(std::vector<HeldQueue::Person>& due, const std::string& dialog, int64_t from,
                  int count) {
    for (int64_t id = from; id < from + count; ++id) {
      due.push_back({.user_id = id, .dialog = dialog});
    }
  }
  std::vector<int64_t> Take() {
    std::vector<int64_t> people;
    for (const HeldQueue::Person& person : queue_.Take(is_away_)) people.push_back(person.user_id);
    return people;
  }
  bool Begin(int64_t user_id, const std::string& dialog) {
    return queue_.Begin({.user_id = user_id, .dialog = dialog}, is_away_);
  }

  const HeldQueue::IsAway is_away_ = [this](std::string_view dialog) {
    return away_.contains(std::string(dialog));
  };
  std::set<std::string> away_;
  HeldQueue queue_{{.people = 4, .of_dialog = 3}};
};

TEST_F(HeldQueueTest, DialogsTakeTurns) {
  std::vector<HeldQueue::Person> due;
  Add(due, "garden", 100, 50);
  Add(due, "orchard", 200, 50);
  Add(due, "", 300, 1);
  queue_.Refill(due);
  // The empty one is the first, and was the last before the beginning.
  EXPECT_THAT(Take(), ElementsAre(100, 200, 300, 101));
  EXPECT_THAT(Take(), IsEmpty());
  queue_.Done(300);
  EXPECT_THAT(Take(), ElementsAre(201));
}

TEST_F(HeldQueueTest, OneDialogLeavesAPlaceForOthers) {
  std::vector<HeldQueue::Person> due;
  Add(due, "garden", 100, 50);
  queue_.Refill(due);
  EXPECT_THAT(Take(), ElementsAre(100, 101, 102));
  Add(due, "orchard", 200, 1);
  queue_.Refill(due);
  EXPECT_THAT(Take(), ElementsAre(200));
}

TEST_F(HeldQueueTest, ABacklogIsWorkedOffWithoutAnotherLook) {
  std::vector<HeldQueue::Person> due;
  Add(due, "garden", 1, 1000);
  queue_.Refill(due);
  int done = 0;
  for (std::vector<int64_t> people = Take(); !people.empty(); people = Take()) {
    for (const int64_t id : people) {
      queue_.Done(id);
      ++done;
    }
  }
  EXPECT_EQ(done, 1000);
}

TEST_F(HeldQueueTest, ADialogThatIsAwayIsTriedWithOnePersonALook) {
  std::vector<HeldQueue::Person> due;
  Add(due, "garden", 100, 50);
  Add(due, "orchard", 200, 50);
  away_ = {"garden"};
  queue_.Refill(due);
  EXPECT_THAT(Take(), ElementsAre(100, 200, 201, 202));
  // Still away.
  queue_.Done(100);
  EXPECT_THAT(Take(), IsEmpty());
  queue_.Refill(due);
  EXPECT_THAT(Take(), ElementsAre(100));
  // It has answered.
  away_.clear();
  queue_.Done(100);
  EXPECT_THAT(Take(), ElementsAre(101));
  queue_.Done(200);
  queue_.Done(201);
  EXPECT_THAT(Take(), SizeIs(2));
}

TEST_F(HeldQueueTest, NobodyRunsTwice) {
  queue_.Refill({{.user_id = 1, .dialog = "garden"}});
  EXPECT_THAT(Take(), ElementsAre(1));
  queue_.Refill({{.user_id = 1, .dialog = "orchard"}, {.user_id = 2, .dialog = "orchard"}});
  EXPECT_THAT(Take(), ElementsAre(2));
  queue_.Done(1);
  queue_.Done(1);
  EXPECT_THAT(Take(), IsEmpty());
}

TEST_F(HeldQueueTest, WhoseTurnComesInBetweenIsTakenAndOnceMoreIfTheyRun) {
  std::vector<HeldQueue::Person> due;
  Add(due, "garden", 100, 3);
  queue_.Refill(due);
  queue_.Add({.user_id = 7, .dialog = "garden"});
  EXPECT_THAT(Take(), ElementsAre(100, 101, 102));
  queue_.Done(100);
  EXPECT_THAT(Take(), ElementsAre(7));
  EXPECT_TRUE(queue_.IsRunning(7));
  queue_.Add({.user_id = 7, .dialog = "garden"});
  EXPECT_THAT(Take(), IsEmpty());
  queue_.Done(7);
  EXPECT_FALSE(queue_.IsRunning(7));
  EXPECT_THAT(Take(), ElementsAre(7));
}

TEST_F(HeldQueueTest, OutOfTurnAreTheSameLimits) {
  EXPECT_TRUE(Begin(1, "garden"));
  EXPECT_FALSE(Begin(1, "garden")) << "it runs";
  EXPECT_TRUE(Begin(2, "garden"));
  EXPECT_TRUE(Begin(3, "garden"));
  EXPECT_FALSE(Begin(4, "garden"));
  EXPECT_TRUE(Begin(4, "orchard"));
  EXPECT_FALSE(Begin(5, "orchard")) << "all slots are taken";
  queue_.Done(1);
  queue_.Done(4);
  away_ = {"orchard"};
  EXPECT_TRUE(Begin(5, "orchard")) << "to try it";
  EXPECT_FALSE(Begin(6, "orchard"));
  EXPECT_TRUE(Begin(1, "garden"));
}

}  // namespace
}  // namespace selfology::telegram_gateway
