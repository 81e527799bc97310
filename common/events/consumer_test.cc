#include "common/events/consumer.h"

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/events/erasure.h"
#include "common/events/migrations.h"
#include "common/events/outbox.h"
#include "common/events/partition_leases.h"
#include "common/postgres/migrations.h"
#include "common/servers/postgres_test.h"
#include "common/servers/redis_test.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/onboarding.pb.h"

namespace selfology::events {
namespace {

using v1::SessionCreated;
using v1::SessionTimeout;

constexpr int kPartitions = 4;

Call TestCall() { return Call::Background(absl::Seconds(20)); }

// Streams are written to directly, in the relay's place; effects are rows of a table `effects`.
class ConsumerTest : public servers::PostgresTest {
 protected:
  void SetUp() override {
    constexpr std::string_view kEffects =
        "CREATE TABLE effects (n bigint GENERATED ALWAYS AS IDENTITY, user_id bigint, session_id "
        "bigint)";
    const postgres::Migration table[] = {{1, "0001_effects", kEffects}};
    ASSERT_TRUE(postgres::Migrate(TestCall(), url(), "mesh", Migrations(), "selfology_mesh").ok());
    const absl::Status migrated =
        postgres::Migrate(TestCall(), url(), "consumer_test", table, "selfology_consumer_test");
    ASSERT_TRUE(migrated.ok()) << migrated;
    database_ = *postgres::Database::Open({.url = url(), .role = "selfology_consumer_test"});
    redis_ = *redis::Client::Open(servers::TestRedis().url());
    ASSERT_TRUE(redis_->Command(TestCall(), {"FLUSHALL"}).ok());
  }

  static ConsumerOptions Settings(std::string replica, absl::Duration lease = absl::Seconds(2)) {
    ConsumerOptions options{.group = "group", .replica = std::move(replica)};
    options.partitions = kPartitions;
    options.lease = lease;
    options.backoff = {absl::Milliseconds(5), absl::Milliseconds(5)};
    return options;
  }

  std::unique_ptr<Consumer> Make(std::string replica = "a",
                                 absl::Duration lease = absl::Seconds(2)) {
    auto consumer = std::make_unique<Consumer>(Settings(std::move(replica), lease), *redis_,
                                               *database_, metrics_);
    consumer->On<SessionCreated>([this](const SessionCreated& event, Handling& handling) {
      return Effect(event, handling);
    });
    return consumer;
  }

  absl::Status Effect(const SessionCreated& event, Handling& handling) {
    if (before_effect_) RETURN_IF_ERROR(before_effect_(event));
    return handling.tx()
        .Execute("INSERT INTO effects (user_id, session_id) VALUES ($1, $2)", event.user_id(),
                 event.session_id())
        .status();
  }

  Envelope Make(int64_t user, int64_t session) {
    SessionCreated event;
    event.set_user_id(user);
    event.set_session_id(session);
    return {.id = ids_.Next(absl::Now(), random_),
            .type = TypeOf<SessionCreated>(),
            .partition_key = user,
            .occurred_at = absl::Now(),
            .traceparent = "",
            .trace_id = "",
            .producer = "test",
            .payload = event.SerializeAsString()};
  }

  void Add(const Envelope& envelope) {
    const int partition = PartitionOf(envelope.partition_key, kPartitions);
    redis::Args add{"XADD", StreamName(partition, kPartitions), absl::StrCat(++position_, "-1")};
    for (auto& [name, value] : EncodeEntry(envelope)) add.Add(name).Add(value);
    ASSERT_TRUE(redis_->Command(TestCall(), add).ok());
  }

  std::map<int64_t, std::vector<int64_t>> Effects() {
    const auto rows = database_->Read(TestCall(), [](postgres::Transaction& tx) {
      return tx.Query<int64_t, int64_t>("SELECT user_id, session_id FROM effects ORDER BY n");
    });
    std::map<int64_t, std::vector<int64_t>> effects;
    for (const auto& [user, session] : *rows) effects[user].push_back(session);
    return effects;
  }

