#include "common/relay/relay.h"

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/relay/relay_fixture.h"
#include "common/status/status.h"

namespace selfology::relay {
namespace {

// Everything here holds whichever way the relay finds new events.
class RelayTest : public RelayFixture, public ::testing::WithParamInterface<Preference> {
 protected:
  Preference preference() const override { return GetParam(); }
  Mode WorkingMode() const {
    return GetParam() == Preference::kSnapshot ? Mode::kSnapshotDifference : Mode::kLogicalDecoding;
  }
};

INSTANTIATE_TEST_SUITE_P(Ways, RelayTest,
                         ::testing::Values(Preference::kAuto, Preference::kSnapshot),
                         [](const auto& info) {
                           return info.param == Preference::kAuto ? "Logical" : "Snapshot";
                         });

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
  EXPECT_EQ(status::Reason(second->Replay(Soon(), {}, true).status()), "RELAY_STANDBY");
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

TEST_P(RelayTest, ReplaysWhatIsAskedFor) {
  auto relay = StartRelay();
  Emit(1, 10);
  Emit(2, 10);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  AwaitMode(*relay, WorkingMode());
  const absl::Time start = absl::Now() - absl::Hours(1);
  EXPECT_EQ(*relay->Replay(Soon(), {.start = start, .user_id = 2}, /*dry_run=*/true), 10);
  EXPECT_EQ(EntryCount(), 20);
  EXPECT_EQ(*relay->Replay(Soon(), {.start = start, .user_id = 2}, false), 10);
  EXPECT_GE(EntryCount(), 30);
  EXPECT_EQ(*relay->Replay(Soon(), {.start = start, .types = {"other"}}, false), 0);
  EXPECT_EQ(*relay->Replay(Soon(), {.start = start, .types = {"test.happened"}}, false), 20);
  EXPECT_EQ(*relay->Replay(Soon(), {.start = start, .trace_id = "trace_1"}, false), 10);
  EXPECT_EQ(*relay->Replay(Soon(), {.start = start, .end = start}, false), 0);
  Emit(1, 1);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ExpectAllInOrder();
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

// A day of the outbox and of the inbox, so many days ago, with an event that a group has handled.
class RetentionTest : public RelayTest {
 protected:
  void MakeDay(int days_ago, bool with_event = true) {
    const std::string day = absl::StrCat("(current_date - ", days_ago, ")");
    for (const auto& [parent, key] : {std::pair("outbox", "id"), std::pair("inbox", "event_id")}) {
      Sql(absl::StrCat("DO $$ BEGIN EXECUTE format('CREATE TABLE selfology.", parent,
                       "_%s PARTITION OF selfology.", parent,
                       " FOR VALUES FROM (%L) TO (%L)', to_char(", day,
                       ", 'YYYYMMDD'), selfology.uuid_at(", day, "), selfology.uuid_at(", day,
                       " + 1));", " EXECUTE format('ALTER TABLE selfology.", parent,
                       "_%s OWNER TO selfology_mesh', to_char(", day, ", 'YYYYMMDD')); END $$"));
    }
    if (!with_event) return;
    Sql(
        absl::StrCat("INSERT INTO selfology.outbox (id, type, partition_key, payload)"
                     " VALUES (selfology.uuid_at(",
                     day, " + interval '1 hour'), 'test.happened', ", 1000 + days_ago, ", '1')"));
    Sql(
        absl::StrCat("INSERT INTO selfology.inbox (consumer_group, event_id)"
                     " VALUES ('fast', selfology.uuid_at(",
                     day, " + interval '1 hour'))"));
    ++emitted_;
  }
  // "outbox_40 inbox_40": what is left of days older than yesterday, by their age.
  std::string Days() {
    return SqlText(
        "SELECT string_agg(left(relname, -8) || (current_date - to_date(right(relname, 8),"
        " 'YYYYMMDD')), ' ' ORDER BY relname DESC) FROM pg_class WHERE relkind = 'r'"
        " AND relname ~ '^(outbox|inbox)_[0-9]{8}$'"
        " AND to_date(right(relname, 8), 'YYYYMMDD') < current_date - 1");
  }
  Options Hurried() {
    Options options = DefaultOptions();
    options.outbox_retention = absl::Hours(30 * 24);
    options.inbox_retention = absl::Hours(37 * 24);
    options.partitions_every = options.trim_every = absl::Milliseconds(50);
    options.stream_keep = absl::ZeroDuration();
    return options;
  }
  void PassAll(const std::string& group) {
    for (int partition = 0; partition < kPartitions; ++partition) {
      const std::string stream = events::StreamName(partition, kPartitions);
      // It may be there.
      (void)redis_->Command(Soon(), {"XGROUP", "CREATE", stream, group, "0", "MKSTREAM"});
      Redis({"XGROUP", "SETID", stream, group, "$"});
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Ways, RetentionTest, ::testing::Values(Preference::kAuto),
                         [](const auto&) { return "Logical"; });

TEST_P(RetentionTest, DropsOldDaysOnceEveryGroupHasPassedThem) {
  MakeDay(60, /*with_event=*/false);
  MakeDay(40);
  MakeDay(33);
  MakeDay(20);
  for (int partition = 0; partition < kPartitions; ++partition) {
    Redis(
        {"XGROUP", "CREATE", events::StreamName(partition, kPartitions), "slow", "0", "MKSTREAM"});
  }
  auto relay = StartRelay(Hurried());
  PassAll("fast");
  // The empty day goes; the others wait for the group that has handled nothing.
  ASSERT_TRUE(Eventually([&] { return !Days().ends_with("60"); })) << Days();
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  EXPECT_EQ(Days(), "outbox_20 outbox_33 outbox_40 inbox_20 inbox_33 inbox_40");

  PassAll("slow");
  PassAll("fast");
  // Of the inbox more is kept: what comes again must be known.
  ASSERT_TRUE(Eventually([&] { return Days() == "outbox_20 inbox_20 inbox_33"; })) << Days();
  EXPECT_EQ(SqlText("SELECT count(*)::text FROM selfology.outbox"), "1");
  // What is left can be had again.
  EXPECT_EQ(*relay->Replay(Soon(), {.start = absl::Now() - absl::Hours(50 * 24)}, false), 1);
}

TEST_P(RetentionTest, KeepsWhatIsNotYetPublished) {
  MakeDay(60, /*with_event=*/false);
  MakeDay(40);
  PassAll("fast");
  redis_server_->Kill();
  auto relay = StartRelay(Hurried());
  // Counting and retention need no Redis.
  EXPECT_TRUE(Eventually([&] { return !Days().ends_with("60"); })) << Days();
  EXPECT_EQ(Days(), "outbox_40 inbox_40");
  ASSERT_EQ(redis_server_->Restart(), absl::OkStatus());
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  PassAll("fast");
  EXPECT_TRUE(Eventually([&] { return Days().empty() || Days() == "NULL"; })) << Days();
}

// Only where there is a slot.
class LogicalRelayTest : public RelayFixture {};

TEST_F(LogicalRelayTest, AStreamedEventsIdBeginsWithItsCommit) {
  auto relay = StartRelay();
  AwaitMode(*relay, Mode::kLogicalDecoding);
  const auto before = ParseLsn(SqlText("SELECT pg_current_wal_insert_lsn()::text"));
  Emit(1, 3);
  const auto after = ParseLsn(SqlText("SELECT pg_current_wal_insert_lsn()::text"));
  ASSERT_TRUE(Eventually([&] { return EntryCount() == 3; }));
  uint64_t n = 0;
  for (const Delivered& entry : Entries()) {
    EXPECT_GE(entry.id.position, *before);
    EXPECT_LT(entry.id.position, *after);
    EXPECT_EQ(entry.id.n, ++n);
  }
}

TEST_F(LogicalRelayTest, ALostSlotIsMadeAnewAndNothingIsMissing) {
  auto relay = StartRelay();
  AwaitMode(*relay, Mode::kLogicalDecoding);
  Emit(1, 10);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  relay.reset();
  ASSERT_TRUE(Eventually([&] {
    return admin_->Script(Soon(), absl::StrCat("SELECT pg_drop_replication_slot('", slot_, "')"))
        .ok();
  }));
  Emit(1, 10);
  relay = StartRelay();
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  AwaitMode(*relay, Mode::kLogicalDecoding);
  Emit(1, 10);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ExpectAllInOrder();
}

TEST_F(LogicalRelayTest, AnInvalidatedSlotIsMadeAnewAndNothingIsMissing) {
  auto relay = StartRelay();
  AwaitMode(*relay, Mode::kLogicalDecoding);
  Emit(1, 10);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  relay.reset();
  Sql("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'");
  Sql("SELECT pg_reload_conf()");
  Emit(1, 10);
  ASSERT_TRUE(Eventually([&] {
    for (const char* sql : {"SELECT pg_switch_wal()", "INSERT INTO elsewhere VALUES (1)",
                            "SELECT pg_switch_wal()", "CHECKPOINT"}) {
      Sql(sql);
    }
    return SqlText(absl::StrCat("SELECT wal_status FROM pg_replication_slots WHERE slot_name = '",
                                slot_, "'")) == "lost";
  }));
  Sql("ALTER SYSTEM RESET max_slot_wal_keep_size");
  Sql("SELECT pg_reload_conf()");
  relay = StartRelay();
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  AwaitMode(*relay, Mode::kLogicalDecoding);
  Emit(1, 10);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  ExpectAllInOrder();
}

TEST_F(LogicalRelayTest, AKilledWalsenderIsReplaced) {
  auto relay = StartRelay();
  AwaitMode(*relay, Mode::kLogicalDecoding);
  for (int round = 0; round < 5; ++round) {
    Emit(1, 10);
    Sql(
        absl::StrCat("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                     " WHERE slot_name = '",
                     slot_, "' AND active_pid IS NOT NULL"));
    Emit(1, 10);
    ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  }
  AwaitMode(*relay, Mode::kLogicalDecoding);
  ExpectAllInOrder();
}

TEST_F(LogicalRelayTest, FallsBackToSnapshotsWhereItMayNotReplicate) {
  Sql("DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN; GRANT selfology_mesh TO plain");
  Options options = DefaultOptions();
  options.database_url = server().url(SqlText("SELECT current_database()::text"), "plain");
  Emit(1, 10);
  auto relay = StartRelay(options);
  ASSERT_TRUE(Eventually([&] { return AllArrived(); }));
  AwaitMode(*relay, Mode::kSnapshotDifference);
  EXPECT_EQ(ExpectAllInOrder(), 0);

  Options strict = options;
  relay.reset();
  strict.preference = Preference::kLogical;
  relay = StartRelay(strict);
  ASSERT_TRUE(Eventually([&] { return !relay->status().last_error.empty(); }));
  EXPECT_NE(relay->status().last_error.find("PERMISSION_DENIED"), std::string::npos)
      << relay->status().last_error;
}

TEST_F(LogicalRelayTest, TheSlotMovesOnWhenOthersWrite) {
  auto relay = StartRelay();
  AwaitMode(*relay, Mode::kLogicalDecoding);
  Emit(1);
  Sql("INSERT INTO elsewhere SELECT generate_series(1, 1000)");
  const std::string now = SqlText("SELECT pg_current_wal_insert_lsn()::text");
  EXPECT_TRUE(Eventually([&] {
    return SqlText(absl::StrCat("SELECT (confirmed_flush_lsn >= '", now,
                                "')::text FROM pg_replication_slots WHERE slot_name = '", slot_,
                                "'")) == "true";
  }));
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
