#include "common/events/erasure.h"

#include <cstdint>
#include <map>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/events/consumer_fixture_test.h"

namespace selfology::events {
namespace {

using v1::SessionCreated;

class ErasureTest : public ConsumerTest {
 protected:
  // As a service's DeleteUserData does.
  absl::Status Erase(int64_t user) {
    return database_->Write(TestCall(), [&](postgres::Transaction& tx) {
      BeginErasure(tx, user);
      return tx.Execute("DELETE FROM effects WHERE user_id = $1", user).status();
    });
  }
};

TEST_F(ErasureTest, WhatWasUnderWayToAnErasedPersonIsDropped) {
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

TEST_F(ErasureTest, AnErasureWaitsForTheHandlerAndTakesItsEffectToo) {
  absl::Notification handling_it, go_on;
  Consumer consumer(Settings("a"), *streams_, *database_, metrics_);
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

}  // namespace
}  // namespace selfology::events
