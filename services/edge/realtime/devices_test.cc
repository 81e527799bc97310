// Who may connect, and for how long.
#include "services/edge/realtime/devices.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/security.pb.h"
#include "selfology/security/v1/verification_service_endpoints.h"
#include "services/edge/realtime/realtime_fixture_test.h"
#include "testing/serving_module.h"
#include "testing/tokens.h"

namespace selfology::realtime {
namespace {

using ::selfology::testing::TokenSigner;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// In place of security: one key, nothing revoked.
class FakeSecurity : public security::v1::VerificationServiceEndpoints {
 public:
  explicit FakeSecurity(const TokenSigner& signer) : signer_(signer) {}

  absl::StatusOr<security::v1::GetKeySetResponse> GetKeySet(
      const Call&, const security::v1::GetKeySetRequest&) override {
    security::v1::GetKeySetResponse response;
    security::v1::JsonWebKey& key = *response.add_keys();
    key.set_kty("EC");
    key.set_crv("P-256");
    key.set_x(signer_.key().x);
    key.set_y(signer_.key().y);
    key.set_kid(signer_.key().kid);
    key.set_alg("ES256");
    key.set_use("sig");
    return response;
  }
  absl::StatusOr<security::v1::ListRevocationsResponse> ListRevocations(
      const Call&, const security::v1::ListRevocationsRequest&) override {
    return security::v1::ListRevocationsResponse();
  }
  absl::StatusOr<security::v1::VerifyApiKeyResponse> VerifyApiKey(
      const Call&, const security::v1::VerifyApiKeyRequest&) override {
    return absl::UnauthenticatedError("no such key");
  }

 private:
  const TokenSigner& signer_;
};

class DevicesTest : public RealtimeTest {
 protected:
  void StartWithSecurity(bool enforce, RealtimeSettings settings = {}) {
    ::selfology::testing::ModuleList others;
    others.push_back(
        ::selfology::testing::ServingModule("security", std::make_shared<FakeSecurity>(signer_)));
    Start(
        std::move(settings),
        [enforce](service::Settings& kernel) { kernel.enforce_access = enforce; },
        std::move(others));
  }
  // What the server says first.
  std::string Answer(const Json& auth, const std::string& query = "") {
    Device device(port_, query);
    device.Enter(auth);
    return device.Next();
  }

  const TokenSigner signer_{"key-1"};
};

TEST_F(DevicesTest, OnATrustedNetworkAUserIdIsEnough) {
  Start();
  EXPECT_THAT(Answer({{"user_id", kUser}}), StartsWith("40"));
  EXPECT_THAT(Answer({{"user_id", std::to_string(kUser)}}), StartsWith("40"));
  EXPECT_THAT(Answer(Json::object()), StartsWith(R"(44{"message":)"));
  EXPECT_THAT(Answer({{"user_id", 0}}), StartsWith("44"));
  EXPECT_THAT(Answer({{"user_id", -5}}), HasSubstr("user_id"));
  EXPECT_THAT(Answer({{"user_id", kUser}, {"offset", -1}}), HasSubstr("offset"));
  EXPECT_THAT(Answer({{"user_id", kUser}, {"offset", "many"}}), HasSubstr("offset"));
}

TEST_F(DevicesTest, WithEnforcementATokenIsRequired) {
  StartWithSecurity(true);
  EXPECT_THAT(Answer({{"user_id", kUser}}), HasSubstr("a token is required"));
  EXPECT_THAT(Answer({{"token", "nonsense"}}), StartsWith("44"));
  EXPECT_THAT(Answer({{"token", TokenSigner("key-1").Person(kUser)}}), StartsWith("44"));
  EXPECT_THAT(Answer({{"token", signer_.Sign(TokenSigner::ServiceClaims("feed", "*"))}}),
              StartsWith("44"));
  const std::string token = signer_.Person(kUser);
  EXPECT_THAT(Answer(Json::object(), "&token=" + token), StartsWith("40"));
  Device device(port_, Json{{"token", token}});
  EXPECT_EQ(device.Await("ready")["user_id"], kUser);
  // Whatever else a device says of itself does not count.
  Device liar(port_, Json{{"token", token}, {"user_id", kUser + 1}});
  EXPECT_EQ(liar.Await("ready")["user_id"], kUser);
}

TEST_F(DevicesTest, ATokenEndsAndCanBeRenewedBefore) {
  StartWithSecurity(true);
  const auto until = [&](absl::Duration left) {
    Json claims = TokenSigner::PersonClaims(kUser);
    claims["exp"] = absl::ToUnixSeconds(absl::Now() + left);
    return signer_.Sign(claims);
  };
  Device ends(port_, Json{{"token", until(absl::Seconds(3))}});
  Device renews(port_, Json{{"token", until(absl::Seconds(3))}});
  ends.Await("ready");
  renews.Await("ready");
  EXPECT_EQ(renews.Ask("authenticate", {{"token", "nonsense"}})["error"]["code"],
            "UNAUTHENTICATED");
  EXPECT_EQ(renews.Ask("authenticate", {{"token", signer_.Person(kUser + 1)}})["error"]["code"],
            "PERMISSION_DENIED");
  EXPECT_EQ(renews.Ask("authenticate", 7)["error"]["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(renews.Ask("sing", 7)["error"]["code"], "INVALID_ARGUMENT");
  EXPECT_TRUE(
      renews.Ask("authenticate", {{"token", signer_.Person(kUser)}}).contains("expires_at"));
  EXPECT_EQ(ends.Event().first, "expired");
  EXPECT_EQ(ends.Event().first, "closed");
  Say("still here");
  EXPECT_THAT(Texts(renews, 1), ::testing::ElementsAre("still here"));
}

TEST_F(DevicesTest, ARevokedTokenDisconnects) {
  StartWithSecurity(true, {.check_tokens = absl::Milliseconds(50)});
  Device revoked(port_, Json{{"token", signer_.Person(kUser)}});
  Device other(port_, Json{{"token", signer_.Person(kUser + 1)}});
  revoked.Await("ready");
  other.Await("ready");
  events::v1::TokensRevoked event;
  event.set_user_id(kUser);
  event.mutable_revocation()->set_user_id(kUser);
  event.mutable_revocation()->mutable_issued_before()->set_seconds(
      absl::ToUnixSeconds(absl::Now() + absl::Seconds(10)));
  Publish(event);
  EXPECT_EQ(revoked.Event().first, "expired");
  EXPECT_EQ(revoked.Event().first, "closed");
  Say("still here", kUser + 1);
  EXPECT_THAT(Texts(other, 1), ::testing::ElementsAre("still here"));
}

}  // namespace
}  // namespace selfology::realtime
