#include "services/platform/notification/sms/sms_request.h"

#include <string>

#include "common/text/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::notification {
namespace {

TEST(SmsRequestTest, ReadsTheAccount) {
  const auto account = ParseSmsUrl("https://AC1:se%2Fcret@api.twilio.com/");
  ASSERT_TRUE(account.ok()) << account.status();
  EXPECT_EQ(account->base, "https://api.twilio.com");
  EXPECT_EQ(account->secret, "se/cret");
  EXPECT_EQ(SmsPath(*account), "/2010-04-01/Accounts/AC1/Messages.json");
  EXPECT_EQ(BasicAuthorization(*account), "Basic QUMxOnNlL2NyZXQ=");
  for (const char* bad : {"", "https://api.twilio.com", "https://AC1@x", "https://:x@y", "a:b@c"}) {
    EXPECT_FALSE(ParseSmsUrl(bad).ok()) << bad;
  }
}

TEST(SmsRequestTest, KnowsNumbers) {
  for (const char* good : {"+4915112345678", "+12025550123"}) EXPECT_TRUE(IsPhoneNumber(good));
  for (const char* bad :
       {"", "015112345678", "+0151", "+49 151 12345678", "+1234567", "+12345678901234567"}) {
    EXPECT_FALSE(IsPhoneNumber(bad)) << bad;
  }
}

TEST(SmsRequestTest, TextsAreShortAndKeepTheirLink) {
  EXPECT_EQ(SmsText("Due", "Tea", ""), "Due\nTea");
  const std::string text = SmsText("Due", std::string(1000, 'x'), "https://x.org/1");
  EXPECT_EQ(text::Characters(text), kMostSmsCharacters);
  EXPECT_TRUE(text.ends_with("…\nhttps://x.org/1")) << text;
}

TEST(SmsRequestTest, FindsWhatWasSent) {
  const std::string list =
      R"({"messages":[{"body":"Other"},
        {"body":"Due","date_created":"Fri, 04 Dec 2026 16:00:00 +0000"}]})";
  const absl::Time sent = absl::FromUnixSeconds(1'796'400'000);
  EXPECT_TRUE(HasMessage(list, "Due", sent));
  EXPECT_TRUE(HasMessage(list, "Due", sent + absl::Minutes(1))) << "clocks differ";
  EXPECT_FALSE(HasMessage(list, "Due", sent + absl::Minutes(10))) << "that was another time";
  EXPECT_FALSE(HasMessage(list, "Tea", sent));
  for (const char* bad : {"", "[]", "{}", R"({"messages":7})", R"({"messages":[7,{"body":8}]})"}) {
    EXPECT_FALSE(HasMessage(bad, "Due", sent)) << bad;
  }
}

TEST(SmsRequestTest, JudgesAnswers) {
  EXPECT_EQ(JudgeSms(201, R"({"sid":"SM1"})").outcome, v1::ATTEMPT_OUTCOME_ACCEPTED);
  const Outcome stop = JudgeSms(400, R"({"code":21610,"message":"unsubscribed +491511"})");
  EXPECT_EQ(stop.outcome, v1::ATTEMPT_OUTCOME_REFUSED);
  EXPECT_EQ(stop.code, "400 21610");
  EXPECT_EQ(stop.bounce, "5.1.1");
  EXPECT_EQ(JudgeSms(400, R"({"code":21602})").bounce, "");
  EXPECT_EQ(JudgeSms(429, "").outcome, v1::ATTEMPT_OUTCOME_REFUSED_FOR_NOW);
  EXPECT_EQ(JudgeSms(503, "").outcome, v1::ATTEMPT_OUTCOME_REFUSED_FOR_NOW);
}

}  // namespace
}  // namespace selfology::notification
