#include "services/platform/integration/token_answer.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::integration {
namespace {

using ::testing::ElementsAre;

TEST(TokenAnswerTest, ReadsWhatProvidersAnswer) {
  // RFC 6749, section 5.1.
  const auto rfc = ReadTokenAnswer(
      200, R"({"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"example","expires_in":3600,)"
           R"("refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA"})");
  EXPECT_EQ(rfc.error, TokenError::kNone);
  EXPECT_EQ(rfc.tokens.access, "2YotnFZFEjr1zCsicMWpAA");
  EXPECT_EQ(rfc.tokens.refresh, "tGzv3JOkF0XG5Qx2TlKWIA");
  EXPECT_EQ(rfc.lasts, absl::Hours(1));
  EXPECT_FALSE(rfc.scopes.has_value());
  // GitHub's form, with commas between scopes.
  const auto form =
      ReadTokenAnswer(200, "access_token=gho_16C7&scope=repo%2Cgist&token_type=bearer");
  EXPECT_EQ(form.tokens.access, "gho_16C7");
  EXPECT_THAT(*form.scopes, ElementsAre("repo", "gist"));
  EXPECT_FALSE(form.lasts.has_value());
  // A number in quotes, and an empty refresh token.
  const auto quoted =
      ReadTokenAnswer(200, R"({"access_token":"a","expires_in":"60","refresh_token":""})");
  EXPECT_EQ(quoted.lasts, absl::Minutes(1));
  EXPECT_EQ(quoted.tokens.refresh, "");
}

TEST(TokenAnswerTest, BelievesNoImpossibleEnd) {
  for (const char* seconds : {"0", "-5", "99999999999", "1e30", "\"soon\"", "null", "[]"}) {
    const auto answer =
        ReadTokenAnswer(200, std::string(R"({"access_token":"a","expires_in":)") + seconds + "}");
    EXPECT_EQ(answer.error, TokenError::kNone) << seconds;
    EXPECT_FALSE(answer.lasts.has_value()) << seconds;
  }
}

TEST(TokenAnswerTest, TellsErrorsApart) {
  const auto error = [](int status, const char* body) {
    return ReadTokenAnswer(status, body).error;
  };
  EXPECT_EQ(error(400, R"({"error":"invalid_grant"})"), TokenError::kGrant);
  EXPECT_EQ(error(200, R"({"error":"bad_refresh_token"})"), TokenError::kGrant) << "GitHub";
  EXPECT_EQ(error(200, R"({"ok":false,"error":"invalid_code"})"), TokenError::kGrant) << "Slack";
  EXPECT_EQ(error(401, R"({"error":"invalid_client"})"), TokenError::kClient);
  EXPECT_EQ(error(400, R"({"error":"temporarily_unavailable"})"), TokenError::kAway);
  EXPECT_EQ(error(503, R"({"error":"invalid_grant"})"), TokenError::kAway);
  EXPECT_EQ(error(429, ""), TokenError::kAway);
  for (const char* strange : {"", "{}", "[]", "<html>", R"({"access_token":""})",
                              R"({"access_token":"a b"})", R"({"access_token":"a\n"})"}) {
    EXPECT_EQ(error(200, strange), TokenError::kStrange) << strange;
  }
}

TEST(TokenAnswerTest, FindsMembers) {
  EXPECT_EQ(Member(R"({"team":{"id":"T1"}})", "team.id"), "T1");
  EXPECT_EQ(Member(R"({"id":583231})", "id"), "583231");
  for (const char* none : {"", "team", "team.id.x", "other"}) {
    EXPECT_EQ(Member(R"({"team":{"id":"T1"}})", none), "") << none;
  }
  EXPECT_EQ(Member("no json", "id"), "");
}

}  // namespace
}  // namespace selfology::integration
