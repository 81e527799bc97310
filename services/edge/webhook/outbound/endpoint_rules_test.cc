#include "services/edge/webhook/outbound/endpoint_rules.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace selfology::webhook {
namespace {

bool IsUrl(std::string_view url, bool allow_http = false) {
  status::FieldViolations bad;
  CheckUrl(url, allow_http, bad);
  return bad.empty();
}

TEST(EndpointRulesTest, TakesHttpsUrls) {
  for (const char* url :
       {"https://example.org", "https://example.org/hooks?x=1&y=a%20b", "https://example.org:8443/",
        "https://[2606:4700::1]/a", "https://[2606:4700::1]:444"}) {
    EXPECT_TRUE(IsUrl(url)) << url;
  }
  for (const char* url :
       {"", "http://example.org", "ftp://example.org", "example.org", "https://", "https:///a",
        "https://a:b@example.org", "https://example.org#a", "https://example.org:0",
        "https://example.org:99999", "https://example.org:1a", "https://exa mple.org",
        "https://example.org/a b", "https://example.org/\n", "https://bücher.example", "https://[]",
        "https://[::1", "HTTPS://example.org\\@evil"}) {
    EXPECT_FALSE(IsUrl(url)) << url;
  }
  EXPECT_FALSE(IsUrl("https://example.org/" + std::string(2048, 'a')));
  EXPECT_TRUE(IsUrl("http://127.0.0.1:8000/", /*allow_http=*/true));
}

TEST(EndpointRulesTest, SignsAsStandardWebhooksDoes) {
  // The vector of the standard's own libraries.
  const auto key = ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  ASSERT_TRUE(key.ok()) << key.status();
  const std::string signature =
      SignatureHeader({*key}, "msg_p5jXN8AQM9LWM0D4loKWxJek", absl::FromUnixSeconds(1614265330),
                      R"({"test": 2432232314})");
  EXPECT_EQ(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  EXPECT_EQ(SignatureHeader({*key, *key}, "msg_p5jXN8AQM9LWM0D4loKWxJek",
                            absl::FromUnixSeconds(1614265330), R"({"test": 2432232314})"),
            signature + " " + signature);
  EXPECT_EQ(FormatSecret(*key), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  for (const std::string& wrong : {std::string("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                                   std::string("whsec_"), FormatSecret(std::string(23, 'a')),
                                   FormatSecret(std::string(65, 'a')), std::string("whsec_?")}) {
    EXPECT_FALSE(ParseSecret(wrong).ok()) << wrong;
  }
}

TEST(EndpointRulesTest, BodiesAreJson) {
  const absl::Time at = absl::FromUnixSeconds(1764489600);
  EXPECT_EQ(MessageBody("a.b", "", at, R"({"x":1})"),
            R"({"type":"a.b","timestamp":"2025-11-30T08:00:00Z","data":{"x":1}})");
  EXPECT_EQ(MessageBody("a.b", "a_kind", at, "{}"),
            R"({"type":"a.b","kind":"a_kind","timestamp":"2025-11-30T08:00:00Z","data":{}})");
}

TEST(EndpointRulesTest, ChecksSchedulesAndTypes) {
  const auto schedule = [](std::initializer_list<int32_t> pauses) {
    status::FieldViolations bad;
    CheckRetrySeconds({pauses.begin(), pauses.end()}, bad);
    return bad.empty();
  };
  EXPECT_TRUE(schedule({}));
  EXPECT_TRUE(schedule({1, 86'400}));
  EXPECT_FALSE(schedule({0}));
  EXPECT_FALSE(schedule({86'401}));
  EXPECT_FALSE(schedule({1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}));
  google::protobuf::RepeatedPtrField<std::string> types;
  types.Add("post.published");
  types.Add("webhook.test");
  status::FieldViolations fine;
  CheckEventTypes(types, {"post.published"}, fine);
  EXPECT_TRUE(fine.empty());
  types.Add("post.publishedd");
  CheckEventTypes(types, {"post.published"}, fine);
  EXPECT_EQ(status::Violations(fine.ToStatus())[0].field, "event_types[2]");
}

}  // namespace
}  // namespace selfology::webhook
