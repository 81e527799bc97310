// Logical decoding: its slot, its connection, and what serves where it is not to be had.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/relay/relay.h"
#include "testing/relay/relay_fixture.h"

namespace selfology::relay {
namespace {

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

TEST_F(LogicalRelayTest, APublicationThatPublishesNothingIsGivenTheOutbox) {
  Sql(absl::StrCat("CREATE PUBLICATION ", slot_, " WITH (publish = 'insert')"));
  auto relay = StartRelay();
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

}  // namespace
}  // namespace selfology::relay
