#include "common/resilience/retry.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::resilience {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

constexpr absl::Time kStart = absl::FromUnixSeconds(1'759'312'800);

// A clock that only waiting moves.
class RetryTest : public ::testing::Test {
 protected:
  RetryOptions Options(int attempts = 3) {
    return {.attempts = attempts,

            .wait =
                [this](const Call&, absl::Duration delay) {
                  waits_.push_back(delay);
                  now_ += delay;
                  return true;
                },
            .clock = [this] { return now_; }};
  }
  Call In(absl::Duration timeout) { return Call(kStart + timeout, {}); }

  // Fails with `failure` until it has been called `failures` times.
  auto FailingTimes(int failures, const absl::Status& failure) {
    return [this, failures, failure] { return ++calls_ <= failures ? failure : absl::OkStatus(); };
  }

  absl::Time now_ = kStart;
  std::vector<absl::Duration> waits_;
  int calls_ = 0;
};

auto About(absl::Duration base) { return AllOf(Ge(base * 0.8), Le(base * 1.2)); }

TEST_F(RetryTest, WaitsOneTwoFourSeconds) {
  EXPECT_TRUE(
      Retry(In(absl::Minutes(1)), Options(4), FailingTimes(3, absl::UnavailableError(""))).ok());
  EXPECT_EQ(calls_, 4);
  EXPECT_THAT(waits_, ElementsAre(About(absl::Seconds(1)), About(absl::Seconds(2)),
                                  About(absl::Seconds(4))));
}

TEST_F(RetryTest, ThreeAttemptsAndThenTheLastFailure) {
  const auto failing = [this]() -> absl::StatusOr<int> {
    return absl::AbortedError(std::to_string(++calls_));
  };
  EXPECT_EQ(Retry(In(absl::Minutes(1)), Options(), failing).status().message(), "3");
  EXPECT_THAT(waits_, SizeIs(2));
}

TEST_F(RetryTest, ASuccessIsGivenBackAtOnce) {
  EXPECT_EQ(
      Retry(In(absl::Minutes(1)), Options(), []() -> absl::StatusOr<int> { return 5; }).value(), 5);
  EXPECT_THAT(waits_, IsEmpty());
}

TEST_F(RetryTest, OnlyPassingTroublesAreTriedAgain) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status failure(static_cast<absl::StatusCode>(code), "x");
    calls_ = 0;
    now_ = kStart;
    EXPECT_EQ(Retry(In(absl::Minutes(5)), Options(), FailingTimes(9, failure)), failure);
    EXPECT_EQ(calls_, status::IsRetryable(failure) ? 3 : 1) << failure;
  }
}

TEST_F(RetryTest, WhoSaysWhenToComeBackIsAskedAgainThen) {
  const absl::Status too_fast =
      status::WithRetryAfter(absl::ResourceExhaustedError("429"), absl::Seconds(7));
  EXPECT_TRUE(Retry(In(absl::Minutes(1)), Options(), FailingTimes(2, too_fast)).ok());
  const auto at_least = AllOf(Ge(absl::Seconds(7)), Le(absl::Seconds(7) * 1.2));
  EXPECT_THAT(waits_, ElementsAre(at_least, at_least));
}

TEST_F(RetryTest, RetryInfoMayAskForMoreThanTheLongestBackoffButNotForLess) {
  const absl::Status later = status::WithRetryAfter(absl::UnavailableError(""), absl::Seconds(30));
  const absl::Status soon =
      status::WithRetryAfter(absl::UnavailableError(""), absl::Milliseconds(1));
  EXPECT_TRUE(Retry(In(absl::Minutes(5)), Options(), FailingTimes(1, later)).ok());
  calls_ = 0;
  EXPECT_TRUE(Retry(In(absl::Minutes(5)), Options(), FailingTimes(1, soon)).ok());
  EXPECT_THAT(waits_, ElementsAre(AllOf(Ge(absl::Seconds(30)), Le(absl::Seconds(36))),
                                  About(absl::Seconds(1))));
}

TEST_F(RetryTest, NeverWaitsPastTheDeadline) {
  for (int milliseconds = 0; milliseconds < 10'000; milliseconds += 100) {
    now_ = kStart;
    calls_ = 0;
    const Call call = In(absl::Milliseconds(milliseconds));
    const absl::Status result =
        Retry(call, Options(10), FailingTimes(100, absl::UnavailableError("last")));
    EXPECT_EQ(result.message(), "last");
    EXPECT_LT(now_, std::max(call.deadline(), kStart + absl::Nanoseconds(1)));
  }
}

