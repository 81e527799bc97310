// The parts of the relay that do no I/O.

#include <random>

#include "absl/strings/str_cat.h"
#include "common/relay/maintenance.h"
#include "common/relay/marker.h"
#include "common/relay/pgoutput.h"
#include "common/relay/snapshot.h"
#include "gtest/gtest.h"

namespace selfology::relay {
namespace {

TEST(LsnTest, IsReadAndWrittenAsPostgresDoes) {
  EXPECT_EQ(*ParseLsn("16/B374D848"), 0x16'B374'D848u);
  EXPECT_EQ(FormatLsn(0x16'B374'D848u), "16/B374D848");
  EXPECT_EQ(*ParseLsn("0/0"), 0u);
  for (const char* bad : {"", "16", "16/", "x/1", "1/2/3"}) EXPECT_FALSE(ParseLsn(bad).ok()) << bad;
}

TEST(SnapshotTest, SeesWhatHadEnded) {
  const auto snapshot = Snapshot::Parse("10:20:10,14");
  ASSERT_TRUE(snapshot.ok());
  for (const uint64_t xid : {1, 9, 11, 13, 15, 19}) EXPECT_TRUE(snapshot->Sees(xid)) << xid;
  for (const uint64_t xid : {10, 14, 20, 21, 1000}) EXPECT_FALSE(snapshot->Sees(xid)) << xid;
  EXPECT_EQ(snapshot->ToString(), "10:20:10,14");
  EXPECT_EQ(Snapshot().ToString(), "1:1:");
  EXPECT_FALSE(Snapshot().Sees(1));
  for (const char* bad : {"", "1", "1:2", "a:2:", "1:2:x", "1:9:5,3"}) {
    EXPECT_FALSE(Snapshot::Parse(bad).ok()) << bad;
  }
}

TEST(MarkerTest, ComesBackAsItWasWritten) {
  Marker marker{.lineage = "7/00000001/5/4",
                .term = 3,
                .source = {.position = 5, .n = 6},
                .published = *Snapshot::Parse("1:9:3"),
                .last = {.position = 7, .n = 8},
                .streams = {{}, {.position = 1, .n = 2}, {}, {.position = 7, .n = 8}}};
  std::vector<std::string> fields;
  for (const auto& [name, value] : EncodeMarker(marker, {1, 3})) {
    fields.push_back(name);
    fields.push_back(value);
  }
  EXPECT_EQ(*DecodeMarker(fields, 4), marker);
  fields.resize(4);
  EXPECT_FALSE(DecodeMarker(fields, 4).ok());
}

// Messages as the server writes them.
class Message {
 public:
  explicit Message(char kind) : bytes_(1, kind) {}
  Message& Number(uint64_t value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
      bytes_.push_back(static_cast<char>(value >> shift));
    }
    return *this;
  }
  Message& Text(std::string_view text) {
    bytes_.append(text).push_back('\0');
    return *this;
  }
  Message& Cell(std::string_view value) {
    bytes_.push_back('b');
    Number(value.size(), 4);
    bytes_.append(value);
    return *this;
  }
  Message& Kind(char kind) { return Number(static_cast<uint8_t>(kind), 1); }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

std::string Wide(uint64_t value) { return Message('x').Number(value, 8).bytes().substr(1); }

Message OutboxRelation() {
  Message relation('R');
  relation.Number(77, 4).Text("selfology").Text("outbox").Number('d', 1).Number(10, 2);
  for (const char* name : {"id", "seq", "xid", "type", "partition_key", "occurred_at",
                           "traceparent", "trace_id", "producer", "payload"}) {
    relation.Number(0, 1).Text(name).Number(25, 4).Number(0xffffffff, 4);
  }
  return relation;
}

Message OutboxInsert() {
  Message insert('I');
  insert.Number(77, 4).Kind('N').Number(10, 2);
  insert.Cell("0123456789abcdef").Cell(Wide(1)).Cell(Wide(900)).Cell("a.b").Cell(Wide(42));
  insert.Cell(Wide(1'000'000)).Cell("00-1").Cell("t").Cell("session").Cell(std::string("\0x", 2));
  return insert;
}

TEST(PgOutputTest, ReadsATransaction) {
  PgOutputDecoder decoder;
  const auto begin = decoder.Decode(Message('B').Number(500, 8).Number(0, 8).Number(3, 4).bytes());
  ASSERT_TRUE(begin.ok()) << begin.status();
  EXPECT_EQ(std::get<Begin>(*begin).commit, 500u);
  EXPECT_EQ(std::get<Begin>(*begin).committed_at, absl::FromUnixSeconds(946'684'800));

  ASSERT_TRUE(decoder.Decode(OutboxRelation().bytes()).ok());
  const auto insert = decoder.Decode(OutboxInsert().bytes());
  ASSERT_TRUE(insert.ok()) << insert.status();
  const Insert& row = std::get<Insert>(*insert);
  EXPECT_EQ(row.xid, 900u);
  EXPECT_EQ(row.event.type, "a.b");
  EXPECT_EQ(row.event.partition_key, 42);
  EXPECT_EQ(row.event.occurred_at, absl::FromUnixSeconds(946'684'801));
  EXPECT_EQ(row.event.traceparent, "00-1");
  EXPECT_EQ(row.event.trace_id, "t");
  EXPECT_EQ(row.event.producer, "session");
  EXPECT_EQ(row.event.payload, std::string("\0x", 2));

  const auto commit =
      decoder.Decode(Message('C').Number(0, 1).Number(500, 8).Number(520, 8).Number(0, 8).bytes());
  ASSERT_TRUE(commit.ok());
  EXPECT_EQ(std::get<Commit>(*commit).end, 520u);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(*decoder.Decode("T....")));
}

TEST(PgOutputTest, RefusesWhatIsCutOffOrBent) {
  const std::string relation = OutboxRelation().bytes(), insert = OutboxInsert().bytes();
  EXPECT_FALSE(PgOutputDecoder().Decode("").ok());
  EXPECT_FALSE(PgOutputDecoder().Decode(insert).ok()) << "a table never described";
  for (size_t size = 1; size < relation.size(); ++size) {
    PgOutputDecoder decoder;
    EXPECT_FALSE(decoder.Decode(relation.substr(0, size)).ok()) << size;
  }
  for (size_t size = 1; size < insert.size(); ++size) {
    PgOutputDecoder decoder;
    ASSERT_TRUE(decoder.Decode(relation).ok());
    EXPECT_FALSE(decoder.Decode(insert.substr(0, size)).ok()) << size;
  }
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    PgOutputDecoder decoder;
    std::string bent_relation = relation, bent_insert = insert;
    if (round % 2 == 0) bent_relation[random() % relation.size()] = static_cast<char>(random());
    bent_insert[random() % insert.size()] = static_cast<char>(random());
    decoder.Decode(bent_relation).IgnoreError();
    decoder.Decode(bent_insert).IgnoreError();  // Must not crash; may be readable.
  }
}

