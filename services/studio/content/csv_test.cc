#include "services/studio/content/csv.h"

#include <string>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::content {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(CsvTest, QuotesLinesAndCommas) {
  const auto table = ReadCsv(
      "\xEF\xBB\xBF"
      "a,b\r\n\"x, \"\"y\"\"\nz\",\n\n\"\",2");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_THAT(*table, ElementsAre(ElementsAre("a", "b"), ElementsAre("x, \"y\"\nz", ""),
                                  ElementsAre("", "2")));
  EXPECT_THAT(*ReadCsv(""), IsEmpty());
  EXPECT_FALSE(ReadCsv("\"a").ok());
  EXPECT_FALSE(ReadCsv("\"a\"b,c").ok());
}

// What is written as CSV is read as it was.
TEST(CsvTest, RoundTrip) {
  absl::BitGen random;
  for (int round = 0; round < 300; ++round) {
    Table table;
    std::string csv;
    for (int r = absl::Uniform(random, 1, 5); r > 0; --r) {
      std::vector<std::string> row;
      for (int f = 0; f < 3; ++f) {
        std::string field = "x";
        for (int n = absl::Uniform(random, 0, 6); n > 0; --n) {
          field += "a\",\n\r "[absl::Uniform(random, 0, 6)];
        }
        absl::StrAppend(&csv, f == 0 ? "" : ",", "\"", absl::StrReplaceAll(field, {{"\"", "\"\""}}),
                        "\"");
        row.push_back(std::move(field));
      }
      csv += "\n";
      table.push_back(std::move(row));
    }
    EXPECT_EQ(*ReadCsv(csv), table) << csv;
  }
}

TEST(CsvTest, RowsArePosts) {
  absl::TimeZone berlin;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Berlin", &berlin));
  const auto rows = ReadPosts(
      "Text,publish_at,accounts,tags,title\n"
      "hello,2026-12-01 18:00,1 2,\"a, b\",T\n"
      "draft,,,,\n"
      "zoned,2026-12-01T18:00:00Z,3,,\n"
      "wrong,soon,1,,\n"
      "nobody,2026-12-01 18:00,,,\n"
      "who,,x,,\n"
      "many,,,,,,\n",
      berlin);
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_THAT(rows->posts, SizeIs(3));
  EXPECT_EQ(rows->posts[0].publish_at,
            absl::FromCivil(absl::CivilHour(2026, 12, 1, 17), absl::UTCTimeZone()));
  EXPECT_THAT(rows->posts[0].accounts, ElementsAre(1, 2));
  EXPECT_THAT(rows->posts[0].tags, ElementsAre("a", "b"));
  EXPECT_EQ(rows->posts[0].title, "T");
  EXPECT_FALSE(rows->posts[1].publish_at.has_value());
  EXPECT_EQ(rows->posts[2].publish_at,
            absl::FromCivil(absl::CivilHour(2026, 12, 1, 18), absl::UTCTimeZone()));
  ASSERT_THAT(rows->problems, SizeIs(4));
  EXPECT_EQ(rows->problems[0].row, 4);
  EXPECT_THAT(rows->problems[0].issue, HasSubstr("2026-11-30 18:00"));
}

TEST(CsvTest, TheHeaderSaysWhatThereIs) {
  for (const char* wrong : {"", "title\n", "text,text\n", "text,colour\n"}) {
    EXPECT_FALSE(ReadPosts(wrong, absl::UTCTimeZone()).ok()) << wrong;
  }
  std::string many = "text\n";
  for (int i = 0; i < 501; ++i) many += "x\n";
  EXPECT_FALSE(ReadPosts(many, absl::UTCTimeZone()).ok());
}

}  // namespace
}  // namespace selfology::content
