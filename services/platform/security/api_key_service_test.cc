#include "services/platform/security/api_key_service.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "selfology/events/v1/security.pb.h"
#include "services/platform/security/security_fixture_test.h"
#include "testing/proto_matchers.h"

namespace selfology::security {
namespace {

using events::v1::TokensRevoked;
using ::selfology::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class ApiKeyServiceTest : public SecurityTest {
 protected:
  v1::CreateApiKeyRequest Wanted(const std::string& key = "first") {
    v1::CreateApiKeyRequest request;
    request.set_user_id(kUser);
    request.set_display_name("my script");
    request.add_scopes("coaching.answers.*");
    request.set_idempotency_key(key);
    return request;
  }

  v1::CreateApiKeyResponse Create(const v1::CreateApiKeyRequest& request) {
    const auto response = api_keys_->CreateApiKey(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::CreateApiKeyResponse());
  }

  absl::StatusOr<v1::VerifyApiKeyResponse> VerifyKey(const std::string& key) {
    v1::VerifyApiKeyRequest request;
    request.set_api_key(key);
    return verification_->VerifyApiKey(Deadline(), request);
  }

  std::vector<v1::ApiKey> Keys() {
    std::vector<v1::ApiKey> keys;
    v1::ListApiKeysRequest request;
    request.set_user_id(kUser);
    request.set_page_size(2);
    do {
      const auto page = api_keys_->ListApiKeys(Deadline(), request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      keys.insert(keys.end(), page->keys().begin(), page->keys().end());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return keys;
  }
};

TEST_F(ApiKeyServiceTest, AKeyStandsForItsOwnerWithinItsScopes) {
  const v1::CreateApiKeyResponse made = Create(Wanted());
  EXPECT_TRUE(made.api_key().starts_with("sk_" + made.key().key_id() + "_"));
  const auto verified = VerifyKey(made.api_key());
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->user_id(), kUser);
  EXPECT_EQ(verified->key_id(), made.key().key_id());
  EXPECT_THAT(verified->scopes(), ElementsAre("coaching.answers.*"));
  EXPECT_EQ(Introspect(made.api_key()).token_type(), "api_key");
  EXPECT_TRUE(Keys()[0].has_last_used_at());
}

TEST_F(ApiKeyServiceTest, AskedForTwiceItIsMadeOnce) {
  const v1::CreateApiKeyResponse made = Create(Wanted());
  EXPECT_THAT(Create(Wanted()), EqualsProto(made));
  EXPECT_NE(Create(Wanted("second")).api_key(), made.api_key());
  Create(Wanted("third"));
  EXPECT_THAT(Keys(), SizeIs(3));
}

TEST_F(ApiKeyServiceTest, AWrongSecretIsRefused) {
  std::string key = Create(Wanted()).api_key();
  key.back() = key.back() == 'A' ? 'B' : 'A';
  // The last of 43 characters has two bits that mean nothing; the text is what was hashed.
  EXPECT_EQ(status::Reason(VerifyKey(key).status()), "API_KEY_REFUSED");
  EXPECT_EQ(status::Reason(VerifyKey("sk_nonsense").status()), "API_KEY_REFUSED");
  EXPECT_FALSE(Introspect(key).active());
}

TEST_F(ApiKeyServiceTest, ARevokedOrExpiredKeyIsRefused) {
  const v1::CreateApiKeyResponse made = Create(Wanted());
  v1::CreateApiKeyRequest brief = Wanted("brief");
  *brief.mutable_expires_at() = timestamps::ToProto(Now() + absl::Hours(1));
  const std::string expiring = Create(brief).api_key();
  EXPECT_TRUE(VerifyKey(expiring).ok());
  Advance(absl::Hours(2));
  EXPECT_EQ(status::Reason(VerifyKey(expiring).status()), "API_KEY_REFUSED");

  v1::RevokeApiKeyRequest revoke;
  revoke.set_user_id(kUser);
  revoke.set_key_id(made.key().key_id());
  ASSERT_TRUE(api_keys_->RevokeApiKey(Deadline(), revoke).ok());
  ASSERT_TRUE(api_keys_->RevokeApiKey(Deadline(), revoke).ok());
  EXPECT_EQ(status::Reason(VerifyKey(made.api_key()).status()), "API_KEY_REFUSED");
  const auto revoked = Published<TokensRevoked>();
  ASSERT_THAT(revoked, SizeIs(1));
  EXPECT_EQ(revoked[0].user_id(), kUser);
  EXPECT_EQ(revoked[0].revocation().token_id(), made.key().key_id());
  EXPECT_FALSE(revoked[0].revocation().has_forget_after()) << "it would be good for ever";
  EXPECT_THAT(Keys(), SizeIs(0));
  EXPECT_THAT(Audit("api_key.revoked", kUser), SizeIs(1));
}

TEST_F(ApiKeyServiceTest, AnothersKeyIsNone) {
  const v1::CreateApiKeyResponse made = Create(Wanted());
  v1::RevokeApiKeyRequest revoke;
  revoke.set_user_id(kUser + 1);
  revoke.set_key_id(made.key().key_id());
  EXPECT_EQ(status::Reason(api_keys_->RevokeApiKey(Deadline(), revoke).status()),
            "API_KEY_NOT_FOUND");
  EXPECT_TRUE(VerifyKey(made.api_key()).ok());
}

TEST_F(ApiKeyServiceTest, NobodyMakesAKeyForEverything) {
  for (const char* scope : {"*", "mesh.*", "coaching", "", "coaching.anwsers.read", "cooking.*"}) {
    v1::CreateApiKeyRequest request = Wanted();
    request.set_scopes(0, scope);
    EXPECT_EQ(status::Violations(api_keys_->CreateApiKey(Deadline(), request).status())[0].field,
              "scopes[0]");
  }
  EXPECT_THAT(
      status::Violations(api_keys_->CreateApiKey(Deadline(), v1::CreateApiKeyRequest()).status()),
      SizeIs(4));
}

}  // namespace
}  // namespace selfology::security