TEST_F(RetryTest, AWaitThatWouldEndTooLateIsNotBegun) {
  const absl::Status busy = status::WithRetryAfter(absl::UnavailableError(""), absl::Seconds(20));
  EXPECT_FALSE(Retry(In(absl::Seconds(20)), Options(), FailingTimes(1, busy)).ok());
  EXPECT_THAT(waits_, IsEmpty());
  EXPECT_EQ(now_, kStart);
}

TEST_F(RetryTest, ACancelledCallIsNotTriedAgain) {
  const Call call(kStart + absl::Minutes(1), {}, [] { return true; });
  EXPECT_FALSE(Retry(call, Options(), FailingTimes(1, absl::UnavailableError(""))).ok());
  EXPECT_EQ(calls_, 1);
}

TEST_F(RetryTest, CancellingEndsTheWait) {
  RetryOptions options = Options();
  options.wait = [](const Call&, absl::Duration) { return false; };
  EXPECT_FALSE(
      Retry(In(absl::Minutes(1)), options, FailingTimes(1, absl::UnavailableError(""))).ok());
  EXPECT_EQ(calls_, 1);

  std::atomic<bool> cancelled = false;
  const Call call(absl::Now() + absl::Hours(1), {}, [&] { return cancelled.load(); });
  std::thread waiting([&] { EXPECT_FALSE(WaitUnlessCancelled(call, absl::Minutes(30))); });
  cancelled = true;
  waiting.join();
}

TEST_F(RetryTest, ReallyWaits) {
  const absl::Time begin = absl::Now();
  EXPECT_TRUE(WaitUnlessCancelled(Call::Background(absl::Minutes(1)), absl::Milliseconds(120)));
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(120));
  EXPECT_TRUE(WaitUnlessCancelled(Call::Background(absl::Minutes(1)), -absl::Seconds(1)));
}

TEST(BackoffDelayTest, StaysInItsBoundsAndUsesThem) {
  std::mt19937_64 random(7);
  const auto pick = [&](int below) { return static_cast<int>(random() % below); };
  for (int round = 0; round < 20'000; ++round) {
    const Backoff backoff = {.first = absl::Milliseconds(1 + pick(2'000)),
                             .max = absl::Milliseconds(2'000 + pick(60'000)),
                             .multiplier = 1 + pick(30) / 10.0,
                             .jitter = pick(11) / 10.0};
    const int failures = 1 + pick(pick(50) == 0 ? 5'000 : 12);
    const absl::Duration at_least =
        pick(2) == 0 ? absl::ZeroDuration() : absl::Milliseconds(pick(100'000));
    const absl::Duration delay = BackoffDelay(backoff, failures, at_least, random);
    const absl::Duration unbounded =
        backoff.first * std::min(1e9, std::pow(backoff.multiplier, failures - 1));
    const absl::Duration slack = absl::Microseconds(1);  // Rounding.
    EXPECT_GE(delay, at_least);
    EXPECT_LE(delay, std::max(backoff.max, at_least * (1 + backoff.jitter)) + slack);
    EXPECT_GE(delay + slack,
              std::min(unbounded, backoff.max / (1 + backoff.jitter)) * (1 - backoff.jitter));
    EXPECT_LE(delay, std::max(unbounded, at_least) * (1 + backoff.jitter) + slack);
  }
}

TEST(BackoffDelayTest, SpreadsEvenlyAlsoAtTheLongest) {
  std::mt19937_64 random(7);
  std::vector<int> tenths(10);
  constexpr int kRounds = 10'000;
  for (int i = 0; i < kRounds; ++i) {
    // 10 s and a jitter of 0.25: from 6 s to 10 s.
    const absl::Duration delay = BackoffDelay({.jitter = 0.25}, 20, absl::ZeroDuration(), random);
    const double place = absl::FDivDuration(delay - absl::Seconds(6), absl::Seconds(4));
    ASSERT_GE(place, -1e-9);
    ASSERT_LE(place, 1 + 1e-9);
    ++tenths[std::min(9, static_cast<int>(place * 10))];
  }
  for (const int count : tenths) EXPECT_NEAR(count, kRounds / 10.0, 150);
}

}  // namespace
}  // namespace selfology::resilience
