#include "common/relay/relay.h"

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/relay/either_way_test.h"
#include "common/status/status.h"

namespace selfology::relay {
namespace {

class RelayTest : public EitherWayTest {};

INSTANTIATE_TEST_SUITE_P(Ways, RelayTest, Ways(), &NameOfWay);

TEST_P(RelayTest, OneEventArrivesAsItWasCommitted) {
  auto relay = StartRelay();
  AwaitMode(*relay, WorkingMode());
  Emit(7);
  ASSERT_TRUE(Eventually([&] { return EntryCount() == 1; }));
  const events::Envelope event = Entries()[0].event;
  EXPECT_EQ(event.type, "test.happened");
  EXPECT_EQ(event.partition_key, 7);
  EXPECT_EQ(event.trace_id, "trace_7");
  EXPECT_EQ(event.payload, "1");
  EXPECT_EQ(event.id.ToString(), SqlText("SELECT id::text FROM selfology.outbox"));
  EXPECT_EQ(absl::StrCat(absl::ToUnixMicros(event.occurred_at)),
            SqlText("SELECT (extract(epoch FROM occurred_at) * 1000000)::bigint::text"
                    " FROM selfology.outbox"));
}

// A commit that waits for a standby is in the log already, and nobody can see what it wrote.
TEST_P(RelayTest, NothingArrivesBeforeEverybodyCanSeeIt) {
  auto relay = StartRelay();
  AwaitMode(*relay, WorkingMode());
  Emit(1);
  ASSERT_TRUE(Eventually([&] { return EntryCount() == 1; }));
  const auto visible = [&] {
    return std::stoll(SqlText("SELECT count(*)::text FROM selfology.outbox"));
  };
  Sql("SET synchronous_commit = local");
  Sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  Sql("SELECT pg_reload_conf()");
  std::atomic<bool> released = false;
  std::thread writer([&] {
    const auto connection = postgres::Connection::Open(Soon(), {.url = database_url_});
    ASSERT_TRUE(connection.ok()) << connection.status();
    // The server's processes learn of the setting one after the other.
    while (!released) ASSERT_TRUE((*connection)->Script(Soon(), "SELECT emit(7, 1)").ok());
  });
  EXPECT_TRUE(Eventually([&] {
    return SqlText("SELECT count(*)::text FROM pg_stat_activity WHERE wait_event = 'SyncRep'") ==
           "1";
  }));
  EXPECT_FALSE(Eventually([&] { return EntryCount() > visible(); }, absl::Seconds(1)));
  released = true;
  Sql("ALTER SYSTEM RESET synchronous_standby_names");
  Sql("SELECT pg_reload_conf()");
  writer.join();
  EXPECT_TRUE(Eventually([&] { return EntryCount() == visible(); }));
}

TEST_P(RelayTest, WhatWasThereBeforeTheFirstStartArrives) {
  for (int user = 1; user <= 20; ++user) Emit(user, 100);
  auto relay = StartRelay();
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  AwaitMode(*relay, WorkingMode());
  Emit(1, 3);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  EXPECT_EQ(ExpectAllInOrder(), 0);
}

TEST_P(RelayTest, FiftyThousandOfConcurrentWritersArriveOnceAndInOrder) {
  auto relay = StartRelay();
  EmitConcurrently(/*threads=*/8, /*transactions=*/5000, /*each=*/10, /*users=*/40);
  ASSERT_TRUE(Eventually([&] { return EntryCount() >= emitted_; }));
  EXPECT_EQ(ExpectAllInOrder(), 0);
  EXPECT_TRUE(Eventually([&] { return relay->status().pending_events == 0; }));
  EXPECT_EQ(relay->status().published_total, emitted_);
  EXPECT_EQ(relay->status().failed_total, 0) << relay->status().last_error;
}

TEST_P(RelayTest, ABigTransactionArrives) {
  Options options = DefaultOptions();
  options.batch_events = 64;
  auto relay = StartRelay(options);
  AwaitMode(*relay, WorkingMode());
  Emit(3, 20'000);
  ASSERT_TRUE(Eventually([&] { return EntryCount() >= emitted_; }));
  EXPECT_EQ(ExpectAllInOrder(), 0);
}

TEST_P(RelayTest, KilledAgainAndAgainItLosesNothing) {
  std::thread writers([&] { EmitConcurrently(4, 1500, 5, 10); });
  for (int kill = 0; kill < 6; ++kill) {
    auto relay = StartProcess();
    const int64_t before = EntryCount();
    EXPECT_TRUE(Eventually([&] { return EntryCount() > before + 200; }, absl::Seconds(5)) ||
                kill > 0);
    relay->Signal(SIGKILL);
    ASSERT_TRUE(relay->Wait(absl::Now() + absl::Seconds(10)).ok());
  }
  writers.join();
  auto relay = StartRelay();
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ExpectAllInOrder();
}

TEST_P(RelayTest, ASecondRelayTakesOver) {
  auto first = StartProcess();
  Emit(1);
  ASSERT_TRUE(Eventually([&] { return EntryCount() == 1; }));
  auto second = StartRelay();
  AwaitMode(*second, Mode::kStandby);
  EXPECT_EQ(status::Reason(second->Replay(Soon(), {}).status()), "RELAY_STANDBY");
  EXPECT_EQ(*second->CountReplay(Soon(), {}), 1) << "counting needs no leadership";
  Emit(1, 5);
  ASSERT_TRUE(Eventually([&] { return EntryCount() == 6; }));
  EXPECT_EQ(second->status().published_total, 0);

  first->Signal(SIGKILL);
  ASSERT_TRUE(first->Wait(absl::Now() + absl::Seconds(10)).ok());
  Emit(1, 5);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ExpectAllInOrder();
  AwaitMode(*second, WorkingMode());
}

TEST_P(RelayTest, AnEmptiedRedisGetsEverythingAgain) {
  auto relay = StartRelay();
  for (int user = 1; user <= 10; ++user) Emit(user, 10);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  AwaitMode(*relay, WorkingMode());
  events::EntryId highest;
  for (const Delivered& entry : Entries()) highest = std::max(highest, entry.id);

  Redis({"FLUSHALL"});
  // Neither of these may get in ahead of what was there before.
  Emit(1, 2);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ExpectAllInOrder();
  for (const Delivered& entry : Entries()) EXPECT_GT(entry.id, highest);
  EXPECT_TRUE(Eventually([&] { return relay->status().republished_total >= 100; }));
}

TEST_P(RelayTest, AnEmptiedRedisIsNoticedWithoutNewEvents) {
  auto relay = StartRelay();
  Emit(1, 10);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  Redis({"FLUSHALL"});
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ExpectAllInOrder();
}

TEST_P(RelayTest, ADeletedStreamIsFilledAgain) {
  auto relay = StartRelay();
  for (int user = 1; user <= 10; ++user) Emit(user, 10);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  Redis({"DEL", events::StreamName(2, kPartitions)});
  for (int user = 1; user <= 10; ++user) Emit(user, 1);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ExpectAllInOrder();
}

TEST_P(RelayTest, ARedisThatWentBackInTimeIsBroughtUpAgain) {
  namespace fs = std::filesystem;
  auto relay = StartRelay();
  Emit(1, 50);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  const std::string data = redis_folder_->path() + "/data", copy = redis_folder_->path() + "/copy";
  ASSERT_EQ(redis_server_->Stop(), absl::OkStatus());
  fs::copy(data, copy, fs::copy_options::recursive);
  ASSERT_EQ(redis_server_->Restart(), absl::OkStatus());
  Emit(1, 50);
  Emit(2, 50);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  events::EntryId highest;
  for (const Delivered& entry : Entries()) highest = std::max(highest, entry.id);

  ASSERT_EQ(redis_server_->Stop(), absl::OkStatus());
  fs::remove_all(data);
  fs::copy(copy, data, fs::copy_options::recursive);
  ASSERT_EQ(redis_server_->Restart(), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ExpectAllInOrder();
  // Readers that had come further than Redis went back must see what comes again.
  for (const Delivered& entry : Entries()) {
    if (entry.event.partition_key == 2) EXPECT_GT(entry.id, highest);
  }
}

TEST_P(RelayTest, ARedisThatWentBackWhileNoRelayRanIsBroughtUpAgain) {
  namespace fs = std::filesystem;
  const std::string data = redis_folder_->path() + "/data", copy = redis_folder_->path() + "/copy";
  auto relay = StartRelay();
  AwaitMode(*relay, WorkingMode());
  Emit(1, 5);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ASSERT_EQ(redis_server_->Stop(), absl::OkStatus());
  fs::copy(data, copy, fs::copy_options::recursive);
  ASSERT_EQ(redis_server_->Restart(), absl::OkStatus());
  Emit(1, 5);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  // Until the slot was told that they need not come again.
  ASSERT_TRUE(Eventually([&] {
    return SqlText("SELECT count(*)::text FROM selfology.event_outbox WHERE status = 'pending'") ==
           "0";
  }));
  relay.reset();
  ASSERT_EQ(redis_server_->Stop(), absl::OkStatus());
  fs::remove_all(data);
  fs::copy(copy, data, fs::copy_options::recursive);
  ASSERT_EQ(redis_server_->Restart(), absl::OkStatus());
  relay = StartRelay();
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ExpectAllInOrder();
}

TEST_P(RelayTest, WaitsForARedisThatTakesNoWrites) {
  auto relay = StartRelay();
  Emit(1);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));

  Redis({"CONFIG", "SET", "maxmemory", "1"});
  Emit(1, 3);
  ASSERT_TRUE(Eventually([&] { return relay->status().failed_total > 0; }));
  EXPECT_NE(relay->status().last_error.find("OOM"), std::string::npos)
      << relay->status().last_error;
  EXPECT_EQ(EntryCount(), 1);
  EXPECT_TRUE(Eventually([&] { return relay->status().pending_events == 3; }))
      << relay->status().pending_events;
  Redis({"CONFIG", "SET", "maxmemory", "0"});
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));

