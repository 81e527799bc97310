#include "services/coaching/coaching_dialog/settings/export_document.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace selfology::coaching_dialog {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'796'400'000);  // 2026-12-04T16:00:00Z

mesh::v1::ExportUserResponse Page(std::string service, std::string method, std::string json) {
  mesh::v1::ExportUserResponse page;
  page.set_service(std::move(service));
  page.set_method(std::move(method));
  page.set_json(std::move(json));
  return page;
}

class ExportDocumentTest : public ::testing::Test {
 protected:
  void Add(std::string service, std::string method, std::string json) {
    const absl::Status added =
        document_.Add(Page(std::move(service), std::move(method), std::move(json)));
    ASSERT_TRUE(added.ok()) << added;
  }
  nlohmann::json Json() { return nlohmann::json::parse(document_.Json(7, kNow)); }
  std::string Html(Language language = Language::kEnglish) {
    return document_.Html(language, kNow);
  }

  ExportDocument document_;
};

TEST_F(ExportDocumentTest, PutsPagesTogether) {
  Add("session", "ListAnswers", R"({"answers":[{"answer_text":"One"}],"next_page_token":"2"})");
  Add("session", "ListAnswers", R"({"answers":[{"answer_text":"Two"}]})");
  Add("coach", "GetMemory",
      R"({"items":[{"text":"Sasha"}],"plan":{"goal":"Rest"},"next_page_token":"x"})");
  Add("coach", "GetMemory", R"({"items":[{"text":"Exam"}],"plan":{"goal":"Rest"}})");
  const nlohmann::json file = Json();
  EXPECT_EQ(file["user_id"], "7");
  EXPECT_EQ(file["exported_at"], "2026-12-04T16:00:00Z");
  EXPECT_EQ(file["services"]["session"]["ListAnswers"],
            nlohmann::json::parse(R"({"answers":[{"answer_text":"One"},{"answer_text":"Two"}]})"));
  EXPECT_EQ(file["services"]["coach"]["GetMemory"],
            nlohmann::json::parse(
                R"({"items":[{"text":"Sasha"},{"text":"Exam"}],"plan":{"goal":"Rest"}})"));
}

TEST_F(ExportDocumentTest, EscapesWhatPeopleWrote) {
  const std::string evil = R"(<script>alert(\"x\")</script> & 'so')";
  Add("session", "ListAnswers",
      R"({"answers":[{"question_text":"A <b>?","answer_text":")" + evil +
          R"(","created_at":"2026-12-04T19:05:01Z"}]})");
  Add("coach", "ListMessages",
      R"({"messages":[{"role":"MESSAGE_ROLE_USER","content":")" + evil + R"("}]})");
  Add("coach", "GetMemory",
      R"({"items":[{"text":")" + evil + R"(","quote":")" + evil + R"(","due_date":"<i>"}],)" +
          R"("plan":{"goal":")" + evil + R"(","steps":[{"number":1,"text":")" + evil + R"("}]}})");
  Add("profile", "GetProfile", R"({"profile":{"<u>":{"deep":[")" + evil + R"("]}}})");
  Add("analysis", "ListInsights", R"({"insights":[{"content":")" + evil + R"("}]})");
  Add("<img>", "<svg>", R"({"x":")" + evil + R"("})");
  for (const Language language : kLanguages) {
    const std::string html = Html(language);
    EXPECT_THAT(html, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("<b>")), Not(HasSubstr("<i>")),
                            Not(HasSubstr("<u>")), Not(HasSubstr("<img")), Not(HasSubstr("<svg"))));
    EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp;"));
  }
  EXPECT_EQ(Json()["services"]["session"]["ListAnswers"]["answers"][0]["answer_text"],
            "<script>alert(\"x\")</script> & 'so'")
      << "programs get it as it is";
}

TEST_F(ExportDocumentTest, PutsAnswersUnderTheirQuestionsAndTalksInTheirOrder) {
  Add("session", "ListAnswers",
      R"({"answers":[{"question_text":"Where is home?","answer_text":"By the sea.",)"
      R"("created_at":"2026-12-04T19:05:01Z"}]})");
  Add("coach", "ListMessages",
      R"({"messages":[{"role":"MESSAGE_ROLE_ASSISTANT","content":"Reply."},)"
      R"({"role":"MESSAGE_ROLE_USER","content":"Hello."}]})");
  const std::string html = Html();
  EXPECT_LT(html.find("Where is home?"), html.find("By the sea."));
  EXPECT_LT(html.find("Hello."), html.find("Reply.")) << "the oldest first";
  EXPECT_THAT(html, HasSubstr("2026-12-04 19:05"));
  EXPECT_THAT(html, HasSubstr("viewport"));
  EXPECT_THAT(html, Not(HasSubstr("http"))) << "it loads nothing";
  EXPECT_THAT(Html(Language::kRussian), HasSubstr("Вопросы и ответы"));
}

TEST_F(ExportDocumentTest, LeavesNothingOut) {
  Add("safety_dialog", "GetMode", R"({"mode":{"danger_kind":"KIND"}})");
  EXPECT_THAT(Html(),
              AllOf(HasSubstr("Everything else"), HasSubstr("danger kind"), HasSubstr("KIND")));
}

TEST_F(ExportDocumentTest, SaysThatThereIsNothing) {
  Add("session", "ListAnswers", "{}");
  EXPECT_THAT(Html(), HasSubstr("Nothing is kept about you."));
  EXPECT_TRUE(Json()["services"].empty());
}

TEST_F(ExportDocumentTest, RefusesWhatIsNoObject) {
  for (const char* json : {"", "{", "[]", "\"text\"", "null"}) {
    EXPECT_TRUE(absl::IsInternal(document_.Add(Page("session", "ListAnswers", json)))) << json;
  }
}

TEST_F(ExportDocumentTest, IsNotFollowedWithoutEnd) {
  std::string deep;
  for (int i = 0; i < 500; ++i) deep += R"({"a":)";
  deep += "1";
  for (int i = 0; i < 500; ++i) deep += "}";
  Add("session", "GetOnboarding", deep);
  EXPECT_THAT(Html(), HasSubstr("</html>"));
}

}  // namespace
}  // namespace selfology::coaching_dialog
