// What the relay publishes again when it is asked, and what it publishes no more.
#include <string>

#include "absl/time/clock.h"
#include "common/relay/either_way_test.h"

namespace selfology::relay {
namespace {

class ReplayTest : public EitherWayTest {};

INSTANTIATE_TEST_SUITE_P(Ways, ReplayTest, Ways(), &NameOfWay);

TEST_P(ReplayTest, ReplaysWhatIsAskedFor) {
  auto relay = StartRelay();
  Emit(1, 10);
  Emit(2, 10);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  AwaitMode(*relay, WorkingMode());
  const absl::Time start = absl::Now() - absl::Hours(1);
  EXPECT_EQ(*relay->CountReplay(Soon(), {.start = start, .user_id = 2}), 10);
  EXPECT_EQ(EntryCount(), 20);
  EXPECT_EQ(*relay->Replay(Soon(), {.start = start, .user_id = 2}), 10);
  EXPECT_GE(EntryCount(), 30);
  EXPECT_EQ(*relay->Replay(Soon(), {.start = start, .types = {"other"}}), 0);
  EXPECT_EQ(*relay->Replay(Soon(), {.start = start, .types = {"test.happened"}}), 20);
  EXPECT_EQ(*relay->Replay(Soon(), {.start = start, .trace_id = "trace_1"}), 10);
  EXPECT_EQ(*relay->Replay(Soon(), {.start = start, .end = start}), 0);
  Emit(1, 1);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ExpectAllInOrder();
}

// PostgreSQL takes no NUL in a text.
TEST_P(ReplayTest, AReplayThatFailsLeavesTheLeaderAtWork) {
  auto relay = StartRelay();
  Emit(1, 5);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  AwaitMode(*relay, WorkingMode());
  const std::string terms = SqlText("SELECT term::text FROM selfology.relay_progress");
  const std::string nul("a\0b", 3);
  EXPECT_FALSE(relay->Replay(Soon(), {.types = {nul}}).ok());
  EXPECT_FALSE(relay->CountReplay(Soon(), {.trace_id = nul}).ok());
  EXPECT_EQ(*relay->Replay(Soon(), {.user_id = 1}), 5) << "the same leader goes on";
  EXPECT_EQ(SqlText("SELECT term::text FROM selfology.relay_progress"), terms);
  EXPECT_EQ(relay->status().failed_total, 0);
}

TEST_P(ReplayTest, CarriesThePersonOfAnEventThatHasAnotherKey) {
  auto relay = StartRelay();
  Emit(1, 1);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  AwaitMode(*relay, WorkingMode());
  Sql("INSERT INTO selfology.outbox (id, type, partition_key, subject, payload)"
      " VALUES (selfology.uuid_at(now()), 'test.happened', -7, 12, '1')");
  ASSERT_TRUE(Eventually([&] { return EntryCount() == 2; }));
  const auto person_of = [&](int64_t key) {
    for (const Delivered& entry : Entries()) {
      if (entry.event.partition_key == key) return entry.event.subject;
    }
    return int64_t{-1};
  };
  EXPECT_EQ(person_of(1), 0);
  EXPECT_EQ(person_of(-7), 12);
  EXPECT_EQ(*relay->CountReplay(Soon(), {.user_id = 12}), 1);
  EXPECT_EQ(*relay->Replay(Soon(), {.user_id = 12}), 1);
}

TEST_P(ReplayTest, PublishesNothingOfWhatWasRedacted) {
  auto relay = StartRelay();
  Emit(1, 3);
  Emit(2, 4);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  Sql("UPDATE selfology.outbox SET payload = '', redacted_at = now() WHERE partition_key = 1");
  EXPECT_EQ(*relay->CountReplay(Soon(), {}), 4);
  EXPECT_EQ(*relay->Replay(Soon(), {}), 4);
  Redis({"FLUSHALL"});
  ASSERT_TRUE(Eventually([&] { return EntryCount() == 4; }));
  for (const Delivered& entry : Entries()) EXPECT_EQ(entry.event.partition_key, 2);
  // Nor before it was published at all.
  relay.reset();
  Emit(3, 2);
  Sql("UPDATE selfology.outbox SET payload = '', redacted_at = now() WHERE partition_key = 3");
  Redis({"FLUSHALL"});
  relay = StartRelay();
  ASSERT_TRUE(Eventually([&] { return EntryCount() == 4; }));
  Emit(2, 1);
  ASSERT_TRUE(Eventually([&] { return EntryCount() >= 5; }));
  for (const Delivered& entry : Entries()) EXPECT_EQ(entry.event.partition_key, 2);
}

}  // namespace
}  // namespace selfology::relay
