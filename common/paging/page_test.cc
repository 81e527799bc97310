#include "common/paging/page.h"

#include <random>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::paging {
namespace {

constexpr Limits kLimits{.default_size = 50, .max_size = 200};

absl::StatusOr<Page> Open(std::string filter, std::string_view token, int size = 0) {
  return ReadEncoded(std::move(filter), token, size, kLimits);
}

std::string BadField(const absl::Status& status) {
  const auto violations = status::Violations(status);
  return violations.empty() ? "" : violations.front().field;
}

TEST(PageTest, SizesWithinTheLimits) {
  EXPECT_EQ(Open("f", "")->size, 50);
  EXPECT_EQ(Open("f", "", 1)->size, 1);
  EXPECT_EQ(Open("f", "", 200)->size, 200);
  EXPECT_EQ(BadField(Open("f", "", 201).status()), "page_size");
  EXPECT_EQ(BadField(Open("f", "", -1).status()), "page_size");
}

TEST(PageTest, ATokenLeadsBackToItsPosition) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    std::string position(absl::Uniform(random, 1, 40), ' ');
    for (char& c : position) c = static_cast<char>(absl::Uniform(random, 0, 256));
    std::string filter(absl::Uniform(random, 0, 40), ' ');
    for (char& c : filter) c = static_cast<char>(absl::Uniform(random, 0, 256));
    const std::string token = Open(filter, "")->TokenAfter(position);
    EXPECT_EQ(Open(filter, token, 7)->after, position);
    EXPECT_EQ(BadField(Open(filter + "x", token).status()), "page_token");
  }
}

TEST(PageTest, RefusesTokensItNeverGave) {
  for (const char* token : {"x", "====", "OmY=", "MTAwOmFi", "LTE6YWI=", "MDpm"}) {
    EXPECT_EQ(BadField(Open("f", token).status()), "page_token") << token;
  }
}

struct Row {
  int64_t id;
  friend bool operator==(const Row&, const Row&) = default;
};

TEST(PageTest, CutsRowsToThePageAndGivesTheNextOne) {
  const Page page = *Open("f", "", 2);
  EXPECT_EQ(page.limit(), 3);
  std::vector<Row> rows = {{7}, {8}, {9}};
  const std::string token = page.Cut(rows, &Row::id);
  EXPECT_THAT(rows, ::testing::ElementsAre(Row{7}, Row{8}));
  EXPECT_EQ(*Open("f", token, 2)->AfterId(0), 8);

  EXPECT_EQ(page.Cut(rows, &Row::id), "") << "the last page";
  EXPECT_EQ(rows.size(), 2u);
  rows.clear();
  EXPECT_EQ(page.Cut(rows, &Row::id), "");

  std::vector<std::string> words = {"a", "b", "c"};
  const auto itself = [](const std::string& word) { return word; };
  EXPECT_EQ(Open("f", page.Cut(words, itself))->after, "b");
}

TEST(PageTest, PositionsThatAreIds) {
  EXPECT_EQ(*Open("f", "")->AfterId(0), 0);
  EXPECT_EQ(*Open("f", Open("f", "")->TokenAfter("42"))->AfterId(0), 42);
  EXPECT_EQ(BadField(Open("f", Open("f", "")->TokenAfter("4x"))->AfterId(0).status()),
            "page_token");
}

}  // namespace
}  // namespace selfology::paging
