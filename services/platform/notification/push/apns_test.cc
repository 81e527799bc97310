#include "services/platform/notification/push/apns.h"

#include <string>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace selfology::notification {
namespace {

using nlohmann::json;

TEST(ApnsTest, SaysWhatToShow) {
  const PushMessage message = {.notification_id = 7,
                               .title = "Due",
                               .text = "Tea",
                               .link = "/tasks/7",
                               .topic = "tasks",
                               .badge = 3,
                               .stable_id = "018f4e6c-7a3b-7c1d-9e2f-0123456789ab",
                               .time_to_live = absl::Hours(1)};
  const json sent = json::parse(ApnsJson(message));
  EXPECT_EQ(sent["aps"]["alert"]["title"], "Due");
  EXPECT_EQ(sent["aps"]["badge"], 3);
  EXPECT_EQ(sent["link"], "/tasks/7");
  const http::Headers headers =
      ApnsHeaders(message, "t", "org.example.app", absl::FromUnixSeconds(1000));
  EXPECT_EQ(headers.Get("apns-id"), message.stable_id);
  EXPECT_EQ(headers.Get("apns-topic"), "org.example.app");
  EXPECT_EQ(headers.Get("apns-expiration"), "4600");
  EXPECT_EQ(headers.Get("authorization"), "bearer t");
  EXPECT_EQ(headers.Get("apns-priority"), "10");
}

TEST(ApnsTest, ABadgeShowsNothingElse) {
  const json sent = json::parse(ApnsJson({.badge = 2, .stable_id = "s"}));
  EXPECT_EQ(sent, json::parse(R"({"aps":{"badge":2}})"));
  EXPECT_EQ(
      ApnsHeaders({.badge = 2, .stable_id = "s"}, "t", "x", absl::UnixEpoch()).Get("apns-priority"),
      "5");
}

TEST(ApnsTest, SignsItsTokens) {
  const auto token =
      ApnsToken(PrivateKey::Generate(), "KEY1", "TEAM1", absl::FromUnixSeconds(1000));
  ASSERT_TRUE(token.ok()) << token.status();
  const json header = json::parse(*FromBase64Url(token->substr(0, token->find('.'))));
  EXPECT_EQ(header["alg"], "ES256");
  EXPECT_EQ(header["kid"], "KEY1");
}

TEST(ApnsTest, KnowsDeviceTokens) {
  EXPECT_TRUE(IsApnsDeviceToken(std::string(64, 'a')));
  EXPECT_FALSE(IsApnsDeviceToken(std::string(63, 'a')));
  EXPECT_FALSE(IsApnsDeviceToken(std::string(64, '/')));
}

TEST(ApnsTest, JudgesAnswers) {
  EXPECT_EQ(JudgeApns(200, "").outcome, v1::ATTEMPT_OUTCOME_ACCEPTED);
  const Outcome gone = JudgeApns(410, R"({"reason":"Unregistered","timestamp":1})");
  EXPECT_TRUE(gone.device_gone);
  EXPECT_EQ(gone.code, "410 Unregistered");
  EXPECT_TRUE(JudgeApns(400, R"({"reason":"BadDeviceToken"})").device_gone);
  EXPECT_FALSE(JudgeApns(400, R"({"reason":"PayloadTooLarge"})").device_gone);
  EXPECT_EQ(JudgeApns(403, R"({"reason":"ExpiredProviderToken"})").outcome,
            v1::ATTEMPT_OUTCOME_REFUSED_FOR_NOW);
  EXPECT_EQ(JudgeApns(403, R"({"reason":"InvalidProviderToken"})").outcome,
            v1::ATTEMPT_OUTCOME_REFUSED);
  for (const int status : {429, 500, 503}) {
    EXPECT_EQ(JudgeApns(status, "").outcome, v1::ATTEMPT_OUTCOME_REFUSED_FOR_NOW) << status;
  }
  for (const char* body : {"", "[]", "{}", R"({"reason":7})", R"({"reason":"a b"})"}) {
    EXPECT_EQ(JudgeApns(400, body).code, "400") << body;
  }
}

}  // namespace
}  // namespace selfology::notification