  // Waits on the condition, asking the database again and again.
  template <typename Condition>
  bool Await(Condition condition) {
    for (const absl::Time end = absl::Now() + absl::Seconds(30); absl::Now() < end;) {
      if (condition()) return true;
    }
    return false;
  }
  bool AwaitEffects(size_t count) {
    return Await([&] {
      size_t all = 0;
      for (const auto& [user, sessions] : Effects()) all += sessions.size();
      return all >= count;
    });
  }
  int64_t Count(std::string_view table) {
    return std::get<0>(**database_->Read(TestCall(), [&](postgres::Transaction& tx) {
      return tx.QueryOne<int64_t>(absl::StrCat("SELECT count(*) FROM ", table));
    }));
  }

  // As a service's DeleteUserData does.
  absl::Status Erase(int64_t user) {
    return database_->Write(TestCall(), [&](postgres::Transaction& tx) {
      BeginErasure(tx, user);
      return tx.Execute("DELETE FROM effects WHERE user_id = $1", user).status();
    });
  }

  // That the effects were committed by.
  int64_t Transactions() {
    return std::get<0>(**database_->Read(TestCall(), [&](postgres::Transaction& tx) {
      return tx.QueryOne<int64_t>("SELECT count(DISTINCT xmin::text) FROM effects");
    }));
  }

