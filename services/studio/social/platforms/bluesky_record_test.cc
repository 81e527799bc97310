#include "services/studio/social/platforms/bluesky_record.h"

#include <string>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::social {
namespace {

TEST(BlueskyRecordTest, KeysAreTidsThatSortAsTime) {
  const absl::Time at = absl::FromUnixSeconds(1'700'000'000);
  const std::string key = RecordKey(at, 7);
  EXPECT_THAT(key, ::testing::MatchesRegex("[234567abcdefghij][234567a-z]{12}"));
  EXPECT_EQ(RecordKey(at, 7), key);
  EXPECT_NE(RecordKey(at, 8), key);
  EXPECT_LT(key, RecordKey(at + absl::Microseconds(1), 0));
  EXPECT_LT(RecordKey(at - absl::Hours(100'000), 1023), key);
}

TEST(BlueskyRecordTest, LinksAreFacetsByBytes) {
  const std::string text = "жж https://a.example/b!";
  const nlohmann::json record = PostRecord(text, absl::FromUnixSeconds(0));
  EXPECT_EQ(record["$type"], "app.bsky.feed.post");
  EXPECT_EQ(record["createdAt"], "1970-01-01T00:00:00.000Z");
  ASSERT_EQ(record["facets"].size(), 1u);
  EXPECT_EQ(record["facets"][0]["index"]["byteStart"], 5);
  EXPECT_EQ(record["facets"][0]["index"]["byteEnd"], 24);
  EXPECT_EQ(record["facets"][0]["features"][0]["uri"], "https://a.example/b");
  EXPECT_FALSE(PostRecord("no links", absl::Now()).contains("facets"));
}

}  // namespace
}  // namespace selfology::social
