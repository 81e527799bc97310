#include "common/service/authenticator.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/observe/metrics.h"
#include "common/rpc/channel.h"
#include "common/rpc/drain_gate.h"
#include "common/service/grpc_server.h"
#include "common/service/security_fake_test.h"
#include "common/status/status.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::service {
namespace {

using identity::Caller;
using ::testing::ElementsAre;
using testing::TokenSigner;

constexpr int64_t kStart = 1'800'000'000'000'000;

class AuthenticatorTest : public ::testing::Test {
 protected:
  AuthenticatorTest() {
    server_.Add("security", security_);
    EXPECT_TRUE(server_.Start("127.0.0.1:0").ok());
    channel_->Bind(server_.InProcessChannel());
    authenticator_ = Make();
  }

  std::unique_ptr<Authenticator> Make() {
    return std::make_unique<Authenticator>(
        Authenticator::Options{.clock = [this] { return Now(); }}, channel_);
  }

  absl::Time Now() const { return absl::FromUnixMicros(now_); }
  void Pass(absl::Duration time) { now_ += absl::ToInt64Microseconds(time); }
  static Call TestCall() { return Call::Background(absl::Seconds(20)); }

  absl::StatusOr<std::shared_ptr<const Caller>> Try(const std::string& bearer) {
    return authenticator_->Authenticate(TestCall(), absl::StrCat("Bearer ", bearer));
  }
  std::string Reason(const std::string& bearer) { return status::Reason(Try(bearer).status()); }

  std::string Person(int64_t user_id) {
    return security_->signer().Sign(TokenSigner::PersonClaims(user_id, {}, Now()));
  }
  static security::v1::Revocation OfToken(const std::string& id) {
    security::v1::Revocation revocation;
    revocation.set_token_id(id);
    return revocation;
  }
  security::v1::Revocation OfPerson(int64_t user_id) const {
    security::v1::Revocation revocation;
    revocation.set_user_id(user_id);
    *revocation.mutable_issued_before() = timestamps::ToProto(Now());
    return revocation;
  }
  static events::v1::TokensRevoked Event(int64_t user_id, security::v1::Revocation revocation) {
    events::v1::TokensRevoked event;
    event.set_user_id(user_id);
    *event.mutable_revocation() = std::move(revocation);
    return event;
  }
  static security::v1::VerifyApiKeyResponse ApiKey(int64_t owner) {
    security::v1::VerifyApiKeyResponse key;
    key.set_key_id("key-of-a-machine");
    key.set_user_id(owner);
    key.add_scopes("coaching.*");
    return key;
  }

