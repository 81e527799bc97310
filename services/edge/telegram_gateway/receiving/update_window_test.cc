#include "services/edge/telegram_gateway/receiving/update_window.h"

#include <algorithm>
#include <deque>
#include <iterator>
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

TEST(UpdateWindowTest, WhatEndedDuringARequestComesAgainWithIt) {
  UpdateWindow window;
  window.Begin(5);
  window.Begin(6);
  const int64_t offset = window.offset();
  window.End(5);
  window.End(6);
  window.Confirmed(offset);
  EXPECT_FALSE(window.Begin(5));
  EXPECT_FALSE(window.Begin(6));
  EXPECT_EQ(window.offset(), 7);
}

TEST(UpdateWindowTest, FollowsTelegramToLowerNumbers) {
  UpdateWindow window;
  window.Begin(1000);
  window.End(1000);
  window.Confirmed(window.offset());
  EXPECT_TRUE(window.Begin(7));
  EXPECT_EQ(window.offset(), 7);
  window.End(7);
  EXPECT_EQ(window.offset(), 8);
  window.Confirmed(8);
  // It is another update by now.
  EXPECT_TRUE(window.Begin(1000));
}

// Telegram gives what was not confirmed, from the offset on; updates end while a request is on its
// way, in any order; the bot dies now and then and begins anew. Every update is handled, twice only
// if the bot died meanwhile, and in the end all are confirmed.
TEST(UpdateWindowTest, LosesNothing) {
  std::mt19937 random(20251006);
  for (int round = 0; round < 500; ++round) {
    std::deque<int64_t> telegram;
    int64_t next_id = 100'001;
    std::multiset<int64_t> handled;
    int deaths = 0;
    UpdateWindow window;
    std::vector<int64_t> under_way;
    const auto end_some = [&](size_t at_most) {
      for (size_t i = 0; i < at_most && !under_way.empty(); ++i) {
        const size_t which = random() % under_way.size();
        handled.insert(under_way[which]);
        window.End(under_way[which]);
        under_way.erase(under_way.begin() + static_cast<ptrdiff_t>(which));
      }
    };
    const auto poll = [&] {
      const int64_t offset = window.offset();
      while (!telegram.empty() && telegram.front() < offset) telegram.pop_front();
      const std::vector<int64_t> answer(
          telegram.begin(), telegram.begin() + std::min<ptrdiff_t>(10, std::ssize(telegram)));
      end_some(random() % 5);
      window.Confirmed(offset);
      for (const int64_t id : answer) {
        if (window.Begin(id)) under_way.push_back(id);
      }
    };
    for (int step = 0; step < 300; ++step) {
      switch (random() % 5) {
        case 0:
          if (next_id < 100'060) telegram.push_back(next_id++);
          break;
        case 1:
          if (random() % 10 != 0) break;
          ++deaths;
          window = UpdateWindow();
          under_way.clear();
          break;
        case 2:
          end_some(random() % 3);
          break;
        default:
          poll();
      }
    }
    for (int turns = 0; !telegram.empty(); ++turns) {
      ASSERT_LT(turns, 100) << "updates are never confirmed";
      end_some(under_way.size());
      poll();
    }
    for (int64_t id = 100'001; id < next_id; ++id) {
      ASSERT_GE(handled.count(id), 1u);
      ASSERT_LE(handled.count(id), 1u + static_cast<size_t>(deaths));
    }
  }
}

}  // namespace
}  // namespace selfology::telegram_gateway
