#include "services/studio/social/platforms/api_table.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::social {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

void CheckPage(const ApiPage* page) {
  ASSERT_NE(page, nullptr);
  EXPECT_THAT(std::string(page->name), Not(IsEmpty()));
  EXPECT_THAT(std::string(page->url), StartsWith("https://"));
  EXPECT_THAT(std::string(page->read_on), StartsWith("2026-"));
}

TEST(ApiTableTest, EachRowNamesItsPageAndSaysWhatToDo) {
  EXPECT_EQ(ApiTables().size(), 4u);
  for (const ApiTable& table : ApiTables()) {
    SCOPED_TRACE(std::string(table.name));
    EXPECT_EQ(&TableOf(table.platform), &table);
    std::set<std::string_view> uses;
    for (const CallRow& call : table.calls) {
      uses.insert(call.use);
      CheckPage(call.page);
    }
    for (const char* use : {"identify", "publish", "look up", "measure"}) {
      EXPECT_TRUE(uses.contains(use)) << use;
    }
    EXPECT_FALSE(table.quotas.empty());
    for (const QuotaRow& quota : table.quotas) {
      EXPECT_GT(quota.calls, 0);
      EXPECT_GT(quota.window, absl::ZeroDuration());
      CheckPage(quota.page);
    }
    EXPECT_GE(table.errors.size(), 12u);
    for (const ErrorRow& row : table.errors) {
      SCOPED_TRACE(absl::StrCat(row.status, " ", row.code, "/", row.subcode, " ", row.says));
      EXPECT_THAT(std::string(row.words), Not(IsEmpty()));
      CheckPage(row.page);
      // Each row is reached: none above it takes what it is for.
      EXPECT_EQ(FindError(table, {.status = row.status == 0 ? 400 : row.status,
                                  .code = row.code,
                                  .subcode = row.subcode,
                                  .words = std::string(row.says)}),
                &row);
    }
  }
}

TEST(ApiTableTest, ReadsErrorsOfEachShape) {
  const auto said = [](const char* text) { return SaidOf(400, nlohmann::json::parse(text)); };
  EXPECT_EQ(said(R"({"errors": [{"code": 187}]})").code, 187);
  EXPECT_EQ(said(R"({"serviceErrorCode": 65601, "code": "REVOKED"})").code, 65601);
  EXPECT_THAT(said(R"({"serviceErrorCode": 65601, "code": "REVOKED"})").words,
              HasSubstr("revoked"));
  EXPECT_EQ(said(R"({"error": {"code": -1, "error_subcode": 2207001}})").code, -1);
  EXPECT_EQ(said(R"({"error": {"code": -1, "error_subcode": 2207001}})").subcode, 2207001);
  EXPECT_THAT(said(R"({"errorDetails": {"inputErrors": [{"code": "DUPLICATE_POST"}]}})").words,
              HasSubstr("duplicate_post"));
  for (const char* odd :
       {"[]", "{}", R"({"error": "no"})", R"({"errors": {"a": 1}})",
        R"({"errors": [1, null, "x"]})", R"({"errorDetails": 7})", R"({"code": 1.5})"}) {
    EXPECT_EQ(said(odd).code, 0) << odd;
  }
}

}  // namespace
}  // namespace selfology::social