  observe::Metrics metrics_;
  absl::BitGen random_;
  uuid::Sequence ids_;
  std::unique_ptr<postgres::Database> database_;
  std::unique_ptr<redis::Client> redis_;
  std::atomic<uint64_t> position_ = 0;
  std::function<absl::Status(const SessionCreated&)> before_effect_;
};

TEST_F(ConsumerTest, HandlesEachUsersEventsInOrder) {
  for (int64_t n = 1; n <= 20; ++n) {
    for (int64_t user = 1; user <= 10; ++user) Add(Make(user, n));
  }
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(AwaitEffects(200));
  for (const auto& [user, sessions] : Effects()) {
    ASSERT_EQ(sessions.size(), 20u) << user;
    for (size_t i = 0; i < sessions.size(); ++i)
      EXPECT_EQ(sessions[i], static_cast<int64_t>(i) + 1);
  }
}

TEST_F(ConsumerTest, AnEventSeenTwiceTakesEffectOnce) {
  const Envelope event = Make(1, 1);
  Add(event);
  Add(event);
  Add(Make(1, 2));
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(AwaitEffects(2));
  EXPECT_EQ(Effects()[1], (std::vector<int64_t>{1, 2}));
}

TEST_F(ConsumerTest, EventsOfDifferentUsersThatWaitShareTransactions) {
  for (int64_t user = 1; user <= 200; ++user) Add(Make(user, 1));
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(AwaitEffects(200));
  EXPECT_EQ(Count("effects"), 200);
  EXPECT_EQ(Count("inbox"), 200);
  EXPECT_LT(Transactions(), 100);
}

TEST_F(ConsumerTest, OnePoisonEventSpoilsNoOtherUsersEvents) {
  before_effect_ = [](const SessionCreated& event) -> absl::Status {
    if (event.user_id() % 50 == 0) return absl::InvalidArgumentError("poison");
    return absl::OkStatus();
  };
  for (int64_t n = 1; n <= 2; ++n) {
    for (int64_t user = 1; user <= 200; ++user) Add(Make(user, n));
  }
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(AwaitEffects(2 * 196));
  ASSERT_TRUE(Await([&] { return Count("dead_letters") == 2 * 4; }));
  const auto effects = Effects();
  EXPECT_EQ(effects.size(), 196u);
  for (const auto& [user, sessions] : effects) {
    EXPECT_EQ(sessions, (std::vector<int64_t>{1, 2})) << user;
  }
}

TEST_F(ConsumerTest, WhatComesAgainIsLeftOutOfASharedTransaction) {
  std::vector<Envelope> events;
  for (int64_t user = 1; user <= 100; ++user) Add(events.emplace_back(Make(user, 1)));
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(AwaitEffects(100));
  // As after a Redis that was emptied: the old ones again, others between.
  for (int64_t user = 1; user <= 100; ++user) {
    Add(events[static_cast<size_t>(user - 1)]);
    Add(Make(1000 + user, 1));
    Add(Make(user, 2));
  }
  ASSERT_TRUE(AwaitEffects(300));
  EXPECT_EQ(Count("effects"), 300);
  for (int64_t user = 1; user <= 100; ++user) {
    EXPECT_EQ(Effects()[user], (std::vector<int64_t>{1, 2}));
  }
}

TEST_F(ConsumerTest, AHandlerThatWaitsForOthersHoldsNobodysTransactionOpen) {
  std::atomic<int> inside = 0;
  std::atomic<bool> shared = false;
  auto consumer = std::make_unique<Consumer>(Settings("a"), *redis_, *database_, metrics_);
  consumer->On<SessionCreated>([&](const SessionCreated& event, Handling& handling) {
    RETURN_IF_ERROR(Effect(event, handling));
    // Something of another transaction's, as an RPC would be.
    const auto others = database_->Read(handling.call(), [](postgres::Transaction& tx) {
      return tx.QueryOne<int64_t>("SELECT count(*) FROM effects WHERE user_id < 0");
    });
    ++inside;
    // Whoever goes on in spite of the refusal is run again all the same.
    if (!others.ok() && event.user_id() % 2 == 0) return others.status();
    shared = shared || others.ok();
    return absl::OkStatus();
  });
  for (int64_t user = 1; user <= 60; ++user) Add(Make(user, 1));
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(AwaitEffects(60));
  EXPECT_EQ(Count("effects"), 60);
  EXPECT_EQ(Transactions(), 60) << "each has one of its own";
  EXPECT_TRUE(shared);
  EXPECT_LT(inside, 120) << "found out once, not with every event";
}

TEST_F(ConsumerTest, TwoReplicasShareThePartitionsAndDoNothingTwice) {
  const auto first = Make("a");
  const auto second = Make("b");
  ASSERT_TRUE(first->Start().ok());
  ASSERT_TRUE(second->Start().ok());
  EXPECT_TRUE(Await([&] {
    return first->held_partitions() == kPartitions / 2 &&
           second->held_partitions() == kPartitions / 2;
  }));
  for (int64_t n = 1; n <= 100; ++n) Add(Make(n, n));
  ASSERT_TRUE(AwaitEffects(100));
  first->Drain(absl::Now() + absl::Seconds(10));
  EXPECT_TRUE(Await([&] { return second->held_partitions() == kPartitions; }));
  for (int64_t n = 101; n <= 200; ++n) Add(Make(n, n));
  ASSERT_TRUE(AwaitEffects(200));
  EXPECT_EQ(Count("effects"), 200);
}

TEST_F(ConsumerTest, TheNextReplicaReadsWhatACrashedOneLeft) {
  {
    // Reads, but its effect never commits, and it leaves without moving the group.
    before_effect_ = [](const SessionCreated&) { return absl::UnavailableError("not yet"); };
    const auto stuck = Make("a");
    Add(Make(1, 1));
    ASSERT_TRUE(stuck->Start().ok());
    ASSERT_TRUE(Await([&] { return stuck->held_partitions() == kPartitions; }));
  }
  before_effect_ = nullptr;
  const auto next = Make("b");
  ASSERT_TRUE(next->Start().ok());
  ASSERT_TRUE(AwaitEffects(1));
}

TEST_F(ConsumerTest, ARetryableFailureIsTriedAgainAndHoldsUpItsUserOnly) {
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

TEST_F(ConsumerTest, APoisonEventParksItsUserAndReplayBringsThemBackInOrder) {
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

TEST_F(ConsumerTest, WhatWasUnderWayToAnErasedPersonIsDropped) {
  before_effect_ = [](const SessionCreated& event) -> absl::Status {
    if (event.session_id() == 1) return absl::InvalidArgumentError("poison");
    return absl::OkStatus();
  };
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  Add(Make(1, 1));
  Add(Make(2, 1));
  ASSERT_TRUE(Await([&] { return Count("dead_letters") == 2; }));
  std::vector<Envelope> late;
  for (int64_t user = 1; user <= 9; ++user) late.push_back(Make(user, 2));

  ASSERT_EQ(Erase(1), absl::OkStatus());
  EXPECT_EQ(Count("dead_letters"), 1) << "they hold what a person wrote";
  for (const Envelope& event : late) Add(event);
  Envelope again = Make(1, 3);
  again.occurred_at += absl::Seconds(1);
  Add(again);
  ASSERT_TRUE(AwaitEffects(8));
  ASSERT_TRUE(Await([&] { return Count("inbox") == 12; })) << "nothing is left to be tried again";
  std::map<int64_t, std::vector<int64_t>> effects = Effects();
  EXPECT_EQ(effects[1], std::vector<int64_t>{3}) << "who comes back begins anew";
  EXPECT_EQ(effects[9], std::vector<int64_t>{2}) << "others in the same transaction";
  EXPECT_FALSE(effects.contains(2)) << "parked behind the first";
}

TEST_F(ConsumerTest, AnErasureWaitsForTheHandlerAndTakesItsEffectToo) {
  absl::Notification handling_it, go_on;
  Consumer consumer(Settings("a"), *redis_, *database_, metrics_);
  consumer.On<SessionCreated>([&](const SessionCreated& event, Handling& handling) -> absl::Status {
    RETURN_IF_ERROR(Effect(event, handling));
    handling_it.Notify();
    go_on.WaitForNotification();
    return absl::OkStatus();
  });
  ASSERT_TRUE(consumer.Start().ok());
  Add(Make(1, 1));
  handling_it.WaitForNotification();
  absl::Status erased;
  std::thread eraser([&] { erased = Erase(1); });
  EXPECT_TRUE(Await([&] {
    return Count(
               "pg_locks WHERE locktype = 'advisory' AND NOT granted AND database ="
               " (SELECT oid FROM pg_database WHERE datname = current_database())") == 1;
  }));
  go_on.Notify();
  eraser.join();
  EXPECT_EQ(erased, absl::OkStatus());
  EXPECT_EQ(Count("effects"), 0);
  EXPECT_EQ(Count("inbox"), 1) << "it was handled before";
}

TEST_F(ConsumerTest, AnExhaustedRetryIsParked) {
  before_effect_ = [](const SessionCreated&) { return absl::UnavailableError("for ever"); };
  Add(Make(1, 1));
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(Await([&] { return Count("dead_letters") == 1; }));
  EXPECT_EQ(Count("dead_letters WHERE attempts = 3 AND code = 'UNAVAILABLE'"), 1);
}

TEST_F(ConsumerTest, AHandlersFailureLeavesNoEffect) {
  std::atomic<bool> fail = true;
  auto consumer = std::make_unique<Consumer>(ConsumerOptions{.group = "other",
                                                             .replica = "a",
                                                             .partitions = kPartitions,
                                                             .backoff = {absl::Milliseconds(5)}},
                                             *redis_, *database_, metrics_);
  consumer->On<SessionCreated>(
      [&](const SessionCreated& event, Handling& handling) -> absl::Status {
        RETURN_IF_ERROR(Effect(event, handling));
        RETURN_IF_ERROR(Publish(handling.tx(), event));
        if (fail.exchange(false)) return absl::AbortedError("after the effect");
        return absl::OkStatus();
      });
  Add(Make(1, 1));
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(AwaitEffects(1));
  EXPECT_EQ(Count("effects"), 1);
}

TEST_F(ConsumerTest, TypesWithoutAHandlerAndUnreadableEntriesArePassedOver) {
  Envelope other = Make(1, 0);
  other.type = TypeOf<SessionTimeout>();
  Add(other);
  const std::string stream = StreamName(PartitionOf(1, kPartitions), kPartitions);
  ASSERT_TRUE(
      redis_->Command(TestCall(), {"XADD", stream, absl::StrCat(++position_, "-1"), "no", "event"})
          .ok());
  Add(Make(1, 1));
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(AwaitEffects(1));
  // The group has passed all three.
  EXPECT_TRUE(Await([&] {
    const auto groups = redis_->Command(TestCall(), {"XINFO", "GROUPS", stream});
    return groups.ok() &&
           groups->DebugString().find(absl::StrCat(position_.load(), "-1")) != std::string::npos;
  }));
}

TEST_F(ConsumerTest, RedisEmptiedUnderwayIsSurvived) {
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  Add(Make(1, 1));
  ASSERT_TRUE(AwaitEffects(1));
  ASSERT_TRUE(redis_->Command(TestCall(), {"FLUSHALL"}).ok());
  Add(Make(1, 2));
  ASSERT_TRUE(AwaitEffects(2));
  EXPECT_EQ(Effects()[1], (std::vector<int64_t>{1, 2}));
}

TEST_F(ConsumerTest, ADatabaseThatGoesAwayParksNothing) {
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  Add(Make(1, 1));
  ASSERT_TRUE(AwaitEffects(1));
  ASSERT_TRUE(server().Stop().ok());
  Add(Make(1, 2));
  ASSERT_TRUE(server().Restart().ok());
  ASSERT_TRUE(AwaitEffects(2));
  EXPECT_EQ(Count("dead_letters"), 0);
}

}  // namespace
}  // namespace selfology::events
