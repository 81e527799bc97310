#include "services/platform/notification/push/fcm.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/http/url.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace selfology::notification {
namespace {

using nlohmann::json;

struct TestKey {
  std::shared_ptr<EVP_PKEY> key{EVP_RSA_gen(2048), [](EVP_PKEY* k) { EVP_PKEY_free(k); }};
  std::string Pem() const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return std::string(data, static_cast<size_t>(size));
  }
  bool HasSigned(const std::string& token) const {
    const size_t dot = token.rfind('.');
    const std::string signature = *FromBase64Url(token.substr(dot + 1));
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
    return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(), reinterpret_cast<const unsigned char*>(token.data()),
                            dot) == 1;
  }
};

json AccountJson(const std::string& pem) {
  return {{"project_id", "selfology-test"},
          {"client_email", "push@selfology-test.iam.gserviceaccount.com"},
          {"private_key_id", "k1"},
          {"private_key", pem},
          {"token_uri", "https://oauth2.googleapis.com/token"}};
}

TEST(FcmTest, AsksForATokenWithASignedAssertion) {
  const TestKey key;
  const auto account = ParseFcmAccount(AccountJson(key.Pem()).dump());
  ASSERT_TRUE(account.ok()) << account.status();
  const auto form = FcmTokenForm(*account, absl::FromUnixSeconds(1000));
  ASSERT_TRUE(form.ok()) << form.status();
  const auto fields = http::ParseForm(*form);
  ASSERT_TRUE(fields.ok());
  EXPECT_EQ((*fields)[0].second, "urn:ietf:params:oauth:grant-type:jwt-bearer");
  const std::string assertion = (*fields)[1].second;
  EXPECT_TRUE(key.HasSigned(assertion));
  const std::vector<std::string> parts = absl::StrSplit(assertion, '.');
  const json header = json::parse(*FromBase64Url(parts[0]));
  EXPECT_EQ(header["alg"], "RS256");
  EXPECT_EQ(header["kid"], "k1");
  const json claims = json::parse(*FromBase64Url(parts[1]));
  EXPECT_EQ(claims["iss"], "push@selfology-test.iam.gserviceaccount.com");
  EXPECT_EQ(claims["aud"], "https://oauth2.googleapis.com/token");
  EXPECT_EQ(claims["exp"], 4600);
}

TEST(FcmTest, NamesWhatAnAccountLacks) {
  const TestKey key;
  for (const char* name : {"project_id", "client_email", "private_key", "token_uri"}) {
    json account = AccountJson(key.Pem());
    account.erase(name);
    EXPECT_THAT(std::string(ParseFcmAccount(account.dump()).status().message()),
                ::testing::HasSubstr(name));
  }
  EXPECT_FALSE(ParseFcmAccount("[]").ok());
  EXPECT_FALSE(ParseFcmAccount("").ok());
  EXPECT_FALSE(ParseFcmAccount(AccountJson("nonsense").dump()).ok());
}

TEST(FcmTest, ReadsAccessTokens) {
  const auto token =
      ParseAccessToken(R"({"access_token":"ya29","expires_in":3599})", absl::UnixEpoch());
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token->token, "ya29");
  EXPECT_EQ(token->expires_at, absl::FromUnixSeconds(3599));
  for (const char* bad : {"", "[]", "{}", R"({"access_token":7})"}) {
    EXPECT_FALSE(ParseAccessToken(bad, absl::UnixEpoch()).ok()) << bad;
  }
}

TEST(FcmTest, SaysWhatToShow) {
  const PushMessage message = {.notification_id = 7,
                               .title = "Due",
                               .text = "Tea",
                               .priority = v1::PRIORITY_URGENT,
                               .badge = 3,
                               .stable_id = "s1",
                               .time_to_live = absl::Hours(1)};
  const json sent = json::parse(FcmJson("token", message))["message"];
  EXPECT_EQ(sent["token"], "token");
  EXPECT_EQ(sent["notification"]["title"], "Due");
  EXPECT_EQ(sent["data"]["unread"], "3");
  EXPECT_EQ(sent["android"]["ttl"], "3600s");
  EXPECT_EQ(sent["android"]["priority"], "HIGH");
  EXPECT_EQ(sent["android"]["notification"]["tag"], "s1");
  const json badge = json::parse(FcmJson("token", {.badge = 2, .stable_id = "s2"}))["message"];
  EXPECT_FALSE(badge.contains("notification"));
  EXPECT_EQ(badge["data"]["unread"], "2");
}

TEST(FcmTest, JudgesAnswers) {
  EXPECT_EQ(JudgeFcm(200, R"({"name":"projects/x/messages/1"})").outcome,
            v1::ATTEMPT_OUTCOME_ACCEPTED);
  const Outcome gone = JudgeFcm(404, R"({"error":{"code":404,"status":"NOT_FOUND","details":[
        {"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"UNREGISTERED"}]}})");
  EXPECT_EQ(gone.outcome, v1::ATTEMPT_OUTCOME_REFUSED);
  EXPECT_TRUE(gone.device_gone);
  EXPECT_EQ(gone.code, "404 UNREGISTERED");
  EXPECT_TRUE(JudgeFcm(400, R"({"error":{"status":"INVALID_ARGUMENT","message":)"
                            R"("The registration token is not a valid FCM registration token"}})")
                  .device_gone);
  EXPECT_FALSE(JudgeFcm(400, R"({"error":{"status":"INVALID_ARGUMENT"}})").device_gone);
  for (const int status : {401, 429, 500, 503}) {
    EXPECT_EQ(JudgeFcm(status, "").outcome, v1::ATTEMPT_OUTCOME_REFUSED_FOR_NOW) << status;
  }
  EXPECT_EQ(JudgeFcm(403, R"({"error":{"status":"SENDER_ID_MISMATCH"}})").outcome,
            v1::ATTEMPT_OUTCOME_REFUSED);
  EXPECT_EQ(JudgeFcm(400, R"({"error":{"status":"ann@example.org"}})").code, "400")
      << "no words that are not the protocol's";
}

}  // namespace
}  // namespace selfology::notification
