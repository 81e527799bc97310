#include "services/edge/webhook/inbound/signature.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "services/edge/webhook/inbound/digests.h"

namespace selfology::webhook {
namespace {

// A genuine request of each provider. Sources: GitHub's, Slack's and Standard Webhooks' documents; the
// others were signed with Python's hmac and OpenSSL's command line.
struct Vector {
  Verification verification;
  Incoming incoming;
  int64_t sent_at = 0;  // 0: no time is signed.
  std::string signature_header;
};

constexpr char kPaypalCertificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIDPzCCAiegAwIBAgIUVOjn7fNb2GEQzet1JyNqMERH6dcwDQYJKoZIhvcNAQEL\n"
    "BQAwLjEsMCoGA1UEAwwjbWVzc2FnZXZlcmlmaWNhdGlvbmNlcnRzLnBheXBhbC5j\n"
    "b20wIBcNMjYxMTMwMTEzMDI2WhgPMjEyNjExMDYxMTMwMjZaMC4xLDAqBgNVBAMM\n"
    "I21lc3NhZ2V2ZXJpZmljYXRpb25jZXJ0cy5wYXlwYWwuY29tMIIBIjANBgkqhkiG\n"
    "9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu0pzN871+iTY23JytK2R5Duwly49XCSS7Ncc\n"
    "puwmQEsJjVUj5xr7I48Jvzw4+L+5lVBwGFiMqswJy0Erv5/FN2tpXw83sLoPtvvy\n"
    "pJ6VFN03FCcF9WP7JszhdzJ8n/h06BNFH9CaUh1qYjkPFvRWI2SawqToMqDE8iMw\n"
    "5023xkZAy4Uw2MrLJMXzNJnT8DzSGqXS6oBMIDuA7DikcUevR+RXbKya+f5MF8zT\n"
    "M8+Uk4zrSAmvrAqaZ/Y49Q4eST4mqcOVDZJ+L57uyBusWkAD14wJKAIENSFWGm3X\n"
    "7JOKtJj1/1uPS5GFdg1wAMjUHCK3njP6n7H26Gcch2bfjrQz2QIDAQABo1MwUTAd\n"
    "BgNVHQ4EFgQUd1ukfy/8wa1PnsjA6FQewbnqz/kwHwYDVR0jBBgwFoAUd1ukfy/8\n"
    "wa1PnsjA6FQewbnqz/kwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOC\n"
    "AQEAjP0hNGQZXu4F3NMlah3qOQ4vWVd6v4++dVb37J5L2lDieK+TvSFagkxyW0iH\n"
    "f6JX885yxrw1kj5psaoyM6CdTS70YooB4N9xuAxh3SDU6JdKVCeiAYxXCqTNTSVy\n"
    "OdZcsq9zGGdywrp8y1a+oY3xfFp6exDU9J3+U2yFOf6Um9Dz1QLbhh2YirymPIW8\n"
    "+3N/LMkrJR7SHWKAqomdlmxApOvkCwyu8eRvxbSjSR0E6qgZoKbsXyY9hBRgfnHa\n"
    "bUaXnffDmbeIWBPWRsj6IHrhNOK7BnbE4SVforK1tT2dqog2i1nJBlhavsHzb0tX\n"
    "lAh5q1VUhFwM7VOF5eFYk7+Ftw==\n"
    "-----END CERTIFICATE-----\n";
constexpr char kPaypalSignature[] =
    "OfwjldVxGOj0zD5lEaVQeP3AlwOMXuidAOlBVpQz91psFRb9wOVhjFRLuUNC3nszQgd1ixq378hQbIwK"
    "acciGxMVAbY0rpC838pkVQd3y1zlLzqfIrqf14qPEXRonW4R8k9cs+FNsB3yYUSGfgKv4yRh1hcD6ipO"
    "AH52Fpfv+4XficsmoEr/X4dgFzLf3onGBM13IX/oLFbCWc4vmvjt3e/wIng+MDJJXx7v3/4/+o6v8jw1"
    "CtlNlYAz7BSSEeaTGlavuAr/2J3Tfsrw8PtYOrNp1UEhf7vmWiwK/r7FnbWGcMMA5acMCThtElz3Bxu/"
    "d0HE+WiFrfqse8IRhPgejQ==";

constexpr char kSlackBody[] =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F"
    "96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

std::vector<Vector> Vectors() {
  constexpr char kHub[] = "x-hub-signature-256";
  std::vector<Vector> vectors;
  for (const v1::Provider provider :
       {v1::PROVIDER_GITHUB, v1::PROVIDER_FACEBOOK, v1::PROVIDER_INSTAGRAM}) {
    vectors.push_back(
        {{.provider = provider, .secrets = {"It's a Secret to Everybody"}},
         {.headers = {{kHub,
                       "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}},
          .body = "Hello, World!"},
         0,
         kHub});
  }
  vectors.push_back(
      {{.provider = v1::PROVIDER_STRIPE, .secrets = {"whsec_test_secret"}},
       {.headers = {{"stripe-signature",
                     "t=1492774577,v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989"
                     "a39,v1=c2f890decbc5ede7c5060bb9a6d31e0626a4342bacb9aeae2adb1bcea72f9812"}},
        .body = "{\n  \"id\": \"evt_test_webhook\",\n  \"object\": \"event\"\n}"},
       1492774577,
       "stripe-signature"});
  vectors.push_back(
      {{.provider = v1::PROVIDER_SLACK, .secrets = {"8f742231b10e8888abcd99yyyzzz85a5"}},
       {.headers = {{"x-slack-request-timestamp", "1531420618"},
                    {"x-slack-signature",
                     "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"}},
        .body = kSlackBody},
       1531420618,
       "x-slack-signature"});
  vectors.push_back(
      {{.provider = v1::PROVIDER_STANDARD, .secrets = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}},
       {.headers = {{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
                    {"webhook-timestamp", "1614265330"},
                    {"webhook-signature",
                     "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}},
        .body = R"({"test": 2432232314})"},
       1614265330,
       "webhook-signature"});
  vectors.push_back(
      {{.provider = v1::PROVIDER_STANDARD,
        .secrets = {"whpk_Nxd/gh57SowgunzDEw7Td9+pdwHnoEBQmx0TTgIZLyw="}},
       {.headers =
            {{"svix-id", "msg_1"},
             {"svix-timestamp", "1700000000"},
             {"svix-signature",
              "v1a,3ti1HceVChKz09LhtTepjmGEyhSuu5/ioCzbsUP57fZBphfS3E5EeK+G6bDURl0+BE557KQ30t"
              "DPbmbRGTYMBQ=="}},
        .body = R"({"type":1})"},
       1700000000,
       "svix-signature"});
  v1::HmacScheme scheme;
  scheme.set_signature_header("X-Sign");
  scheme.set_signature_prefix("h=");
  scheme.set_algorithm(v1::HASH_ALGORITHM_SHA512);
  scheme.set_base64(true);
  scheme.set_signed_template("{timestamp}.{body}");
  scheme.set_timestamp_header("X-Time");
  vectors.push_back({{.provider = v1::PROVIDER_HMAC, .secrets = {"key"}, .hmac = scheme},
                     {.headers = {{"x-time", "1700000000"},
                                  {"x-sign",
                                   "h=A72NX35D6ekgiltPRe8cZc961v0a3sR2MQiKaBAZqJdABVfAJNSS/"
                                   "1ZAxGhXQJbNz1HX+7OsQsl7Xa0qWxgs1A=="}},
                      .body = "{}"},
                     1700000000,
                     "x-sign"});
  vectors.push_back(
      {{.provider = v1::PROVIDER_PAYPAL,
        .secrets = {"WEBHOOK1"},
        .certificate = kPaypalCertificate},
       {.headers = {{"paypal-transmission-id", "tid-1"},
                    {"paypal-transmission-time", "2025-11-30T08:00:00Z"},
                    {"paypal-transmission-sig", kPaypalSignature}},
        .body = R"({"id":"WH-1","event_type":"BILLING.SUBSCRIPTION.PAYMENT.FAILED"})"},
       1764489600,
       "paypal-transmission-sig"});
  vectors.push_back(
      {{.provider = v1::PROVIDER_DISCORD,
        .secrets = {"37177f821e7b4a8c20ba7cc3130ed377dfa97701e7a040509b1d134e02192f2c"}},
       {.headers =
            {{"x-signature-timestamp", "1700000000"},
             {"x-signature-ed25519",
              "bf68aa84fe671447621fc3ea5bd413a23b1a60e3ca414ecae53e2d2ca209e8dd6753f50c3caf67a9"
              "06fd4e3aa76ee3118a8d274d4f6a6e08695ba53aa2d45d03"}},
        .body = R"({"type":1})"},
       1700000000,
       "x-signature-ed25519"});
  vectors.push_back({{.provider = v1::PROVIDER_X, .secrets = {"consumer"}},
                     {.headers = {{"x-twitter-webhooks-signature",
                                   "sha256=NNUD2L6+yDPrycoqPPFQGpTCo1P3WXEQMgxQ6SFVipY="}},
                      .body = R"({"a":1})"},
                     0,
                     "x-twitter-webhooks-signature"});
  vectors.push_back(
      {{.provider = v1::PROVIDER_LINKEDIN, .secrets = {"client"}},
       {.headers = {{"x-li-signature",
                     "27033b0577220df0e3ba8d7067d8a693460ea9ecd00397eaf4a97bf052016ca1"}},
        .body = R"({"a":1})"},
       0,
       "x-li-signature"});
  vectors.push_back({{.provider = v1::PROVIDER_ZAPIER, .secrets = {"shared"}},
                     {.headers = {{"authorization", "Bearer shared"}}, .body = "{}"},
                     0,
                     "authorization"});
  return vectors;
}

absl::Time SentAt(const Vector& vector) { return absl::FromUnixSeconds(vector.sent_at); }

TEST(SignatureTest, TakesTheGenuineRequestsOfEachProvider) {
  for (const Vector& vector : Vectors()) {
    const Verdict verdict =
        Verify(vector.incoming, vector.verification, SentAt(vector) + absl::Minutes(4));
    EXPECT_TRUE(verdict.genuine) << v1::Provider_Name(vector.verification.provider) << " "
                                 << verdict.refusal;
  }
}

TEST(SignatureTest, RefusesAnotherBodySecretOrSignature) {
  for (const Vector& vector : Vectors()) {
    SCOPED_TRACE(v1::Provider_Name(vector.verification.provider));
    const bool signs_body = vector.verification.provider != v1::PROVIDER_ZAPIER;
    Incoming changed = vector.incoming;
    changed.body += " ";
    if (signs_body) {
      EXPECT_EQ(Verify(changed, vector.verification, SentAt(vector)).refusal, "SIGNATURE_MISMATCH");
    }
    Verification other = vector.verification;
    other.secrets = {"another", "whsec_AAAA", std::string(64, '0')};
    EXPECT_EQ(Verify(vector.incoming, other, SentAt(vector)).refusal, "SIGNATURE_MISMATCH");
    other.secrets.push_back(vector.verification.secrets.front());
    EXPECT_TRUE(Verify(vector.incoming, other, SentAt(vector)).genuine) << "while one is replaced";
    Incoming without = vector.incoming;
    without.headers.erase(vector.signature_header);
    EXPECT_EQ(Verify(without, vector.verification, SentAt(vector)).refusal, "SIGNATURE_MISSING");
    for (const char* rubbish : {"?", "sha256=", "v0=xy", "t=,v1=", "v1,", "h=*", "sha256=%%"}) {
      Incoming malformed = vector.incoming;
      malformed.headers[vector.signature_header] = rubbish;
      EXPECT_FALSE(Verify(malformed, vector.verification, SentAt(vector)).genuine) << rubbish;
    }
  }
}

TEST(SignatureTest, RefusesWhatIsSentAgainLater) {
  for (const Vector& vector : Vectors()) {
    if (vector.sent_at == 0) continue;
    SCOPED_TRACE(v1::Provider_Name(vector.verification.provider));
    for (const absl::Duration apart : {absl::Seconds(301), absl::Seconds(-301)}) {
      EXPECT_EQ(Verify(vector.incoming, vector.verification, SentAt(vector) + apart).refusal,
                "TOO_OLD");
    }
  }
}

TEST(SignatureTest, FindsSharedSecretsWhereverTheyAre) {
  const Verification verification{.provider = v1::PROVIDER_IFTTT, .secrets = {"shared"}};
  EXPECT_TRUE(Verify({.headers = {{"x-webhook-secret", "shared"}}}, verification, {}).genuine);
  EXPECT_TRUE(Verify({.query = {{"secret", "shared"}}}, verification, {}).genuine);
  EXPECT_EQ(Verify({.query = {{"secret", "share"}}}, verification, {}).refusal,
            "SIGNATURE_MISMATCH");
  EXPECT_EQ(Verify({}, verification, {}).refusal, "SIGNATURE_MISSING");
}

TEST(SignatureTest, AnswersChallenges) {
  const Verification facebook{
      .provider = v1::PROVIDER_FACEBOOK, .secrets = {"app"}, .verify_token = "token"};
  Incoming ask{.query = {{"hub.mode", "subscribe"},
                         {"hub.verify_token", "token"},
                         {"hub.challenge", "1158201444"}}};
  EXPECT_EQ(AnswerChallenge(ask, facebook)->body, "1158201444");
  ask.query["hub.verify_token"] = "guess";
  EXPECT_FALSE(AnswerChallenge(ask, facebook).has_value());
  ask.query["hub.verify_token"] = "";
  EXPECT_FALSE(
      AnswerChallenge(ask, {.provider = v1::PROVIDER_FACEBOOK, .secrets = {"app"}}).has_value());

  EXPECT_EQ(AnswerChallenge({.query = {{"crc_token", "9b4507b3-9040-4669-9ca3-6b94edb50553"}}},
                            {.provider = v1::PROVIDER_X, .secrets = {"consumer"}})
                ->body,
            R"({"response_token":"sha256=zl3WYseP25R9M8+tRvOsyj4KOi1o581S2OAJ8nOjwv0="})");
  EXPECT_EQ(AnswerChallenge({.query = {{"challengeCode", "890e4665-4dfe-4ab1-b689-ed553bceeed0"}}},
                            {.provider = v1::PROVIDER_LINKEDIN, .secrets = {"client"}})
                ->body,
            R"({"challengeCode":"890e4665-4dfe-4ab1-b689-ed553bceeed0","challengeResponse":)"
            R"("de3889346ba3885511b2c022c1cc612995ddb1c5e8d538ecd95268c797908765"})");
  EXPECT_FALSE(
      AnswerChallenge(ask, {.provider = v1::PROVIDER_GITHUB, .secrets = {"s"}}).has_value());
}

TEST(SignatureTest, AnswersPings) {
  EXPECT_EQ(AnswerPing({.body = R"({"type":1})"}, v1::PROVIDER_DISCORD)->body, R"({"type":1})");
  EXPECT_FALSE(AnswerPing({.body = R"({"type":2})"}, v1::PROVIDER_DISCORD).has_value());
  EXPECT_EQ(
      AnswerPing({.body = R"({"type":"url_verification","challenge":"3eZb"})"}, v1::PROVIDER_SLACK)
          ->body,
      "3eZb");
  EXPECT_FALSE(AnswerPing({.body = "[]"}, v1::PROVIDER_SLACK).has_value());
}

TEST(SignatureTest, TakesCertificatesFromPaypalOnly) {
  const auto url = [](std::string_view text) {
    const Incoming incoming{.headers = {{"paypal-cert-url", std::string(text)}}};
    return !PaypalCertificateUrl(incoming).empty();
  };
  EXPECT_TRUE(url("https://api.paypal.com/v1/notifications/certs/CERT-1"));
  EXPECT_TRUE(url("https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1"));
  for (const char* other :
       {"", "http://api.paypal.com/c", "https://evil.com/api.paypal.com", "https://xpaypal.com/c",
        "https://api.paypal.com@evil.com/c", "https://evil.com#.paypal.com",
        "https://evil.com?.paypal.com", "https://evil.com\\.paypal.com",
        "https://paypal.com.evil/c", "https://evil.com:443.paypal.com/"}) {
    EXPECT_FALSE(url(other)) << other;
  }
  Vector vector = Vectors()[8];
  ASSERT_EQ(vector.verification.provider, v1::PROVIDER_PAYPAL);
  vector.verification.certificate = "none";
  EXPECT_EQ(Verify(vector.incoming, vector.verification, SentAt(vector)).refusal,
            "CERTIFICATE_UNUSABLE");
}

TEST(SignatureTest, KnowsSecretsThatCannotWork) {
  EXPECT_EQ(WhatIsWrongWithSecret(v1::PROVIDER_GITHUB, "anything"), "");
  EXPECT_NE(WhatIsWrongWithSecret(v1::PROVIDER_GITHUB, ""), "");
  EXPECT_NE(WhatIsWrongWithSecret(v1::PROVIDER_GITHUB, std::string(513, 'a')), "");
  EXPECT_NE(WhatIsWrongWithSecret(v1::PROVIDER_STANDARD, "anything"), "");
  EXPECT_NE(WhatIsWrongWithSecret(v1::PROVIDER_STANDARD, "whpk_AAAA"), "");
  EXPECT_NE(WhatIsWrongWithSecret(v1::PROVIDER_DISCORD, "abcd"), "");
}

TEST(DigestsTest, CountsAsPublished) {
  EXPECT_EQ(Crc32("123456789"), 0xCBF43926u);  // The check value of CRC-32/ISO-HDLC.
  EXPECT_EQ(Crc32(""), 0u);
}

}  // namespace
}  // namespace selfology::webhook
