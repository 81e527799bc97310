#include "tools/telegram_emulator/update_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace selfology::telegram_emulator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class UpdateQueueTest : public testing::Test {
 protected:
  std::vector<int64_t> Ids(int64_t offset, int limit = 100) {
    std::vector<int64_t> ids;
    for (const Update& update : queue_.Get(offset, limit)) ids.push_back(update.id);
    return ids;
  }
  int64_t Add(std::string_view kind = "message") { return queue_.Add(kind, {{"text", "x"}}, kNow); }

  ChangeLog changes_;
  UpdateQueue queue_{&changes_};
};

TEST_F(UpdateQueueTest, AnUpdateComesAgainUntilAnOffsetBeyondItConfirmsIt) {
  const int64_t first = Add();
  const int64_t second = Add();
  EXPECT_THAT(Ids(0), ElementsAre(first, second));
  EXPECT_THAT(Ids(first), ElementsAre(first, second));
  EXPECT_THAT(Ids(first + 1), ElementsAre(second));
  EXPECT_THAT(Ids(0), ElementsAre(second));
  EXPECT_THAT(Ids(second + 1), IsEmpty());
  EXPECT_THAT(Ids(first), IsEmpty());
}

TEST_F(UpdateQueueTest, ANegativeOffsetKeepsTheLast) {
  Add();
  Add();
  const int64_t third = Add();
  EXPECT_THAT(Ids(-1), ElementsAre(third));
  EXPECT_THAT(Ids(0), ElementsAre(third));
  EXPECT_THAT(Ids(-5), ElementsAre(third));
}

TEST_F(UpdateQueueTest, AnOffsetFarBeyondTheEndIsIgnored) {
  const int64_t only = Add();
  EXPECT_THAT(Ids(only + 1000), ElementsAre(only));
}

TEST_F(UpdateQueueTest, LimitCutsTheAnswerNotTheQueue) {
  const int64_t first = Add();
  const int64_t second = Add();
  EXPECT_THAT(Ids(0, 1), ElementsAre(first));
  EXPECT_THAT(Ids(0), ElementsAre(first, second));
}

TEST_F(UpdateQueueTest, OnlyAllowedKindsAreTaken) {
  EXPECT_EQ(Add("chat_member"), 0);
  EXPECT_NE(Add("callback_query"), 0);
  queue_.Allow({"message", "chat_member"});
  EXPECT_EQ(Add("callback_query"), 0);
  EXPECT_NE(Add("chat_member"), 0);
}

TEST_F(UpdateQueueTest, UpdatesLiveForADay) {
  Add();
  queue_.DropExpired(kNow + kUpdateLifetime - absl::Seconds(1));
  EXPECT_EQ(queue_.size(), 1u);
  queue_.DropExpired(kNow + kUpdateLifetime);
  EXPECT_TRUE(queue_.empty());
}

TEST_F(UpdateQueueTest, ShowsAnUpdateAsTelegramDoes) {
  const int64_t id = Add();
  EXPECT_EQ(queue_.front().ToJson(), Json({{"update_id", id}, {"message", {{"text", "x"}}}}));
}

// A bot that polls with any limits, forgets to confirm now and then, while updates keep coming: it
// sees all of them, in order, and the queue restored from its changes is always the same.
TEST_F(UpdateQueueTest, NothingIsLostOrReorderedHoweverTheBotPolls) {
  std::mt19937 random(42);
  for (int round = 0; round < 50; ++round) {
    ChangeLog changes;
    UpdateQueue queue(&changes);
    std::vector<int64_t> added, handled;
    int64_t offset = 0;
    while (added.size() < 100 || handled.size() < added.size()) {
      if (added.size() < 100 && random() % 2 == 0) {
        added.push_back(queue.Add("message", static_cast<int64_t>(added.size()), kNow));
      }
      const bool confirms = random() % 3 != 0;
      for (const Update& update :
           queue.Get(confirms ? offset : 0, 1 + static_cast<int>(random() % 5))) {
        if (update.id < offset) continue;
        handled.push_back(update.id);
        offset = update.id + 1;
      }
    }
    EXPECT_EQ(handled, added);

    ChangeLog unused;
    UpdateQueue restored(&unused);
    for (const Change& change : changes.After(0)) restored.Restore(change.kind, change.value);
    EXPECT_EQ(restored.size(), queue.size());
    EXPECT_EQ(restored.next_id(), queue.next_id());
  }
}

}  // namespace
}  // namespace selfology::telegram_emulator
