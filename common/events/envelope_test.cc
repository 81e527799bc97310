#include "common/events/envelope.h"

#include <map>
#include <random>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "gtest/gtest.h"

namespace selfology::events {
namespace {

std::vector<std::string> Flat(const Envelope& envelope) {
  std::vector<std::string> fields;
  for (auto& [name, value] : EncodeEntry(envelope)) {
    fields.emplace_back(name);
    fields.push_back(value);
  }
  return fields;
}

Envelope Sample() {
  return {.id = *uuid::Uuid::Parse("018f4e6c-7a3b-7c1d-9e2f-0123456789ab"),
          .type = "session.created",
          .partition_key = -5,
          .occurred_at = absl::FromUnixMicros(1'759'312'800'123'456),
          .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          .trace_id = "session_123456_1",
          .producer = "session",
          .payload = std::string("\0\x01\xff binary", 10),
          .subject = 123456};
}

TEST(EnvelopeTest, SurvivesTheStream) {
  const Envelope envelope = Sample();
  const absl::StatusOr<Envelope> again = DecodeEntry(Flat(envelope));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(Flat(*again), Flat(envelope));
  EXPECT_EQ(again->person(), 123456);
}

TEST(EnvelopeTest, NamesTheFieldThatIsMissingOrMalformed) {
  for (const std::string field : {"id", "type", "key", "payload"}) {
    std::vector<std::string> fields = Flat(Sample());
    for (size_t i = 0; i < fields.size(); i += 2) {
      if (fields[i] == field) fields[i] = "other";
    }
    const absl::Status status = DecodeEntry(fields).status();
    EXPECT_EQ(status::Reason(status), "INVALID_EVENT_PAYLOAD");
    EXPECT_NE(status.message().find("\"" + field + "\""), std::string::npos) << status;
  }
  for (const auto& [field, value] :
       std::multimap<std::string, std::string>{{"id", "no-uuid"},
                                               {"id", "00000000-0000-0000-0000-000000000000"},
                                               {"type", "session\xff"},
                                               {"key", "1x"},
                                               {"subject", "x"},
                                               {"time", ""},
                                               {"time", "-1"},
                                               {"time", "9223372036854775807"},
                                               {"trace", std::string("00-\0", 4)},
                                               {"trace_id", "\xed\xa0\x80"},
                                               {"producer", "\xc0\x80"}}) {
    std::vector<std::string> fields = Flat(Sample());
    for (size_t i = 0; i < fields.size(); i += 2) {
      if (fields[i] == field) fields[i + 1] = value;
    }
    const absl::Status status = DecodeEntry(fields).status();
    EXPECT_NE(status.message().find("\"" + field + "\""), std::string::npos) << status;
  }
}

TEST(EnvelopeTest, AnOddFieldAtTheEndIsIgnored) {
  std::vector<std::string> fields = Flat(Sample());
  fields.push_back("alone");
  EXPECT_TRUE(DecodeEntry(fields).ok());
}

TEST(EntryIdTest, ParsesWhatItPrintsAndNothingElse) {
  for (const EntryId id : {EntryId{0, 0}, EntryId{7, 1}, EntryId{UINT64_MAX, UINT64_MAX}}) {
    EXPECT_EQ(*EntryId::Parse(id.ToString()), id);
  }
  for (const std::string text :
       {"", "-", "1", "1-", "-1", "1-2-3", "1-x", "a-1", " 1-1", "18446744073709551616-0"}) {
    EXPECT_FALSE(EntryId::Parse(text).ok()) << text;
  }
}

TEST(EntryIdTest, OrdersAsRedisDoes) {
  EXPECT_LT((EntryId{1, 9}), (EntryId{2, 0}));
  EXPECT_LT((EntryId{2, 9}), (EntryId{2, 10}));
}

TEST(PartitionTest, SpreadsConsecutiveUsersEvenly) {
  std::vector<int> count(16);
  for (int64_t user = 1; user <= 16'000; ++user)
    ++count[static_cast<size_t>(PartitionOf(user, 16))];
  for (const int n : count) {
    EXPECT_GT(n, 800);
    EXPECT_LT(n, 1'200);
  }
}

// Part of the contract between producers and consumers of different releases.
TEST(PartitionTest, NeverChanges) {
  EXPECT_EQ(PartitionOf(123456, 16), 8);
  EXPECT_EQ(PartitionOf(1, 16), 5);
  EXPECT_EQ(PartitionOf(-1, 16), 11);
  EXPECT_EQ(PartitionOf(123456, 1), 0);
  EXPECT_EQ(StreamName(0, 1), "selfology:events");
  EXPECT_EQ(StreamName(3, 16), "selfology:events:{3}");
}

}  // namespace
}  // namespace selfology::events
