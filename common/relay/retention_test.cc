// Old days are dropped with their partitions, but nothing that somebody still needs.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/relay/relay.h"
#include "testing/relay/relay_fixture.h"

namespace selfology::relay {
namespace {

// A day of the outbox and of the inbox, so many days ago, with an event that a group has handled.
class RetentionTest : public RelayFixture {
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

TEST_F(RetentionTest, DropsOldDaysOnceEveryGroupHasPassedThem) {
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
  EXPECT_EQ(*relay->Replay(Soon(), {.start = absl::Now() - absl::Hours(50 * 24)}), 1);
}

TEST_F(RetentionTest, KeepsWhatIsNotYetPublished) {
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

}  // namespace
}  // namespace selfology::relay
