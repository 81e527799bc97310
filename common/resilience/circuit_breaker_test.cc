#include "common/resilience/circuit_breaker.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/barrier.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::resilience {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr absl::Time kStart = absl::FromUnixSeconds(1'759'312'800);

// The rules told the other way round: everything is worked out anew from what happened since the
// state was entered.
class Reference {
 public:
  explicit Reference(BreakerLimits limits) : limits_(limits) {}

  bool Admit(int call, absl::Time now) {
    if (state_ == BreakerState::kOpen && now >= entered_ + limits_.open) {
      Enter(BreakerState::kHalfOpen, now);
    }
    if (state_ == BreakerState::kOpen) return false;
    if (state_ == BreakerState::kHalfOpen &&
        static_cast<int>(running_.size()) + Count(CallResult::kSuccess) >=
            limits_.half_open_tries) {
      return false;
    }
    running_.insert(call);
    return true;
  }

  void Finish(int call, CallResult result, absl::Time now) {
    if (running_.erase(call) == 0) return;
    results_.push_back(result);
    const bool opens = (state_ == BreakerState::kClosed && FailuresInARow() >= limits_.failures) ||
                       (state_ == BreakerState::kHalfOpen && Count(CallResult::kFailure) > 0);
    if (opens) {
      Enter(BreakerState::kOpen, now);
    } else if (state_ == BreakerState::kHalfOpen &&
               Count(CallResult::kSuccess) == limits_.half_open_tries) {
      Enter(BreakerState::kClosed, now);
    }
  }

  BreakerState state() const { return state_; }
  absl::Time reopens() const { return entered_ + limits_.open; }

 private:
  int Count(CallResult result) const {
    return static_cast<int>(std::count(results_.begin(), results_.end(), result));
  }
  int FailuresInARow() const {
    int row = 0;
    for (const CallResult result : results_) {
      if (result == CallResult::kFailure) ++row;
      if (result == CallResult::kSuccess) row = 0;
    }
    return row;
  }
  void Enter(BreakerState state, absl::Time now) {
    state_ = state;
    entered_ = now;
    results_.clear();
    running_.clear();
  }

  const BreakerLimits limits_;
  BreakerState state_ = BreakerState::kClosed;
  absl::Time entered_;
  std::vector<CallResult> results_;
  std::set<int> running_;  // Calls admitted in this state.
};

