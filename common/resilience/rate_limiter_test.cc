#include "common/resilience/rate_limiter.h"

#include <atomic>
#include <deque>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/redis_test.h"

namespace selfology::resilience {
namespace {

using ::testing::HasSubstr;

constexpr absl::Time kStart = absl::FromUnixMicros(1'759'312'800'123'456);

class RateLimiterTest : public servers::RedisTest {
 protected:
  void SetUp() override {
    RedisTest::SetUp();
    redis_ = redis::Client::Open(url()).value();
  }
  // As R000-17 has it, but with the test's clock, and time enough on a busy machine.
  RateLimiter::Options Options() {
    return {.timeout = absl::Seconds(20),
            .clock = [this] { return absl::FromUnixMicros(now_us_.load()); },
            .metrics = &metrics_};
  }
  void Advance(absl::Duration by) { now_us_ += absl::ToInt64Microseconds(by); }
  static Call Soon() { return Call::Background(absl::Seconds(20)); }

  std::atomic<int64_t> now_us_ = absl::ToUnixMicros(kStart);
  observe::Metrics metrics_;
  std::unique_ptr<redis::Client> redis_;
};

TEST_F(RateLimiterTest, ThirtyInAMinuteAreAllowedAlsoAllAtOneInstant) {
  RateLimiter limiter(redis_.get(), Options());
  for (int i = 0; i < 30; ++i) {
    const RateLimiter::Decision decision = limiter.Allow(Soon(), "7");
    ASSERT_TRUE(decision.allowed);
    ASSERT_FALSE(decision.degraded);
    EXPECT_EQ(decision.remaining, 29 - i);
  }
  const RateLimiter::Decision refused = limiter.Allow(Soon(), "7");
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after, absl::Seconds(60));
  EXPECT_TRUE(limiter.Allow(Soon(), "8").allowed);
}

TEST_F(RateLimiterTest, TheWindowSlides) {
  RateLimiter limiter(redis_.get(), Options());
  for (int i = 0; i < 30; ++i) {  // One a second: at 0, 1, ... 29 s.
    ASSERT_TRUE(limiter.Allow(Soon(), "7").allowed);
    Advance(absl::Seconds(1));
  }
  // At 30 s; the first leaves at 60 s.
  EXPECT_EQ(limiter.Allow(Soon(), "7").retry_after, absl::Seconds(30));
  Advance(absl::Seconds(30) - absl::Microseconds(1));
  EXPECT_EQ(limiter.Allow(Soon(), "7").retry_after, absl::Microseconds(1));
  Advance(absl::Microseconds(1));
  EXPECT_TRUE(limiter.Allow(Soon(), "7").allowed);
  EXPECT_EQ(limiter.Allow(Soon(), "7").retry_after, absl::Seconds(1));
}

TEST_F(RateLimiterTest, RefusedRequestsDoNotCount) {
  RateLimiter limiter(redis_.get(), Options());
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(limiter.Allow(Soon(), "7").allowed);
  for (int i = 0; i < 100; ++i) {
    Advance(absl::Milliseconds(500));
    ASSERT_FALSE(limiter.Allow(Soon(), "7").allowed);
  }
  Advance(absl::Seconds(10));
  EXPECT_EQ(limiter.Allow(Soon(), "7").remaining, 29);
}

TEST_F(RateLimiterTest, AgreesWithAListOfTimesOnRandomHistories) {
  for (int seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    RateLimiter::Options options = Options();
    options.limit = 1 + static_cast<int>(random() % 8);
    options.window = absl::Milliseconds(1 + random() % 5'000);
    const int64_t window = absl::ToInt64Microseconds(options.window);
    RateLimiter limiter(redis_.get(), options);
    std::deque<int64_t> allowed;  // Times in µs.
    for (int i = 0; i < 200; ++i) {
      if (random() % 3 != 0) now_us_ += static_cast<int64_t>(random() % (window / 2 + 1));
      const int64_t now = now_us_.load();
      while (!allowed.empty() && allowed.front() + window <= now) allowed.pop_front();
      const RateLimiter::Decision decision = limiter.Allow(Soon(), absl::StrCat("seed", seed));
      const bool expected = allowed.size() < static_cast<size_t>(options.limit);
      ASSERT_EQ(decision.allowed, expected) << "seed " << seed;
      if (expected) {
        allowed.push_back(now);
        ASSERT_EQ(decision.remaining, options.limit - static_cast<int>(allowed.size()));
      } else {
        ASSERT_EQ(decision.retry_after, absl::Microseconds(allowed.front() + window - now));
      }
    }
  }
}

TEST_F(RateLimiterTest, ALoweredLimitSaysWhenEnoughHaveLeft) {
  RateLimiter wide(redis_.get(), Options());
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(wide.Allow(Soon(), "7").allowed);
    Advance(absl::Seconds(1));
  }
  RateLimiter::Options options = Options();
  options.limit = 10;
  RateLimiter narrow(redis_.get(), options);
  // At 30 s; those of 0 to 20 s have left at 80 s.
  const RateLimiter::Decision decision = narrow.Allow(Soon(), "7");
  EXPECT_FALSE(decision.allowed);
  EXPECT_EQ(decision.retry_after, absl::Seconds(50));
}

TEST_F(RateLimiterTest, ManyThreadsAndReplicasShareTheThirty) {
  // The Redis server's clock: 64 requests of a moment.
  RateLimiter::Options options = Options();
  options.clock = nullptr;
  RateLimiter first(redis_.get(), options);
  RateLimiter second(redis_.get(), options);
  std::atomic<int> allowed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 64; ++i) {
    threads.emplace_back([&, i] {
      const RateLimiter::Decision decision = (i % 2 == 0 ? first : second).Allow(Soon(), "7");
      EXPECT_FALSE(decision.degraded);
      if (decision.allowed) ++allowed;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(allowed, 30);
  EXPECT_EQ(redis_->Command(Soon(), {"ZCARD", "rate_limit:user:7"})->Integer().value(), 30);
  const RateLimiter::Decision refused = first.Allow(Soon(), "7");
  EXPECT_GT(refused.retry_after, absl::Seconds(30));
  EXPECT_LE(refused.retry_after, absl::Seconds(60));
}

TEST_F(RateLimiterTest, TheKeyGoesWithTheWindow) {
  RateLimiter limiter(redis_.get(), Options());
  ASSERT_TRUE(limiter.Allow(Soon(), "123456").allowed);
  const int64_t ttl =
      redis_->Command(Soon(), {"PTTL", "rate_limit:user:123456"})->Integer().value();
  EXPECT_GT(ttl, 30'000);
  EXPECT_LE(ttl, 60'000);
}

TEST_F(RateLimiterTest, AllowsEverythingWhileRedisIsDown) {
  RateLimiter limiter(redis_.get(), Options());
  for (int i = 0; i < 31; ++i) limiter.Allow(Soon(), "7");
  server().Kill();
  for (int i = 0; i < 3; ++i) {
    const RateLimiter::Decision decision = limiter.Allow(Soon(), "7");
    EXPECT_TRUE(decision.allowed);
    EXPECT_TRUE(decision.degraded);
  }
  ASSERT_TRUE(server().Restart().ok());
  EXPECT_FALSE(limiter.Allow(Soon(), "7").degraded);
  const std::string exposed = metrics_.Expose();
  EXPECT_THAT(exposed, HasSubstr("rate_limiter_failed_open_total{limiter=\"rate_limit:user:\"} 3"));
  EXPECT_THAT(exposed, HasSubstr("decision=\"refused\""));
}

TEST_F(RateLimiterTest, ASlowRedisCostsARequestNoMoreThanTheTimeout) {
  RateLimiter::Options options = Options();
  options.timeout = absl::Milliseconds(20);
  RateLimiter limiter(redis_.get(), options);
  ASSERT_TRUE(redis_->Command(Soon(), {"CLIENT", "PAUSE", 1'000}).ok());
  const absl::Time begin = absl::Now();
  EXPECT_TRUE(limiter.Allow(Soon(), "7").degraded);
  EXPECT_LT(absl::Now() - begin, absl::Milliseconds(900));
}

TEST_F(RateLimiterTest, AKeyOfAnotherTypeFailsOpen) {
  RateLimiter limiter(redis_.get(), Options());
  ASSERT_TRUE(redis_->Command(Soon(), {"SET", "rate_limit:user:7", "x"}).ok());
  EXPECT_TRUE(limiter.Allow(Soon(), "7").degraded);
}

}  // namespace
}  // namespace selfology::resilience
