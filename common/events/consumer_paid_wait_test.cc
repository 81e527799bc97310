// Which events' handlers may wait for what costs money.
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/events/consumer.h"
#include "common/events/consumer_fixture_test.h"
#include "common/events/erasure.h"

namespace selfology::events {
namespace {

using v1::SessionCreated;

// A handler whose waiting costs money, as for a model's answer.
class PaidWaitTest : public ConsumerTest {
 protected:
  std::unique_ptr<Consumer> PayingConsumer() {
    auto consumer = std::make_unique<Consumer>(Settings("a"), *streams_, *database_, metrics_);
    consumer->On<SessionCreated>(
        [this](const SessionCreated& event, Handling& handling) -> absl::Status {
          // It makes do without what it is refused.
          if (handling.call().MayWait().ok()) ++paid_;
          return Effect(event, handling);
        });
    return consumer;
  }
  std::atomic<int> paid_ = 0;
};

TEST_F(PaidWaitTest, AnEventThatComesAgainIsNotPaidForAgain) {
  const auto consumer = PayingConsumer();
  ASSERT_TRUE(consumer->Start().ok());
  std::vector<Envelope> events;
  for (int64_t user = 1; user <= 20; ++user) events.push_back(Make(user, 1));
  for (const Envelope& event : events) Add(event);
  ASSERT_TRUE(AwaitEffects(20));
  EXPECT_EQ(paid_, 20);
  // Under new ids, as the relay publishes again.
  for (const Envelope& event : events) Add(event);
  Add(Make(21, 1));
  ASSERT_TRUE(AwaitEffects(21));
  for (int64_t user = 1; user <= 20; ++user) Add(Make(user, 2));
  ASSERT_TRUE(AwaitEffects(41)) << "which come after the repeated ones";
  EXPECT_EQ(paid_, 41);
}

TEST_F(PaidWaitTest, WaitingForStorageNeedsNoCheck) {
  std::atomic<int> refused = 0, stored = 0;
  Consumer consumer(Settings("a"), *streams_, *database_, metrics_);
  consumer.On<SessionCreated>([&](const SessionCreated& event, Handling& handling) -> absl::Status {
    if (handling.call().MayWait(Call::Wait::kStorage).ok()) ++stored;
    if (!handling.call().MayWait().ok()) ++refused;
    return Effect(event, handling);
  });
  ASSERT_TRUE(consumer.Start().ok());
  ASSERT_EQ(database_->Write(
                TestCall(), [](postgres::Transaction& tx) { return BeginErasure(tx, 1).status(); }),
            absl::OkStatus());
  Add(Make(1, 1));
  ASSERT_TRUE(Await([&] { return Count("inbox") == 1; }));
  EXPECT_EQ(stored, 1);
  EXPECT_GE(refused, 1);
  EXPECT_EQ(Count("effects"), 0);
}

TEST_F(PaidWaitTest, NothingIsPaidForWhoIsErasedOrParked) {
  before_effect_ = [](const SessionCreated& event) -> absl::Status {
    if (event.session_id() == 13) return absl::InvalidArgumentError("poison");
    return absl::OkStatus();
  };
  const auto consumer = PayingConsumer();
  ASSERT_TRUE(consumer->Start().ok());
  const Envelope late = Make(1, 1);
  ASSERT_EQ(database_->Write(
                TestCall(), [](postgres::Transaction& tx) { return BeginErasure(tx, 1).status(); }),
            absl::OkStatus());
  Add(late);
  Add(Make(2, 13));
  Add(Make(2, 1));
  ASSERT_TRUE(Await([&] { return Count("inbox") == 3; }));
  EXPECT_EQ(Count("dead_letters"), 2);
  EXPECT_EQ(Count("effects"), 0);
  EXPECT_EQ(paid_, 1) << "the one that was to be parked";
}

}  // namespace
}  // namespace selfology::events