TEST(BreakerCoreTest, AgreesWithTheReferenceOnRandomHistories) {
  std::set<std::pair<BreakerState, BreakerState>> changes;
  for (int seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const auto pick = [&](int below) { return static_cast<int>(random() % below); };
    const BreakerLimits limits = {.failures = 1 + pick(6),
                                  .open = absl::Seconds(1 + pick(60)),
                                  .half_open_tries = 1 + pick(4)};
    BreakerCore core(limits);
    Reference reference(limits);
    struct Running {
      int call;
      int64_t epoch;
    };
    std::vector<Running> running;
    absl::Time now = kStart;
    const int failing = 20 + pick(70);  // Percent.
    for (int call = 0; call < 1'000; ++call) {
      now += absl::Milliseconds(pick(10) == 0 ? pick(60'000) : pick(100));
      const BreakerState before = core.state();
      if (running.empty() || pick(2) == 0) {
        const BreakerCore::Admission admission = core.Admit(now);
        ASSERT_EQ(admission.admitted, reference.Admit(call, now)) << "seed " << seed;
        if (admission.admitted) {
          running.push_back({.call = call, .epoch = admission.epoch});
        } else if (core.state() == BreakerState::kOpen) {
          ASSERT_EQ(admission.retry_after, reference.reopens() - now);
        } else {
          ASSERT_EQ(admission.retry_after, absl::ZeroDuration());
        }
      } else {
        const int index = pick(static_cast<int>(running.size()));
        const Running done = running[index];
        running.erase(running.begin() + index);
        const CallResult result = pick(10) == 0         ? CallResult::kIgnored
                                  : pick(100) < failing ? CallResult::kFailure
                                                        : CallResult::kSuccess;
        core.Finish(done.epoch, result, now);
        reference.Finish(done.call, result, now);
      }
      ASSERT_EQ(core.state(), reference.state()) << "seed " << seed << ", step " << call;
      if (core.state() != before) changes.emplace(before, core.state());
    }
  }
  // The histories went everywhere there is to go.
  EXPECT_THAT(changes, ElementsAre(Pair(BreakerState::kClosed, BreakerState::kOpen),
                                   Pair(BreakerState::kHalfOpen, BreakerState::kClosed),
                                   Pair(BreakerState::kHalfOpen, BreakerState::kOpen),
                                   Pair(BreakerState::kOpen, BreakerState::kHalfOpen)));
}

TEST(BreakerCoreTest, AClockSetBackDoesNotProlongTheOpenState) {
  BreakerCore core({.failures = 1});
  core.Finish(core.Admit(kStart).epoch, CallResult::kFailure, kStart);
  const absl::Time yesterday = kStart - absl::Hours(24);
  EXPECT_EQ(core.Admit(yesterday).retry_after, absl::Seconds(60));
  EXPECT_TRUE(core.Admit(yesterday + absl::Seconds(60)).admitted);
}

class CircuitBreakerTest : public ::testing::Test {
 protected:
  CircuitBreaker::Options Options() {
    return {.clock = [this] { return now_; }, .metrics = &metrics_};
  }
  static absl::Status Down() { return absl::UnavailableError("down"); }
  void Break(CircuitBreaker& breaker) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(breaker.Run(&Down).message(), "down");
  }
  double Gauge(const std::string& target) {
    return metrics_.Gauge("circuit_breaker_state", "", {{"target", target}}).Value();
  }

  absl::Time now_ = kStart;
  observe::Metrics metrics_;
  CircuitBreaker breaker_{"qdrant", Options()};
};

TEST_F(CircuitBreakerTest, GoesRoundAsTheSpecSays) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(breaker_.Run(&Down).message(), "down");
  EXPECT_EQ(breaker_.state(), BreakerState::kClosed);
  EXPECT_EQ(breaker_.Run(&Down).message(), "down");
  EXPECT_EQ(breaker_.state(), BreakerState::kOpen);
  EXPECT_EQ(Gauge("qdrant"), 2);

  int calls = 0;
  const auto count = [&] {
    ++calls;
    return absl::OkStatus();
  };
  now_ += absl::Seconds(59);
  const absl::Status refused = breaker_.Run(count);
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status::Reason(refused), "SERVICE_DEGRADED");
  EXPECT_EQ(status::RetryAfter(refused), absl::Seconds(1));

  now_ += absl::Seconds(1);
  EXPECT_TRUE(breaker_.Run(count).ok());
  EXPECT_EQ(breaker_.state(), BreakerState::kHalfOpen);
  EXPECT_EQ(Gauge("qdrant"), 1);
  EXPECT_TRUE(breaker_.Run(count).ok());
  EXPECT_TRUE(breaker_.Run(count).ok());
  EXPECT_EQ(breaker_.state(), BreakerState::kClosed);
  EXPECT_EQ(Gauge("qdrant"), 0);
  EXPECT_EQ(calls, 3);
}

TEST_F(CircuitBreakerTest, AFailedTrialOpensForAnotherMinute) {
  Break(breaker_);
  now_ += absl::Seconds(60);
  EXPECT_EQ(breaker_.Run(&Down).message(), "down");
  EXPECT_EQ(breaker_.state(), BreakerState::kOpen);
  now_ += absl::Seconds(59);
  EXPECT_EQ(status::Reason(breaker_.Run(&Down)), "SERVICE_DEGRADED");
}

TEST(BreakerCoreTest, OpensForTwiceAsLongEachTimeUntilItWasClosed) {
  BreakerCore core({.failures = 1,
                    .open = absl::Seconds(1),
                    .longest_open = absl::Seconds(5),
                    .half_open_tries = 1});
  absl::Time now = kStart;
  const auto call = [&](CallResult result) {
    const BreakerCore::Admission admission = core.Admit(now);
    ASSERT_TRUE(admission.admitted);
    core.Finish(admission.epoch, result, now);
  };
  for (const int seconds : {1, 2, 4, 5, 5}) {
    call(CallResult::kFailure);
    EXPECT_EQ(core.retry_at(), now + absl::Seconds(seconds));
    EXPECT_FALSE(core.Admit(now + absl::Seconds(seconds) - absl::Milliseconds(1)).admitted);
    now += absl::Seconds(seconds);
  }
  call(CallResult::kSuccess);
  EXPECT_EQ(core.state(), BreakerState::kClosed);
  call(CallResult::kFailure);
  EXPECT_EQ(core.retry_at(), now + absl::Seconds(1));
}

