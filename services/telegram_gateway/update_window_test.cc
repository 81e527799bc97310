#include "services/telegram_gateway/update_window.h"

#include <deque>
#include <random>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace selfology::telegram_gateway {
namespace {

TEST(UpdateWindowTest, ConfirmsWhatIsDoneInOrder) {
  UpdateWindow window;
  EXPECT_EQ(window.offset(), 0);
  EXPECT_TRUE(window.Begin(5));
  EXPECT_TRUE(window.Begin(6));
  EXPECT_EQ(window.offset(), 5);
  window.End(6);
  EXPECT_EQ(window.offset(), 5);
  EXPECT_FALSE(window.Begin(5));
  EXPECT_FALSE(window.Begin(6));
  window.End(5);
  EXPECT_EQ(window.offset(), 7);
}

TEST(UpdateWindowTest, FollowsTelegramToLowerNumbers) {
  UpdateWindow window;
  window.Begin(1000);
  window.End(1000);
  EXPECT_TRUE(window.Begin(7));
  EXPECT_EQ(window.offset(), 7);
  window.End(7);
  EXPECT_EQ(window.offset(), 8);
}

// Telegram gives what was not confirmed, from the offset on; the bot dies now and then and begins
// anew. Every update is handled, and one twice only if the bot died before it was confirmed.
TEST(UpdateWindowTest, LosesNothing) {
  std::mt19937 random(20251006);
  for (int round = 0; round < 200; ++round) {
    std::deque<int64_t> telegram;
    int64_t next_id = 100'001;
    std::multiset<int64_t> handled;
    int deaths = 0;
    UpdateWindow window;
    std::vector<int64_t> under_way;
    for (int step = 0; step < 300; ++step) {
      switch (random() % 8) {
        case 0:
        case 1:
          if (next_id < 100'060) telegram.push_back(next_id++);
          break;
        case 2:
        case 3:
          while (!telegram.empty() && telegram.front() < window.offset()) telegram.pop_front();
          for (size_t i = 0; i < telegram.size() && i < 10; ++i) {
            if (window.Begin(telegram[i])) under_way.push_back(telegram[i]);
          }
          break;
        case 4:
          if (random() % 10 != 0) break;
          ++deaths;
          window = UpdateWindow();
          under_way.clear();
          break;
        default:
          if (under_way.empty()) break;
          const size_t which = random() % under_way.size();
          handled.insert(under_way[which]);
          window.End(under_way[which]);
          under_way.erase(under_way.begin() + static_cast<ptrdiff_t>(which));
      }
    }
    // The rest.
    while (!telegram.empty()) {
      while (!telegram.empty() && telegram.front() < window.offset()) telegram.pop_front();
      for (size_t i = 0; i < telegram.size() && i < 10; ++i) {
        if (window.Begin(telegram[i])) under_way.push_back(telegram[i]);
      }
      for (const int64_t id : under_way) {
        handled.insert(id);
        window.End(id);
      }
      under_way.clear();
    }
    for (int64_t id = 100'001; id < next_id; ++id) {
      ASSERT_GE(handled.count(id), 1u);
      ASSERT_LE(handled.count(id), 1u + static_cast<size_t>(deaths));
    }
  }
}

}  // namespace
}  // namespace selfology::telegram_gateway
