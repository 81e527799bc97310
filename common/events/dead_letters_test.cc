#include "common/events/dead_letters.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/events/consumer_fixture_test.h"

namespace selfology::events {
namespace {

using v1::SessionCreated;

class DeadLettersTest : public ConsumerTest {};

TEST_F(DeadLettersTest, ARetryableFailureIsTriedAgainAndHoldsUpItsUserOnly) {
  std::atomic<int> failures = 2;
  before_effect_ = [&](const SessionCreated& event) -> absl::Status {
    if (event.user_id() == 1 && event.session_id() == 1 && failures-- > 0) {
      return absl::UnavailableError("for now");
    }
    return absl::OkStatus();
  };
  Add(Make(1, 1));
  Add(Make(1, 2));
  Add(Make(2, 1));
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(AwaitEffects(3));
  EXPECT_EQ(Effects()[1], (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(Count("dead_letters"), 0);
}

TEST_F(DeadLettersTest, AnExhaustedRetryIsParked) {
  before_effect_ = [](const SessionCreated&) { return absl::UnavailableError("for ever"); };
  Add(Make(1, 1));
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(Await([&] { return Count("dead_letters") == 1; }));
  EXPECT_EQ(Count("dead_letters WHERE attempts = 3 AND code = 'UNAVAILABLE'"), 1);
}

TEST_F(DeadLettersTest, APeerThatIsAwayParksNothing) {
  std::atomic<int> failures = 10;  // More than an event may fail.
  const auto consumer = std::make_unique<Consumer>(Settings("a"), *streams_, *database_, metrics_);
  consumer->On<SessionCreated>([&](const SessionCreated& event, Handling& handling) {
    if (failures > 0) --failures;
    return failures > 0 ? handling.Needs(absl::UnavailableError("away")) : Effect(event, handling);
  });
  Add(Make(1, 1));
  Add(Make(1, 2));
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(AwaitEffects(2));
  EXPECT_EQ(Effects()[1], (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(Count("dead_letters"), 0);
}

TEST_F(DeadLettersTest, AReplayWaitsForAPeerThatIsAway) {
  std::atomic<bool> poisoned = true;
  std::atomic<bool> away = false;
  const auto consumer = std::make_unique<Consumer>(Settings("a"), *streams_, *database_, metrics_);
  consumer->On<SessionCreated>([&](const SessionCreated& event, Handling& handling) {
    if (poisoned) return handling.Needs(absl::InvalidArgumentError("poison"));
    return away ? handling.Needs(absl::UnavailableError("away")) : Effect(event, handling);
  });
  Add(Make(1, 1));
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(Await([&] { return Count("dead_letters") == 1; }));
  poisoned = false;
  away = true;
  ASSERT_TRUE(database_
                  ->Write(TestCall(),
                          [](postgres::Transaction& tx) {
                            return tx.Execute("UPDATE dead_letters SET replay_requested = true");
                          })
                  .ok());
  ASSERT_TRUE(consumer->ReplayDeadLetters(TestCall()).ok());
  EXPECT_EQ(Count("dead_letters WHERE replay_requested"), 1);
  away = false;
  ASSERT_TRUE(consumer->ReplayDeadLetters(TestCall()).ok());
  EXPECT_EQ(Count("dead_letters"), 0);
  ASSERT_TRUE(AwaitEffects(1));
}

TEST_F(DeadLettersTest, APartThatIsGivenUpParksNobody) {
  std::atomic<bool> poisoned = true;
  const auto consumer = std::make_unique<Consumer>(Settings("a"), *streams_, *database_, metrics_);
  consumer->On<SessionCreated>([&](const SessionCreated& event, Handling& handling) {
    if (event.session_id() == 1 && poisoned) {
      return handling.ParkAlone(absl::InvalidArgumentError("poison"));
    }
    return Effect(event, handling);
  });
  for (int64_t n = 1; n <= 3; ++n) Add(Make(1, n));
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(AwaitEffects(2));
  EXPECT_EQ(Effects()[1], (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(Count("dead_letters WHERE partition_key < 0 AND subject = 1"
                  " AND code = 'INVALID_ARGUMENT'"),
            1);
  const auto ask = [&] {
    ASSERT_TRUE(database_
                    ->Write(TestCall(),
                            [](postgres::Transaction& tx) {
                              return tx.Execute("UPDATE dead_letters SET replay_requested = true");
                            })
                    .ok());
    ASSERT_TRUE(consumer->ReplayDeadLetters(TestCall()).ok());
  };
  ask();
  EXPECT_EQ(Count("dead_letters WHERE NOT replay_requested AND attempts = 2"), 1);
  poisoned = false;
  ask();
  EXPECT_EQ(Count("dead_letters"), 0);
  ASSERT_TRUE(AwaitEffects(3));
  EXPECT_EQ(Effects()[1], (std::vector<int64_t>{2, 3, 1}));
}

TEST_F(DeadLettersTest, APeerThatRefusesIsNotWaitedFor) {
  const auto consumer = std::make_unique<Consumer>(Settings("a"), *streams_, *database_, metrics_);
  consumer->On<SessionCreated>([](const SessionCreated&, Handling& handling) {
    return handling.Needs(absl::InvalidArgumentError("no"));
  });
  Add(Make(1, 1));
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(Await([&] { return Count("dead_letters") == 1; }));
}

TEST_F(DeadLettersTest, APoisonEventParksItsUserAndReplayBringsThemBackInOrder) {
  std::atomic<bool> poisoned = true;
  before_effect_ = [&](const SessionCreated& event) -> absl::Status {
    if (poisoned && event.user_id() == 1 && event.session_id() == 2) {
      return absl::InvalidArgumentError("poison");
    }
    return absl::OkStatus();
  };
  for (int64_t n = 1; n <= 4; ++n) Add(Make(1, n));
  Add(Make(2, 1));
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(AwaitEffects(2));
  ASSERT_TRUE(Await([&] { return Count("dead_letters") == 3; }));
  EXPECT_EQ(Effects()[1], (std::vector<int64_t>{1}));

  const auto ask = [&] {
    ASSERT_TRUE(database_
                    ->Write(TestCall(),
                            [](postgres::Transaction& tx) {
                              return tx.Execute("UPDATE dead_letters SET replay_requested = true");
                            })
                    .ok());
    ASSERT_TRUE(consumer->ReplayDeadLetters(TestCall()).ok());
  };
  ask();
  EXPECT_EQ(Count("dead_letters"), 3) << "still poisoned";
  poisoned = false;
  ask();
  EXPECT_EQ(Count("dead_letters"), 0);
  Add(Make(1, 5));
  ASSERT_TRUE(AwaitEffects(6));
  EXPECT_EQ(Effects()[1], (std::vector<int64_t>{1, 2, 3, 4, 5}));
}

TEST_F(DeadLettersTest, OnePoisonEventSpoilsNoOtherUsersEvents) {
  before_effect_ = [](const SessionCreated& event) -> absl::Status {
    if (event.user_id() % 50 == 0) return absl::InvalidArgumentError("poison");
    return absl::OkStatus();
  };
  for (int64_t n = 1; n <= 2; ++n) {
    for (int64_t user = 1; user <= 200; ++user) Add(Make(user, n));
  }
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(AwaitEffects(int64_t{2} * 196));
  ASSERT_TRUE(Await([&] { return Count("dead_letters") == int64_t{2} * 4; }));
  const auto effects = Effects();
  EXPECT_EQ(effects.size(), 196u);
  for (const auto& [user, sessions] : effects) {
    EXPECT_EQ(sessions, (std::vector<int64_t>{1, 2})) << user;
  }
}

}  // namespace
}  // namespace selfology::events