TEST_F(CircuitBreakerTest, RunGivesBackValuesAndErrors) {
  EXPECT_EQ(breaker_.Run([]() -> absl::StatusOr<std::string> { return "value"; }).value(), "value");
  EXPECT_EQ(breaker_.Run([]() -> absl::StatusOr<int> { return absl::NotFoundError("no"); })
                .status()
                .message(),
            "no");
}

TEST_F(CircuitBreakerTest, AnswersWeDoNotLikeBreakARowOfFailures) {
  for (int i = 0; i < 20; ++i) {
    breaker_.Run(&Down).IgnoreError();
    if (i % 4 == 3) breaker_.Run([] { return absl::InvalidArgumentError("no"); }).IgnoreError();
  }
  EXPECT_EQ(breaker_.state(), BreakerState::kClosed);
}

TEST_F(CircuitBreakerTest, WhatIsIgnoredDoesNot) {
  for (int i = 0; i < 5; ++i) {
    breaker_.Run(&Down).IgnoreError();
    breaker_.Run([] { return absl::CancelledError(""); }).IgnoreError();
    breaker_.Run([] { return absl::ResourceExhaustedError(""); }).IgnoreError();
  }
  EXPECT_EQ(breaker_.state(), BreakerState::kOpen);
}

TEST_F(CircuitBreakerTest, EveryCodeHasItsMeaning) {
  using absl::StatusCode;
  for (int code = 0; code <= 16; ++code) {
    const auto status_code = static_cast<StatusCode>(code);
    const CallResult expected =
        status_code == StatusCode::kUnavailable || status_code == StatusCode::kDeadlineExceeded ||
                status_code == StatusCode::kInternal || status_code == StatusCode::kUnknown ||
                status_code == StatusCode::kDataLoss
            ? CallResult::kFailure
        : status_code == StatusCode::kCancelled || status_code == StatusCode::kResourceExhausted
            ? CallResult::kIgnored
            : CallResult::kSuccess;
    EXPECT_EQ(ClassifyCall(absl::Status(status_code, "")), expected) << code;
  }
}

TEST_F(CircuitBreakerTest, OnlyAsManyTrialsAsAllowedRunAtOnce) {
  Break(breaker_);
  now_ += absl::Seconds(60);
  constexpr int kThreads = 32;
  absl::Mutex mutex;
  int admitted = 0;
  // Every trial is still running when the last thread has asked.
  auto* all_asked = new absl::Barrier(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      absl::StatusOr<CircuitBreaker::Permit> permit = breaker_.Admit();
      if (all_asked->Block()) delete all_asked;
      if (!permit.ok()) {
        EXPECT_EQ(status::Reason(permit.status()), "SERVICE_DEGRADED");
        return;
      }
      std::move(*permit).Finish(absl::OkStatus());
      absl::MutexLock lock(&mutex);
      ++admitted;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(admitted, 3);
  EXPECT_EQ(breaker_.state(), BreakerState::kClosed);
}

TEST_F(CircuitBreakerTest, APermitDroppedWithoutAWordMakesRoomForAnother) {
  Break(breaker_);
  now_ += absl::Seconds(60);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(breaker_.Admit().ok());
  EXPECT_EQ(breaker_.state(), BreakerState::kHalfOpen);
}

TEST_F(CircuitBreakerTest, ResultsOfAnEarlierStateAreIgnored) {
  CircuitBreaker::Permit slow_success = breaker_.Admit().value();
  CircuitBreaker::Permit slow_failure = breaker_.Admit().value();
  Break(breaker_);
  now_ += absl::Seconds(60);
  CircuitBreaker::Permit trial = breaker_.Admit().value();
  std::move(slow_failure).Finish(Down());
  EXPECT_EQ(breaker_.state(), BreakerState::kHalfOpen);
  std::move(slow_success).Finish(absl::OkStatus());
  std::move(trial).Finish(absl::OkStatus());
  EXPECT_EQ(breaker_.state(), BreakerState::kHalfOpen);  // One of three.
}

TEST_F(CircuitBreakerTest, WorksWithoutMetrics) {
  CircuitBreaker breaker("plain", {.clock = [this] { return now_; }});
  Break(breaker);
  EXPECT_EQ(breaker.state(), BreakerState::kOpen);
}

}  // namespace
}  // namespace selfology::resilience