GroupPosition At(std::string group, int partition, uint64_t position) {
  return {.group = std::move(group),
          .partition = partition,
          .delivered = {.position = position, .n = 0},
          .lag = std::nullopt};
}

TEST(TrimPlanTest, GoesNoFurtherThanTheSlowestGroup) {
  Marker held;
  held.streams = {{.position = 100, .n = 0}, {.position = 100, .n = 0}, {}};
  // Nobody reads: nothing goes.
  TrimPlan plan = PlanTrim(held, {}, {});
  EXPECT_EQ(plan.bounds, (std::vector<events::EntryId>(3)));
  EXPECT_FALSE(plan.all_passed);

  plan = PlanTrim(held, {At("a", 0, 500), At("b", 0, 40), At("a", 1, 500), At("b", 1, 100)}, {});
  EXPECT_EQ(plan.bounds[0].position, 40u);
  EXPECT_EQ(plan.bounds[1].position, 100u) << "what is newer is kept for newcomers";
  EXPECT_FALSE(plan.all_passed);

  plan = PlanTrim(held, {At("a", 0, 500), At("a", 1, 100)}, {"a"});
  EXPECT_TRUE(plan.all_passed);
  // A group that there was once, or is in another stream only, has passed nothing.
  EXPECT_FALSE(PlanTrim(held, {At("a", 0, 500), At("a", 1, 100)}, {"a", "gone"}).all_passed);
  EXPECT_FALSE(PlanTrim(held, {At("a", 0, 500)}, {}).all_passed);
}

}  // namespace
}  // namespace selfology::relay
