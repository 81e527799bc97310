#include "services/platform/file/file_rules.h"

#include <limits>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::file {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = ByteRange::Kind;

bool NameIsAccepted(std::string_view name) {
  status::FieldViolations bad;
  CheckName(name, bad);
  return bad.empty();
}

TEST(FileRulesTest, NamesAreNoPaths) {
  EXPECT_TRUE(NameIsAccepted(""));
  EXPECT_TRUE(NameIsAccepted("Фото с моря.jpg"));
  EXPECT_TRUE(NameIsAccepted(std::string(255, 'a')));
  EXPECT_FALSE(NameIsAccepted(std::string(256, 'a')));
  EXPECT_FALSE(NameIsAccepted("../x"));
  EXPECT_FALSE(NameIsAccepted("a\\b"));
  EXPECT_FALSE(NameIsAccepted("a\nb"));
  EXPECT_FALSE(NameIsAccepted("photo\u202Egpj.exe"));
}

TEST(FileRulesTest, CleanedNamesAreAccepted) {
  EXPECT_EQ(CleanName("C:\\Users\\me\\photo.jpg"), "photo.jpg");
  EXPECT_EQ(CleanName("../../etc/passwd"), "passwd");
  EXPECT_EQ(CleanName(" a\r\nb\xFF "), "ab");
  absl::BitGen random;
  for (int i = 0; i < 2000; ++i) {
    std::string name(absl::Uniform(random, 0, 600), '\0');
    for (char& c : name) c = static_cast<char>(absl::Uniform(random, 0, 256));
    const std::string clean = CleanName(name);
    EXPECT_TRUE(NameIsAccepted(clean));
    EXPECT_EQ(CleanName(clean), clean);
  }
}

TEST(FileRulesTest, PurposesAreWords) {
  const auto accepted = [](std::string_view purpose) {
    status::FieldViolations bad;
    CheckPurpose(purpose, bad);
    return bad.empty();
  };
  EXPECT_TRUE(accepted(""));
  EXPECT_TRUE(accepted("studio.post_2"));
  EXPECT_FALSE(accepted("Studio"));
  EXPECT_FALSE(accepted(std::string(33, 'a')));
}

TEST(FileRulesTest, KeysTellNothingAndStayInTheFolder) {
  const uuid::Uuid::Bytes bytes = {0xAB, 1, 2, 3, 4, 5, 0xFF, 7, 0xFF, 9};
  const std::string key = KeyOf(uuid::Uuid(bytes));
  EXPECT_EQ(key, "ab/ab010203-0405-4f07-bf09-000000000000");
  EXPECT_TRUE(IsKey(key));
  for (const char* other : {"", "ab", "../etc/passwd", "ac/ab010203-0405-4f07-bf09-000000000000",
                            "ab/ab010203-0405-4f07-bf09-00000000000x"}) {
    EXPECT_FALSE(IsKey(other)) << other;
  }
}

// Whatever the pieces and the range, the slices are what a cut of the whole gives.
TEST(FileRulesTest, SlicesAreTheRange) {
  absl::BitGen random;
  for (int round = 0; round < 2000; ++round) {
    std::vector<Piece> pieces;
    std::string whole;
    std::vector<std::string> contents;
    for (int i = absl::Uniform(random, 0, 6); i > 0; --i) {
      contents.emplace_back(absl::Uniform(random, 1, 9), static_cast<char>('a' + pieces.size()));
      pieces.push_back({.key = absl::StrCat(pieces.size()),
                        .begins = static_cast<int64_t>(whole.size()),
                        .size = static_cast<int64_t>(contents.back().size())});
      whole += contents.back();
    }
    const int64_t offset = absl::Uniform(random, 0, 60);
    const int64_t limit = absl::Uniform(random, 0, 60);
    std::string cut;
    for (const Slice& slice : SlicesOf(pieces, offset, limit)) {
      ASSERT_GT(slice.size, 0);
      cut += contents[std::stoi(slice.key)].substr(slice.offset, slice.size);
    }
    EXPECT_EQ(cut, offset < static_cast<int64_t>(whole.size()) ? whole.substr(offset, limit) : "");
  }
  EXPECT_THAT(SlicesOf({{"k", 0, 5}}, 2, std::numeric_limits<int64_t>::max()),
              ElementsAre(Slice{"k", 2, 3}));
}

TEST(FileRulesTest, Ranges) {
  EXPECT_EQ(ReadRange("bytes=0-4", 10), (ByteRange{Kind::kPart, 0, 5}));
  EXPECT_EQ(ReadRange("bytes=4-", 10), (ByteRange{Kind::kPart, 4, 6}));
  EXPECT_EQ(ReadRange("bytes=-3", 10), (ByteRange{Kind::kPart, 7, 3}));
  EXPECT_EQ(ReadRange("bytes=-30", 10), (ByteRange{Kind::kPart, 0, 10}));
  EXPECT_EQ(ReadRange("bytes=5-99", 10), (ByteRange{Kind::kPart, 5, 5}));
  EXPECT_EQ(ReadRange("bytes=10-", 10).kind, Kind::kUnsatisfiable);
  EXPECT_EQ(ReadRange("bytes=-0", 10).kind, Kind::kUnsatisfiable);
  EXPECT_EQ(ReadRange("bytes=0-", 0).kind, Kind::kUnsatisfiable);
  for (const char* whole : {"", "bytes=", "bytes=-", "bytes=3-1", "bytes=0-1,3-4", "items=0-1",
                            "bytes=+1-2", "bytes=99999999999999999999-"}) {
    EXPECT_EQ(ReadRange(whole, 10).kind, Kind::kWhole) << whole;
  }
}

TEST(FileRulesTest, OnlyWhatCannotRunIsShownInPlace) {
  EXPECT_EQ(DispositionOf("image/png", "a b\".png"), "inline; filename*=UTF-8''a%20b%22.png");
  EXPECT_EQ(DispositionOf("text/html", ""), "attachment");
  EXPECT_EQ(DispositionOf("text/html", "", /*is_page_of_ours=*/true), "inline");
  EXPECT_TRUE(absl::StartsWith(DispositionOf("application/pdf", "x"), "attachment"));
}

TEST(FileRulesTest, ChecksAreTriedAgainEverMoreSeldom) {
  EXPECT_EQ(CheckAgainAfter(1), absl::Seconds(5));
  EXPECT_EQ(CheckAgainAfter(2), absl::Seconds(10));
  EXPECT_EQ(CheckAgainAfter(100), absl::Minutes(10));
}

}  // namespace
}  // namespace selfology::file
