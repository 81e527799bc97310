#include "services/platform/user/jobs/export_document.h"

#include <zip.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::user {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

mesh::v1::ExportUserResponse Page(std::string service, std::string method, std::string json) {
  mesh::v1::ExportUserResponse page;
  page.set_service(std::move(service));
  page.set_method(std::move(method));
  page.set_json(std::move(json));
  return page;
}

TEST(ExportDocumentTest, PutsThePagesOfAListTogether) {
  ExportDocument document;
  ASSERT_TRUE(document
                  .Add(Page("session", "ListAnswers",
                            R"({"answers":[{"answer_text":"one"}],"next_page_token":"x"})"))
                  .ok());
  ASSERT_TRUE(
      document.Add(Page("session", "ListAnswers", R"({"answers":[{"answer_text":"two"}]})")).ok());
  ASSERT_TRUE(document.Add(Page("user", "GetUser", R"({"user":{"first_name":"Ann"}})")).ok());
  const auto json = nlohmann::json::parse(document.Json(absl::UnixEpoch()));
  EXPECT_EQ(json["services"]["session"]["ListAnswers"]["answers"].size(), 2u);
  EXPECT_EQ(json["services"]["session"]["ListAnswers"].size(), 1u);
  EXPECT_EQ(json["services"]["user"]["GetUser"]["user"]["first_name"], "Ann");
}

TEST(ExportDocumentTest, ThePageEscapesWhatPeopleSaid) {
  ExportDocument document;
  ASSERT_TRUE(document
                  .Add(Page("session", "ListAnswers",
                            R"({"answers":[{"answer_text":"<script>alert(1)</script>"}]})"))
                  .ok());
  EXPECT_THAT(document.Html(absl::UnixEpoch()),
              AllOf(HasSubstr("&lt;script&gt;"), Not(HasSubstr("<script>")),
                    HasSubstr("<dt>Answer text</dt>")));
}

TEST(ExportDocumentTest, RefusesWhatIsNoObject) {
  ExportDocument document;
  EXPECT_EQ(document.Add(Page("session", "X", "[]")).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(document.Add(Page("session", "X", "{")).code(), absl::StatusCode::kInternal);
}

TEST(ExportDocumentTest, OnlyListsWithEntriesAreData) {
  EXPECT_TRUE(HoldsData(Page("session", "ListSessions", R"({"sessions":[{"session_id":"1"}]})")));
  EXPECT_FALSE(HoldsData(Page("session", "ListSessions", R"({"sessions":[]})")));
  EXPECT_FALSE(HoldsData(Page("session", "GetOnboarding", R"({"onboarding":{"stage":"X"}})")));
  EXPECT_FALSE(HoldsData(Page("session", "X", "{}")));
}

// Read back by the library that reads what others wrote.
TEST(ExportDocumentTest, TheZipHoldsTheFiles) {
  const std::string large(100'000, 'a');
  const auto zip = ZipOf({{"a.json", "{}"}, {"б.html", large}});
  ASSERT_TRUE(zip.ok()) << zip.status();
  EXPECT_LT(zip->size(), 2'000u) << "it is packed";
  zip_error_t error;
  zip_error_init(&error);
  zip_t* const archive = zip_open_from_source(
      zip_source_buffer_create(zip->data(), zip->size(), 0, &error), 0, &error);
  ASSERT_NE(archive, nullptr);
  std::map<std::string, std::string> files;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
    zip_stat_t about;
    ASSERT_EQ(zip_stat_index(archive, static_cast<zip_uint64_t>(i), 0, &about), 0);
    std::string content(about.size, '\0');
    zip_file_t* const file = zip_fopen_index(archive, static_cast<zip_uint64_t>(i), 0);
    ASSERT_EQ(zip_fread(file, content.data(), content.size()),
              static_cast<zip_int64_t>(content.size()));
    zip_fclose(file);
    files[about.name] = content;
  }
  zip_discard(archive);
  EXPECT_EQ(files, (std::map<std::string, std::string>{{"a.json", "{}"}, {"б.html", large}}));
}

}  // namespace
}  // namespace selfology::user