  std::atomic<int64_t> now_ = kStart;
  observe::Requests served_{nullptr, "rpc_server"};
  observe::Requests called_{nullptr, "rpc_client"};
  rpc::DrainGate gate_;
  std::shared_ptr<SecurityFake> security_ = std::make_shared<SecurityFake>();
  GrpcServer server_{rpc::ServerRuntime{served_, gate_}};
  std::shared_ptr<rpc::Channel> channel_ = std::make_shared<rpc::Channel>("security", called_);
  std::unique_ptr<Authenticator> authenticator_;
};

TEST_F(AuthenticatorTest, ATokenIsCheckedWithoutACallOnceTheKeysAreKnown) {
  authenticator_->Refresh();
  EXPECT_EQ(security_->keys_asked(), 1);
  for (int64_t user_id = 1; user_id <= 50; ++user_id) {
    const std::string token = Person(user_id);
    for (int again = 0; again < 3; ++again) EXPECT_EQ((*Try(token))->user_id, user_id);
  }
  EXPECT_EQ(security_->keys_asked(), 1);
  EXPECT_EQ(security_->revocations_asked(), 1);
}

TEST_F(AuthenticatorTest, KeysAreAskedForWhenATokenNamesAnUnknownOne) {
  EXPECT_EQ((*Try(Person(7)))->user_id, 7);
  const std::string old = Person(7);
  security_->Rotate("key-2");
  EXPECT_EQ(Reason(Person(7)), "UNAUTHENTICATED") << "not again so soon";
  EXPECT_EQ(Reason(old), "OK");
  Pass(absl::Seconds(5));
  EXPECT_EQ(Reason(Person(7)), "OK");
  EXPECT_EQ(Reason(old), "UNAUTHENTICATED") << "its key is withdrawn";
  EXPECT_EQ(security_->keys_asked(), 2);
}

TEST_F(AuthenticatorTest, UnknownKeysCostACallInFiveSecondsAtMost) {
  const TokenSigner stranger("of-a-stranger");
  for (int second = 0; second < 20; ++second) {
    EXPECT_EQ(status::Reason(Try(stranger.Sign(TokenSigner::PersonClaims(7, {}, Now()))).status()),
              "UNAUTHENTICATED");
    Pass(absl::Seconds(1));
  }
  EXPECT_EQ(security_->keys_asked(), 4);
}

TEST_F(AuthenticatorTest, AWithdrawnKeyIsNoticedWithinAMinute) {
  authenticator_->Refresh();
  const std::string token = Person(7);
  EXPECT_EQ(Reason(token), "OK");
  security_->Rotate("key-2");
  Pass(absl::Seconds(59));
  authenticator_->Refresh();
  EXPECT_EQ(Reason(token), "OK");
  Pass(absl::Seconds(1));
  authenticator_->Refresh();
  EXPECT_EQ(Reason(token), "UNAUTHENTICATED");
}

TEST_F(AuthenticatorTest, ExpiredTokensAreRefusedThoughSeenBefore) {
  const std::string token = Person(7);
  EXPECT_EQ(Reason(token), "OK");
  Pass(absl::Minutes(15));
  EXPECT_EQ(Reason(token), "OK") << "leeway";
  Pass(absl::Seconds(30));
  EXPECT_EQ(Reason(token), "UNAUTHENTICATED");
}

TEST_F(AuthenticatorTest, WhatIsRevokedIsRefusedAtOnce) {
  const std::string token = Person(7), other = Person(8);
  EXPECT_EQ(Reason(token), "OK");
  Pass(absl::Seconds(2));
  authenticator_->Revoke(Event(7, OfPerson(7)));
  EXPECT_EQ(Reason(token), "UNAUTHENTICATED");
  EXPECT_EQ(Reason(other), "OK");
  EXPECT_EQ(Reason(Person(7)), "OK") << "issued since";
}

TEST_F(AuthenticatorTest, WhatWasMissedIsReadAgain) {
  const std::string token = Person(7);
  security_->Revoke(OfToken((*Try(token))->token_id));
  EXPECT_EQ(Reason(token), "OK") << "nobody said so";
  authenticator_->ReadRevocations();
  EXPECT_EQ(Reason(token), "UNAUTHENTICATED");
}

TEST_F(AuthenticatorTest, WhatCouldNotBeReadAgainIsTriedAgain) {
  const std::string token = Person(7);
  security_->Revoke(OfToken((*Try(token))->token_id));
  security_->SetAway(true);
  authenticator_->ReadRevocations();
  EXPECT_EQ(Reason(token), "OK") << "what is known goes on working";
  security_->SetAway(false);
  authenticator_->Refresh();
  EXPECT_EQ(Reason(token), "UNAUTHENTICATED");
}

TEST_F(AuthenticatorTest, RevocationsSurviveARestart) {
  const std::string token = Person(7);
  security_->Revoke(OfToken((*Try(token))->token_id));
  authenticator_ = Make();
  EXPECT_EQ(Reason(token), "UNAUTHENTICATED");
}

TEST_F(AuthenticatorTest, WithoutSecurityNothingIsTakenThatCouldBeRevoked) {
  security_->SetAway(true);
  EXPECT_EQ(Reason(Person(7)), "SERVICE_UNAVAILABLE");
  EXPECT_EQ(Reason("sk_key"), "SERVICE_UNAVAILABLE");
  const int asked = security_->revocations_asked();
  EXPECT_EQ(Reason(Person(7)), "SERVICE_UNAVAILABLE");
  EXPECT_EQ(security_->revocations_asked(), asked) << "not at each call";
  security_->SetAway(false);
  Pass(absl::Seconds(5));
  EXPECT_EQ(Reason(Person(7)), "OK");
}

TEST_F(AuthenticatorTest, WithoutSecurityKnownKeysGoOnWorking) {
  EXPECT_EQ(Reason(Person(7)), "OK");
  security_->SetAway(true);
  EXPECT_EQ(Reason(Person(8)), "OK") << "a token not seen before, by a known key";
  Pass(absl::Minutes(10));
  authenticator_->Refresh();
  EXPECT_EQ(Reason(Person(7)), "OK");
  const TokenSigner unknown("key-2");
  EXPECT_EQ(Reason(unknown.Sign(TokenSigner::PersonClaims(7, {}, Now()))), "SERVICE_UNAVAILABLE");
}

TEST_F(AuthenticatorTest, AnApiKeyStandsForAMachine) {
  security_->AddApiKey("sk_good", ApiKey(7));
  const auto caller = Try("sk_good");
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ((*caller)->kind, Caller::Kind::kMachine);
  EXPECT_EQ((*caller)->user_id, 7);
  EXPECT_EQ((*caller)->token_id, "key-of-a-machine");
  EXPECT_THAT((*caller)->permissions, ElementsAre("coaching.*"));
  EXPECT_EQ(Reason("sk_bad"), "UNAUTHENTICATED");
}

TEST_F(AuthenticatorTest, AnApiKeyIsRememberedForAMinute) {
  security_->AddApiKey("sk_good", ApiKey(7));
  EXPECT_EQ(Reason("sk_good"), "OK");
  security_->RemoveApiKey("sk_good");
  Pass(absl::Seconds(59));
  EXPECT_EQ(Reason("sk_good"), "OK");
  EXPECT_EQ(security_->api_keys_asked(), 1);
  Pass(absl::Seconds(1));
  EXPECT_EQ(Reason("sk_good"), "UNAUTHENTICATED");
}

TEST_F(AuthenticatorTest, ARevokedApiKeyIsRefusedAtOnce) {
  security_->AddApiKey("sk_good", ApiKey(7));
  EXPECT_EQ(Reason("sk_good"), "OK");
  authenticator_->Revoke(Event(7, OfToken("key-of-a-machine")));
  EXPECT_EQ(Reason("sk_good"), "UNAUTHENTICATED");
}

TEST_F(AuthenticatorTest, WhenTokensOfItsOwnerAreRevokedAnApiKeyIsAskedAboutAgain) {
  security_->AddApiKey("sk_good", ApiKey(7));
  EXPECT_EQ(Reason("sk_good"), "OK");
  authenticator_->Revoke(Event(7, OfPerson(7)));
  EXPECT_EQ(Reason("sk_good"), "OK");
  EXPECT_EQ(security_->api_keys_asked(), 2);
}

TEST_F(AuthenticatorTest, AnApiKeyExpires) {
  auto key = ApiKey(7);
  *key.mutable_expires_at() = timestamps::ToProto(Now() + absl::Seconds(10));
  security_->AddApiKey("sk_good", key);
  EXPECT_EQ(Reason("sk_good"), "OK");
  Pass(absl::Seconds(10));
  EXPECT_EQ(Reason("sk_good"), "UNAUTHENTICATED");
}

TEST_F(AuthenticatorTest, WhatIsMuchTooLongIsRefusedUnread) {
  EXPECT_EQ(Reason(std::string(100'000, 'x')), "UNAUTHENTICATED");
  EXPECT_EQ(Reason(absl::StrCat("sk_", std::string(100'000, 'x'))), "UNAUTHENTICATED");
  EXPECT_EQ(security_->api_keys_asked(), 0);
}

TEST_F(AuthenticatorTest, ManyAtOnceAskOnce) {
  const std::string token = Person(7);
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int again = 0; again < 100; ++again) {
        if (Try(token).ok()) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 800);
  EXPECT_EQ(security_->keys_asked(), 1);
  EXPECT_EQ(security_->revocations_asked(), 1);
}

}  // namespace
}  // namespace selfology::service