  const int64_t failed = relay->status().failed_total;
  Redis({"REPLICAOF", "127.0.0.1", "1"});
  Emit(1, 3);
  ASSERT_TRUE(Eventually([&] {
    return relay->status().failed_total > failed &&
           relay->status().last_error.find("READONLY") != std::string::npos;
  }));
  Redis({"REPLICAOF", "NO", "ONE"});
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ExpectAllInOrder();
}

TEST_P(RelayTest, WaitsForARedisThatIsAway) {
  redis_server_->Kill();
  Emit(1, 10);
  auto relay = StartRelay();
  ASSERT_TRUE(Eventually([&] { return relay->status().failed_total > 0; }));
  ASSERT_EQ(redis_server_->Restart(), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  AwaitMode(*relay, WorkingMode());

  redis_server_->Kill();
  Emit(1, 10);
  ASSERT_TRUE(Eventually([&] { return !relay->status().last_error.empty(); }));
  ASSERT_EQ(redis_server_->Restart(), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ExpectAllInOrder();
}

TEST_P(RelayTest, NoticesARedisThatIsBackBeforeItsNextTry) {
  Options options = DefaultOptions();
  options.backoff = {absl::Milliseconds(20), absl::Minutes(10)};
  auto relay = StartRelay(options);
  Emit(1);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  redis_server_->Kill();
  Emit(1, 10);
  ASSERT_TRUE(Eventually([&] { return !relay->status().last_error.empty(); }));
  ASSERT_EQ(redis_server_->Restart(), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ExpectAllInOrder();
}

TEST_P(RelayTest, ATransactionThatStaysOpenHoldsNobodyUp) {
  auto open = postgres::Connection::Open(Soon(), {.url = database_url_, .keywords = {}});
  ASSERT_TRUE(open.ok());
  // From before the slot is made, which has to wait for it.
  ASSERT_EQ((*open)->Script(Soon(), "BEGIN; SELECT emit(99, 1)"), absl::OkStatus());
  auto relay = StartRelay();
  Emit(1, 10);
  ASSERT_TRUE(Eventually([&] { return EntryCount() == 10; }));
  ASSERT_EQ((*open)->Script(Soon(), "COMMIT"), absl::OkStatus());
  ++emitted_;
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  AwaitMode(*relay, WorkingMode());

  ASSERT_EQ((*open)->Script(Soon(), "BEGIN; SELECT emit(98, 1)"), absl::OkStatus());
  Emit(1, 10);
  ASSERT_TRUE(Eventually([&] { return EntryCount() >= emitted_; }));
  ASSERT_EQ((*open)->Script(Soon(), "ROLLBACK"), absl::OkStatus());
  Emit(98, 1);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  EXPECT_EQ(ExpectAllInOrder(), 0);
}

TEST_P(RelayTest, GoesOnAfterTheDatabaseRestarted) {
  auto relay = StartRelay();
  Emit(1, 10);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ASSERT_EQ(server().Restart(), absl::OkStatus());
  auto admin = postgres::Connection::Open(Soon(), {.url = database_url_, .keywords = {}});
  ASSERT_TRUE(admin.ok());
  admin_ = *std::move(admin);
  Emit(1, 10);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ExpectAllInOrder();
}

TEST_P(RelayTest, TheViewTellsWhatWasPublished) {
  Emit(1, 3);
  EXPECT_EQ(SqlText("SELECT string_agg(DISTINCT status, ',') FROM selfology.event_outbox"),
            "pending");
  auto relay = StartRelay();
  EXPECT_TRUE(Eventually([&] {
    return SqlText("SELECT string_agg(DISTINCT status, ',') FROM selfology.event_outbox") ==
           "published";
  }));
  AwaitMode(*relay, WorkingMode());
  Emit(1, 3);
  EXPECT_TRUE(Eventually([&] {
    return SqlText("SELECT string_agg(status, ',') FROM selfology.event_outbox") ==
           "published,published,published,published,published,published";
  }));
  EXPECT_EQ(SqlText("SELECT published_total::text FROM selfology.relay_progress"), "6");
}

TEST_P(RelayTest, TrimsWhatEveryGroupHasPassedAndNeedsItNoMore) {
  Options options = DefaultOptions();
  options.stream_keep = absl::ZeroDuration();
  options.trim_every = absl::Milliseconds(50);
  auto relay = StartRelay(options);
  for (int user = 1; user <= 50; ++user) Emit(user, 40);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  AwaitMode(*relay, WorkingMode());
  for (int partition = 0; partition < kPartitions; ++partition) {
    Redis({"XGROUP", "CREATE", events::StreamName(partition, kPartitions), "slow", "0"});
  }
  for (int partition = 0; partition < kPartitions; ++partition) {
    Redis({"XGROUP", "CREATE", events::StreamName(partition, kPartitions), "fast", "$"});
  }
  ASSERT_TRUE(Eventually([&] {
    return SqlText("SELECT array_to_string(known_groups, ',') FROM selfology.relay_progress") ==
           "fast,slow";
  }));
  EXPECT_EQ(EntryCount(), 2000);
  for (int partition = 0; partition < kPartitions; ++partition) {
    Redis({"XGROUP", "SETID", events::StreamName(partition, kPartitions), "slow", "$"});
  }
  // Approximately: whole nodes of the stream go.
  ASSERT_TRUE(Eventually([&] { return EntryCount() < 1000; }));
  ASSERT_TRUE(Eventually([&] {
    return SqlText(
               "SELECT count(*)::text FROM selfology.outbox, selfology.relay_progress"
               " WHERE NOT pg_visible_in_snapshot(xid, handled_snapshot)") == "0";
  }));

  // An emptied Redis gets only what somebody may still need.
  Redis({"FLUSHALL"});
  Emit(1, 2);
  ASSERT_TRUE(Eventually([&] { return EntryCount() == 2; }));
}

TEST_P(RelayTest, StartsOverWhenAnotherRelayClaimedTheStreams) {
  auto relay = StartRelay();
  Emit(1, 5);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  Redis({"HINCRBY", "selfology:relay", "term", "1"});
  Emit(1, 5);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ExpectAllInOrder();
}

}  // namespace
}  // namespace selfology::relay
