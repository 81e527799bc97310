#include "common/events/consumer.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/events/consumer_fixture_test.h"
#include "common/events/outbox.h"

namespace selfology::events {
namespace {

using v1::SessionCreated;
using v1::SessionTimeout;

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

TEST_F(ConsumerTest, WhatNobodyWaitsForMayUseRedisInASharedTransaction) {
  const auto consumer = std::make_unique<Consumer>(Settings("a"), *streams_, *database_, metrics_);
  consumer->Gather(absl::Milliseconds(1));
  consumer->On<SessionCreated>(
      [this](const SessionCreated& event, Handling& handling) -> absl::Status {
        RETURN_IF_ERROR(redis_->Command(handling.call(), {"PING"}).status());
        return Effect(event, handling);
      });
  for (int64_t user = 1; user <= 200; ++user) Add(Make(user, 1));
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(AwaitEffects(200));
  EXPECT_LT(Transactions(), 100);
}

TEST_F(ConsumerTest, WhatGathersGoesWhenATransactionIsFull) {
  ConsumerOptions options = Settings("a");
  options.together = 4;
  const auto consumer = Make(options);
  consumer->Gather(absl::Hours(1));
  ASSERT_TRUE(consumer->Start().ok());
  Add(Make(1, 1));
  ASSERT_TRUE(AwaitEffects(1));  // The first does not wait.
  for (int64_t user = 2; user <= 5; ++user) Add(Make(user, 1));
  ASSERT_TRUE(AwaitEffects(5));
  EXPECT_EQ(Transactions(), 2);
}

TEST_F(ConsumerTest, WhatGathersGoesWhenItIsTime) {
  const auto consumer = Make();
  consumer->Gather(absl::Milliseconds(200));
  ASSERT_TRUE(consumer->Start().ok());
  for (int64_t n = 1; n <= 3; ++n) {
    Add(Make(1, n));
    Add(Make(2, n));
    ASSERT_TRUE(AwaitEffects(2 * static_cast<size_t>(n)));
  }
}

TEST_F(ConsumerTest, WhatGathersLetsOthersHaveTheDatabaseFirst) {
  database_ = *postgres::Database::Open({.url = url(),
                                         .role = "selfology_consumer_test",
                                         .yielding_connections = 1,
                                         .acquire_timeout = absl::Hours(1)});
  const auto behind = Make();
  behind->Gather(absl::Milliseconds(1));
  ConsumerOptions options = Settings("a");
  options.group = "awaited";
  const auto awaited = Make(options);
  {
    const postgres::Transaction at_work = database_->Begin(TestCall().Yielding());
    ASSERT_TRUE(behind->Start().ok());
    ASSERT_TRUE(awaited->Start().ok());
    for (int64_t user = 1; user <= 8; ++user) Add(Make(user, 1));
    ASSERT_TRUE(AwaitEffects(8)) << "the other group handles all";
    EXPECT_EQ(Count("inbox WHERE consumer_group = 'group'"), 0);
  }
  ASSERT_TRUE(AwaitEffects(2 * 8));
}

TEST_F(ConsumerTest, AStuckHandlerHoldsUpNobodyElse) {
  absl::Notification stuck, go;
  before_effect_ = [&](const v1::SessionCreated& event) {
    if (event.user_id() == 1) {
      stuck.Notify();
      go.WaitForNotification();
    }
    return absl::OkStatus();
  };
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  Add(Make(1, 1));
  stuck.WaitForNotification();
  Add(Make(2, 1));
  Add(Make(3, 1));
  EXPECT_TRUE(AwaitEffects(2));
  go.Notify();
  EXPECT_TRUE(AwaitEffects(3));
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
  auto consumer = std::make_unique<Consumer>(Settings("a"), *streams_, *database_, metrics_);
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

TEST_F(ConsumerTest, WhatIsTooMuchForNowComesLater) {
  constexpr int kUsers = 200;
  ConsumerOptions options = Settings("a");
  options.max_unfinished = 3;
  options.concurrency = 2;
  absl::Notification open;
  Consumer consumer(options, *streams_, *database_, metrics_);
  consumer.On<SessionCreated>([&](const SessionCreated& event, Handling& handling) {
    open.WaitForNotification();
    return Effect(event, handling);
  });
  // Another group of the process goes on meanwhile.
  std::atomic<int> seen = 0;
  Consumer other({.group = "other", .replica = "a"}, *streams_, *database_, metrics_);
  other.On<SessionCreated>([&](const SessionCreated&, Handling&) {
    ++seen;
    return absl::OkStatus();
  });
  ASSERT_TRUE(consumer.Start().ok());
  ASSERT_TRUE(other.Start().ok());
  for (int user = 1; user <= kUsers; ++user) Add(Make(user, /*session=*/user));
  EXPECT_TRUE(Await([&] { return seen >= kUsers; }));
  open.Notify();
  EXPECT_TRUE(AwaitEffects(kUsers));
  for (const auto& [user, sessions] : Effects()) EXPECT_EQ(sessions, std::vector{user});
}

TEST_F(ConsumerTest, AHandlersFailureLeavesNoEffect) {
  std::atomic<bool> fail = true;
  auto consumer = std::make_unique<Consumer>(
      ConsumerOptions{.group = "other", .replica = "a", .backoff = {absl::Milliseconds(5)}},
      *streams_, *database_, metrics_);
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

// Erasing a person takes entries out of a stream's middle.
TEST_F(ConsumerTest, EntriesThatVanishAreMissedByNobody) {
  const std::string stream = StreamName(PartitionOf(1, kPartitions), kPartitions);
  std::vector<std::string> ids;
  for (int64_t session = 1; session <= 6; ++session) {
    Add(Make(1, session));
    ids.push_back(absl::StrCat(position_.load(), "-1"));
  }
  // Before anybody has read them: the first, one in between, the last.
  for (const int gone : {0, 2, 5}) {
    ASSERT_TRUE(redis_->Command(TestCall(), {"XDEL", stream, ids[gone]}).ok());
  }
  absl::Notification handling_it, go_on;
  before_effect_ = [&](const v1::SessionCreated& event) {
    if (event.session_id() != 2) return absl::OkStatus();
    handling_it.Notify();
    go_on.WaitForNotification();
    return absl::OkStatus();
  };
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  handling_it.WaitForNotification();
  // While it is handled, and others wait behind it.
  ASSERT_TRUE(redis_->Command(TestCall(), {"XDEL", stream, ids[1], ids[3]}).ok());
  go_on.Notify();
  ASSERT_TRUE(AwaitEffects(3));
  EXPECT_EQ(Effects()[1], (std::vector<int64_t>{2, 4, 5}));
  Add(Make(1, 7));
  ASSERT_TRUE(AwaitEffects(4));
  consumer->Drain(absl::Now() + absl::Seconds(10));
  const auto groups = redis_->Command(TestCall(), {"XINFO", "GROUPS", stream});
  ASSERT_TRUE(groups.ok());
  EXPECT_NE(groups->DebugString().find(absl::StrCat(position_.load(), "-1")), std::string::npos)
      << "the group has passed them";
}

TEST_F(ConsumerTest, NothingIsReadUntilTheTypesAreKnownAndLaterOnesAreTakenUp) {
  absl::Mutex mutex;
  std::shared_ptr<const EventTypes> types;
  const auto know = [&](EventTypes now) {
    absl::MutexLock lock(&mutex);
    types = std::make_shared<const EventTypes>(std::move(now));
  };
  const auto consumer = std::make_unique<Consumer>(Settings("a"), *streams_, *database_, metrics_);
  consumer->OnTypes(
      [&] {
        absl::MutexLock lock(&mutex);
        return types;
      },
      [this](std::string_view type, const std::string& payload, Handling& handling) {
        SessionCreated event;
        if (type != TypeOf<SessionCreated>() || !event.ParseFromString(payload)) {
          return absl::InvalidArgumentError("another type");
        }
        return Effect(event, handling);
      });
  Add(Make(1, 1));
  ASSERT_TRUE(consumer->Start().ok());
  // The group's other duties go on: it only reads nothing.
  EXPECT_EQ(consumer->held_partitions(), 0);
  know({TypeOf<SessionCreated>()});
  ASSERT_TRUE(AwaitEffects(1));

  know({TypeOf<SessionTimeout>()});
  Add(Make(1, 2));  // One that was taken up stays so.
  ASSERT_TRUE(AwaitEffects(2));
  EXPECT_EQ(Effects()[1], (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(Count("dead_letters"), 0);
}

TEST_F(ConsumerTest, AHandlerOfATypeGoesBeforeThoseOfAllTypes) {
  const auto consumer = Make();
  const auto all = std::make_shared<const EventTypes>(
      EventTypes{TypeOf<SessionCreated>(), TypeOf<SessionTimeout>()});
  consumer->OnTypes([all] { return all; },
                    [](std::string_view, const std::string&, Handling&) {
                      return absl::InvalidArgumentError("not for this one");
                    });
  Add(Make(1, 1));
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(AwaitEffects(1));
  EXPECT_EQ(Count("dead_letters"), 0);
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

TEST_F(ConsumerTest, ARedisThatTakesNoWritesParksNothing) {
  std::atomic<int> refusals = 10;  // More than an event may fail.
  before_effect_ = [&](const v1::SessionCreated&) {
    return refusals-- > 0
               ? redis::ErrorStatus("READONLY You can't write against a read only replica.")
               : absl::OkStatus();
  };
  Add(Make(1, 1));
  Add(Make(1, 2));
  const auto consumer = Make();
  ASSERT_TRUE(consumer->Start().ok());
  ASSERT_TRUE(AwaitEffects(2));
  EXPECT_EQ(Count("dead_letters"), 0);
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
