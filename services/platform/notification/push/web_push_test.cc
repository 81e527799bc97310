#include "services/platform/notification/push/web_push.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace selfology::notification {
namespace {

// RFC 8291, section 5 and appendix A.
constexpr char kText[] = "When I grow up, I want to be a watermelon";
constexpr char kOwnPoint[] =
    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
constexpr char kOwnScalar[] = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
constexpr char kBrowserPoint[] =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
constexpr char kSalt[] = "DGv6ra1nlYgDCS1FRnbzlw";
constexpr char kAuth[] = "BTBZMqHH6r4Tts7J_aSIgg";
constexpr char kBody[] =
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6T"
    "lzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4"
    "a-fN";

TEST(WebPushTest, EncryptsAsTheRfcDoes) {
  const auto own = PrivateKey::FromScalar(*FromBase64Url(kOwnScalar));
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_EQ(ToBase64Url(own->Point()), kOwnPoint);
  EXPECT_EQ(ToBase64Url(own->Scalar()), kOwnScalar);
  const auto browser = ParseBrowserKeys(kBrowserPoint, kAuth);
  ASSERT_TRUE(browser.ok()) << browser.status();
  const auto body = EncryptForBrowser(kText, *browser, *own, *FromBase64Url(kSalt));
  ASSERT_TRUE(body.ok()) << body.status();
  EXPECT_EQ(ToBase64Url(*body), kBody);
}

TEST(WebPushTest, RefusesKeysThatAreNone) {
  EXPECT_FALSE(ParseBrowserKeys(kBrowserPoint, "AAAA").ok());
  EXPECT_FALSE(ParseBrowserKeys("AAAA", kAuth).ok());
  EXPECT_FALSE(ParseBrowserKeys("$$$", kAuth).ok());
  // On no curve: the last byte is another one.
  std::string off = *FromBase64Url(kBrowserPoint);
  off.back() = static_cast<char>(off.back() ^ 1);
  EXPECT_FALSE(ParseBrowserKeys(ToBase64Url(off), kAuth).ok());
  EXPECT_FALSE(PrivateKey::FromScalar(std::string(32, '\0')).ok());
  EXPECT_FALSE(PrivateKey::FromScalar(std::string(32, '\xff')).ok());
  EXPECT_FALSE(PrivateKey::FromScalar("short").ok());
  const auto browser = ParseBrowserKeys(kBrowserPoint, kAuth);
  EXPECT_TRUE(
      absl::IsInvalidArgument(EncryptForBrowser(std::string(kMostWebPushBytes + 1, 'x'), *browser,
                                                PrivateKey::Generate(), std::string(16, 'x'))
                                  .status()));
}

TEST(WebPushTest, SaysWhoItIs) {
  const PrivateKey key = PrivateKey::Generate();
  const auto header = VapidHeader(key, "https://push.example.org:8443/send/abc?x=1",
                                  "mailto:ops@example.org", absl::FromUnixSeconds(1000));
  ASSERT_TRUE(header.ok()) << header.status();
  ASSERT_TRUE(header->starts_with("vapid t=")) << *header;
  const std::string token = header->substr(8, header->find(',') - 8);
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  ASSERT_EQ(parts.size(), 3u);
  const auto claims = nlohmann::json::parse(*FromBase64Url(parts[1]));
  EXPECT_EQ(claims["aud"], "https://push.example.org:8443");
  EXPECT_EQ(claims["exp"], 1000 + 12 * 3600);
  EXPECT_EQ(nlohmann::json::parse(*FromBase64Url(parts[0]))["alg"], "ES256");
  EXPECT_EQ(FromBase64Url(parts[2])->size(), 64u);
  EXPECT_TRUE(header->ends_with(", k=" + ToBase64Url(key.Point())));
}

TEST(WebPushTest, KnowsEndpoints) {
  for (const char* good :
       {"https://updates.push.services.mozilla.com/wpush/v2/abc", "http://127.0.0.1:8080/x"}) {
    EXPECT_TRUE(IsEndpoint(good)) << good;
  }
  for (const char* bad : {"", "https://", "http://example.org/x", "ftp://x", "https://u:p@x/y",
                          "https://x/\r\ny", "https:///x"}) {
    EXPECT_FALSE(IsEndpoint(bad)) << bad;
  }
}

TEST(WebPushTest, AnyTextFitsAndReplacesItself) {
  std::string text;
  for (int i = 0; i < 4000; ++i) text += "🙂";
  PushMessage message = {.notification_id = 7,
                         .title = text,
                         .text = text,
                         .link = std::string(600, 'x'),
                         .priority = v1::PRIORITY_URGENT,
                         .badge = 3,
                         .stable_id = "018f4e6c-7a3b-7c1d-9e2f-0123456789ab",
                         .time_to_live = absl::Hours(1)};
  EXPECT_LE(WebPushJson(message).size(), kMostWebPushBytes);
  const http::Headers headers = WebPushHeaders(message);
  EXPECT_EQ(headers.Get("Topic"), "018f4e6c7a3b7c1d9e2f0123456789ab");
  EXPECT_EQ(headers.Get("TTL"), "3600");
  EXPECT_EQ(headers.Get("Urgency"), "high");
}

}  // namespace
}  // namespace selfology::notification
