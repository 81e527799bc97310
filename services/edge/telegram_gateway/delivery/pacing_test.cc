#include "services/edge/telegram_gateway/delivery/pacing.h"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace selfology::telegram_gateway {
namespace {

constexpr PacingLimits kLimits = {.chat = {.per_second = 1, .burst = 3},
                                  .all = {.per_second = 30, .burst = 30}};
const absl::Time kStart = absl::FromUnixSeconds(1'759'312'800);

TEST(PacerTest, BearsABurstAndThenSlowsDown) {
  Pacer pacer(kLimits);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pacer.Take(7, kStart), absl::ZeroDuration());
  EXPECT_EQ(pacer.Take(7, kStart), absl::Seconds(1));
  EXPECT_EQ(pacer.Take(8, kStart), absl::ZeroDuration());
  EXPECT_EQ(pacer.Take(7, kStart + absl::Milliseconds(400)), absl::Milliseconds(600));
  EXPECT_EQ(pacer.Take(7, kStart + absl::Seconds(1)), absl::ZeroDuration());
  EXPECT_GT(pacer.Take(7, kStart + absl::Seconds(1)), absl::ZeroDuration());
}

TEST(PacerTest, AChangeWeighsLessThanAMessage) {
  Pacer pacer(kLimits);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pacer.Take(7, kStart), absl::ZeroDuration());
  EXPECT_EQ(pacer.Take(7, kStart, kChangeWeight), absl::Milliseconds(250));
  EXPECT_EQ(pacer.Take(7, kStart + absl::Milliseconds(250), kChangeWeight), absl::ZeroDuration());
  EXPECT_EQ(pacer.Take(7, kStart + absl::Milliseconds(250)), absl::Seconds(1));
}

// However many changes there are and however often they ask.
TEST(PacerTest, ChangesLeaveRoomForAMessage) {
  Pacer pacer(kLimits);
  int changes = 0;
  for (absl::Duration t; t < absl::Minutes(1); t += absl::Milliseconds(10)) {
    changes += pacer.Take(7, kStart + t, kChangeWeight, kMessageWeight) == absl::ZeroDuration();
  }
  EXPECT_GE(changes, 4 * 60);
  EXPECT_EQ(pacer.Take(7, kStart + absl::Minutes(1)), absl::ZeroDuration());
  EXPECT_GT(pacer.Take(7, kStart + absl::Minutes(1), kChangeWeight, kMessageWeight),
            absl::Milliseconds(900));
  // With a burst that has no room for both they go all the same.
  Pacer narrow({.chat = {.per_second = 1, .burst = 1}});
  EXPECT_EQ(narrow.Take(7, kStart, kChangeWeight, kMessageWeight), absl::ZeroDuration());
}

TEST(PacerTest, AGroupGetsNoMoreThan20MessagesAMinute) {
  Pacer pacer(PacingLimits{});
  int taken = 0;
  for (absl::Duration t; t < absl::Minutes(1); t += absl::Milliseconds(100)) {
    taken += pacer.Take(-100, kStart + t) == absl::ZeroDuration();
  }
  EXPECT_GE(taken, 18);
  EXPECT_LE(taken, 20);
}

TEST(PacerTest, LimitsAllChatsTogether) {
  Pacer pacer(kLimits);
  for (int chat = 1; chat <= 30; ++chat) EXPECT_EQ(pacer.Take(chat, kStart), absl::ZeroDuration());
  EXPECT_GT(pacer.Take(31, kStart), absl::ZeroDuration());
  EXPECT_EQ(pacer.Take(31, kStart + absl::Milliseconds(34)), absl::ZeroDuration());
}

TEST(PacerTest, ForgetsQuietChats) {
  Pacer pacer({.chat = {.per_second = 1, .burst = 3}, .all = {.per_second = 1e9, .burst = 1000}});
  absl::Time now = kStart;
  for (int chat = 1; chat <= 100'000; ++chat) {
    now += absl::Milliseconds(10);
    ASSERT_EQ(pacer.Take(chat, now), absl::ZeroDuration());
  }
  EXPECT_LT(pacer.size(), 2048u);
}

// Whatever is asked when: no stretch of time sees more than burst + time * rate, and who waits as
// told gets through.
TEST(PacerTest, KeepsItsLimitsAndItsWord) {
  std::mt19937 random(20251005);
  for (int round = 0; round < 50; ++round) {
    const PacingLimits limits = {
        .chat = {.per_second = 0.5 + static_cast<double>(random() % 30) / 10,
                 .burst = 1 + static_cast<int>(random() % 5)},
        .all = {.per_second = 2 + static_cast<double>(random() % 20),
                .burst = 1 + static_cast<int>(random() % 30)}};
    Pacer pacer(limits);
    std::map<int64_t, std::vector<absl::Time>> taken;  // By chat; 0: all.
    absl::Time now = kStart;
    for (int i = 0; i < 400; ++i) {
      now += absl::Milliseconds(random() % 120);
      const int64_t chat = 1 + static_cast<int64_t>(random() % 4);
      absl::Duration wait = pacer.Take(chat, now);
      if (wait > absl::ZeroDuration() && random() % 2 == 0) {
        now += wait;
        wait = pacer.Take(chat, now);
        ASSERT_EQ(wait, absl::ZeroDuration());
      }
      if (wait > absl::ZeroDuration()) continue;
      taken[chat].push_back(now);
      taken[0].push_back(now);
    }
    for (const auto& [chat, times] : taken) {
      const Rate& rate = chat == 0 ? limits.all : limits.chat;
      for (size_t first = 0; first < times.size(); ++first) {
        for (size_t last = first; last < times.size(); ++last) {
          const double seconds = absl::ToDoubleSeconds(times[last] - times[first]);
          ASSERT_LE(static_cast<double>(last - first + 1),
                    rate.burst + seconds * rate.per_second + 1e-6);
        }
      }
    }
  }
}

}  // namespace
}  // namespace selfology::telegram_gateway
