// What a web or mobile client does over REST, by way of the real services.

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/rest/rest_fixture_test.h"

namespace selfology {
namespace {

using ::nlohmann::json;
using ::testing::HasSubstr;

class RestTest : public RestMeshTest {};

TEST_F(RestTest, APersonBeginsAndReads) {
  const Answer unknown = Send("GET", "/api/v1/onboarding/1001");
  ASSERT_EQ(unknown.status, 200) << unknown.body;
  const json policy = unknown.Json()["onboarding"]["current_policy_version"];

  const Answer consent =
      Send("PUT", "/api/v1/onboarding/1001/consent",
           json({{"granted", true}, {"policyVersion", policy}, {"language", "en"}}).dump());
  ASSERT_EQ(consent.status, 200) << consent.body;
  EXPECT_EQ(consent.Json()["onboarding"]["user_id"], "1001");

  // The same key again is the same answer.
  const http::Headers key = {{"Idempotency-Key", "\"begin-1\""}};
  const Answer begun = Send("POST", "/api/v1/sessions", R"({"user_id": 1001})", key);
  ASSERT_EQ(begun.status, 200) << begun.body;
  EXPECT_EQ(Send("POST", "/api/v1/sessions", R"({"user_id": "1001"})", key).body, begun.body);

  const Answer domains = Send("GET", "/api/v1/domains");
  ASSERT_EQ(domains.status, 200) << domains.body;
  EXPECT_GT(domains.Json()["domains"].size(), 3u);
  const Answer questions = Send("GET", "/api/v1/questions?page_size=2");
  ASSERT_EQ(questions.status, 200) << questions.body;
  EXPECT_EQ(questions.Json()["questions"].size(), 2u);
}

TEST_F(RestTest, AProfileIsChangedByItsNamesAlone) {
  EXPECT_EQ(Send("GET", "/api/v1/profiles/1001").status, 404);
  EXPECT_EQ(Send("GET", "/api/v1/profiles/1001").Code(), "PROFILE_NOT_FOUND");
  const Answer made = Send("PATCH", "/api/v1/profiles/1001?allow_missing=true",
                           R"({"adaptiveTraits": {"learning_style": "visual-kinesthetic"}})",
                           {{"Idempotency-Key", "p1"}, {"Content-Type", "application/json"}});
  ASSERT_EQ(made.status, 200) << made.body;
  const Answer read = Send("GET", "/api/v1/profiles/1001");
  ASSERT_EQ(read.status, 200) << read.body;
  EXPECT_EQ(read.Json()["profile"]["adaptive_traits"]["learning_style"], "visual-kinesthetic");
}

TEST_F(RestTest, ErrorsAreOneBody) {
  const Answer answer =
      Send("GET", "/api/v1/profiles/0", "", {{"X-Correlation-ID", "answer_123456_q1"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.headers.Get("Content-Type"), "application/problem+json");
  EXPECT_EQ(answer.headers.Get("X-Correlation-ID"), "answer_123456_q1");
  const json body = answer.Json();
  EXPECT_EQ(body["status_code"], 400);
  EXPECT_EQ(body["instance"], "/api/v1/profiles/0");
  EXPECT_EQ(body["violations"][0]["field"], "user_id");
  EXPECT_EQ(body["error"]["trace_id"].get<std::string>().size(), 32u);

  EXPECT_EQ(Send("GET", "/api/v1/nothing").status, 404);
  const Answer wrong_verb = Send("POST", "/api/v1/profiles/7");
  EXPECT_EQ(wrong_verb.status, 405);
  EXPECT_EQ(wrong_verb.headers.Get("Allow"), "GET, PATCH");
  EXPECT_EQ(Send("GET", "/api/v1/profiles/me").status, 404);
  EXPECT_EQ(Send("GET", "/api/v1/profiles/%2e%2e").status, 400);
}

TEST_F(RestTest, VersionsAreAHeader) {
  EXPECT_EQ(Send("GET", "/api/v1/domains", "", {{"API-Version", "v1"}}).status, 200);
  const Answer refused = Send("GET", "/api/v1/domains", "", {{"API-Version", "v3"}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.Json()["detail"], "Unsupported API version");
}

TEST_F(RestTest, HealthIsOfAllAndOfEach) {
  const Answer all = Send("GET", "/health");
  ASSERT_EQ(all.status, 200) << all.body;
  EXPECT_EQ(all.Json()["service"], "api_gateway");
  EXPECT_TRUE(all.Json()["dependencies"].contains("session"));
  EXPECT_EQ(Send("GET", "/health/live").status, 200);
  EXPECT_EQ(Send("GET", "/health/ready").status, 200);
  const Answer one = Send("GET", "/api/session/health");
  EXPECT_EQ(one.status, 200) << one.body;
  EXPECT_EQ(one.Json()["status"], "healthy");
  EXPECT_EQ(Send("GET", "/api/agent/health").Json()["service"], "ai");
  EXPECT_EQ(Send("GET", "/api/nobody/health").status, 404);
}

TEST_F(RestTest, StreamsAreLinesOrEvents) {
  // Fails before anything was sent.
  EXPECT_EQ(Send("GET", "/api/v1/profiles/0:watch").status, 400);
  const std::string body = R"({"input": {"task": "coach_reply", "messages":
      [{"role": "user", "content": "I wish to sleep better."}]}})";
  const Answer lines = Send("POST", "/api/agent/completions:stream", body);
  ASSERT_EQ(lines.status, 200) << lines.body;
  EXPECT_EQ(lines.headers.Get("Content-Type"), "application/x-ndjson");
  EXPECT_THAT(lines.body, HasSubstr("{\"result\":{"));
  EXPECT_EQ(lines.body.back(), '\n');
  const Answer events =
      Send("POST", "/api/agent/completions:stream", body, {{"Accept", "text/event-stream"}});
  ASSERT_EQ(events.status, 200) << events.body;
  EXPECT_THAT(events.body, HasSubstr("data: {"));
  EXPECT_THAT(events.body, HasSubstr("event: end\n"));
}

TEST_F(RestTest, PagesOfOtherOriginsAreNotLetIn) {
  const Answer ours = Send("GET", "/api/v1/domains", "", {{"Origin", "https://app.example.org"}});
  EXPECT_EQ(ours.headers.Get("Access-Control-Allow-Origin"), "https://app.example.org");
  const Answer theirs = Send("GET", "/api/v1/domains", "", {{"Origin", "https://evil.example"}});
  EXPECT_FALSE(theirs.headers.Get("Access-Control-Allow-Origin").has_value());
  const Answer preflight =
      Send("OPTIONS", "/api/v1/profiles/7", "",
           {{"Origin", "https://app.example.org"}, {"Access-Control-Request-Method", "PATCH"}});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.headers.Get("Access-Control-Allow-Methods"), "GET, PATCH");
}

TEST_F(RestTest, TooLargeBodiesAreRefusedUnread) {
  const Answer answer = Send("POST", "/api/v1/sessions", std::string((1 << 20) + 1, ' '));
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.Json()["status_code"], 413);
}

TEST_F(RestTest, OneCallerCannotCrowdOutOthers) {
  Start({.requests_per_minute = 2});
  const Answer first = Send("GET", "/api/v1/domains");
  EXPECT_EQ(first.headers.Get("RateLimit-Policy"), "\"default\";q=2;w=60");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(Send("GET", "/api/v1/domains").status, 200);
  const Answer refused = Send("GET", "/api/v1/domains");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Code(), "RATE_LIMITED");
  EXPECT_TRUE(refused.headers.Get("Retry-After").has_value());
  // Another route is another matter.
  EXPECT_EQ(Send("GET", "/api/v1/questions").status, 200);
}

}  // namespace
}  // namespace selfology
