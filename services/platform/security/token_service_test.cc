#include "services/platform/security/token_service.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/http/url.h"
#include "common/identity/caller.h"
#include "common/service/settings.h"
#include "common/status/status.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "selfology/events/v1/security.pb.h"
#include "services/platform/security/security_fixture_test.h"
#include "testing/proto_matchers.h"

ABSL_DECLARE_FLAG(selfology::service::Secret, security_service_accounts);
ABSL_DECLARE_FLAG(selfology::service::Secret, security_telegram_bot_token);

namespace selfology::security {
namespace {

using events::v1::ThreatDetected;
using events::v1::TokensRevoked;
using ::selfology::testing::EqualsProto;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kBot[] = "42:a-bot";

class TokenServiceTest : public SecurityTest {
 protected:
  void SetUp() override {
    absl::SetFlag(&FLAGS_security_service_accounts,
                  service::Secret{"content-service:0123456789abcdef:studio.* platform.media.read"});
    absl::SetFlag(&FLAGS_security_telegram_bot_token, service::Secret{kBot});
    SecurityTest::SetUp();
  }

  std::vector<std::string> SessionIds() {
    std::vector<std::string> ids;
    v1::ListSessionsRequest request;
    request.set_user_id(kUser);
    request.set_page_size(2);
    do {
      const auto page = tokens_->ListSessions(Deadline(), request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      for (const auto& session : page->sessions()) ids.push_back(session.session_id());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return ids;
  }

  std::string InitData() const {
    const std::string user = absl::StrCat(R"({"id":)", kUser, "}");
    const std::string date = absl::StrCat(absl::ToUnixSeconds(Now()));
    const std::string hash = absl::BytesToHexString(crypto::HmacSha256(
        crypto::HmacSha256("WebAppData", kBot), absl::StrCat("auth_date=", date, "\nuser=", user)));
    return absl::StrCat("user=", http::Encode(user), "&auth_date=", date, "&hash=", hash);
  }
};

TEST_F(TokenServiceTest, ATokenIsGoodEverywhereForAQuarterOfAnHour) {
  const v1::Tokens tokens = SignIn();
  EXPECT_EQ(tokens.token_type(), "Bearer");
  EXPECT_EQ(tokens.expires_in(), 900);
  const auto caller = Verify(tokens.access_token());
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->user_id, kUser);
  EXPECT_EQ(caller->session_id, tokens.session_id());
  EXPECT_TRUE(identity::Allows(*caller, "coaching.answers.write"));
  Advance(absl::Minutes(16));
  EXPECT_FALSE(Verify(tokens.access_token()).ok());
  EXPECT_FALSE(Introspect(tokens.access_token()).active());
}

TEST_F(TokenServiceTest, ASignInSentTwiceOpensOneSession) {
  const v1::Tokens first = SignIn(), again = SignIn(), other = SignIn(kUser, "other");
  EXPECT_EQ(again.session_id(), first.session_id());
  EXPECT_EQ(again.refresh_token(), first.refresh_token());
  EXPECT_NE(other.session_id(), first.session_id());
  EXPECT_THAT(SessionIds(), ElementsAre(other.session_id(), first.session_id()));
  ASSERT_TRUE(Refresh(first.refresh_token()).ok());
  v1::IssueTokensRequest late;
  late.set_user_id(kUser);
  late.set_method("password");
  late.set_idempotency_key("sign-in");
  EXPECT_EQ(status::Violations(tokens_->IssueTokens(Deadline(), late).status())[0].field,
            "idempotency_key");
}

TEST_F(TokenServiceTest, ARefreshTokenIsExchangedOnceAndAnswersTheSameWithinTheGrace) {
  const v1::Tokens first = SignIn();
  const auto second = Refresh(first.refresh_token());
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->session_id(), first.session_id());
  EXPECT_NE(second->refresh_token(), first.refresh_token());
  EXPECT_TRUE(Verify(second->access_token()).ok());
  Advance(absl::Seconds(20));
  EXPECT_THAT(*Refresh(first.refresh_token()), EqualsProto(*second));
  EXPECT_TRUE(Refresh(second->refresh_token()).ok());
  EXPECT_THAT(Published<TokensRevoked>(), IsEmpty());
}

TEST_F(TokenServiceTest, ManyAtOnceGetOneAnswer) {
  const v1::Tokens first = SignIn();
  std::vector<absl::StatusOr<v1::Tokens>> answers(8, absl::UnknownError("not asked"));
  std::vector<std::thread> threads;
  for (auto& answer : answers) {
    threads.emplace_back([&] { answer = Refresh(first.refresh_token()); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_THAT(*answer, EqualsProto(*answers[0]));
  }
  EXPECT_THAT(SessionIds(), SizeIs(1));
  EXPECT_TRUE(Refresh(answers[0]->refresh_token()).ok()) << "it has gone on";
}

TEST_F(TokenServiceTest, ReuseAfterTheGraceEndsTheSession) {
  const v1::Tokens first = SignIn();
  const auto second = Refresh(first.refresh_token());
  ASSERT_TRUE(second.ok()) << second.status();
  Advance(absl::Seconds(31));
  EXPECT_EQ(status::Reason(Refresh(first.refresh_token()).status()), "REFRESH_TOKEN_REFUSED");
  EXPECT_EQ(status::Reason(Refresh(second->refresh_token()).status()), "REFRESH_TOKEN_REFUSED");
  EXPECT_FALSE(Introspect(second->access_token()).active());
  EXPECT_THAT(SessionIds(), IsEmpty());
  const auto revoked = Published<TokensRevoked>();
  ASSERT_THAT(revoked, SizeIs(1));
  EXPECT_EQ(revoked[0].user_id(), kUser);
  EXPECT_EQ(revoked[0].revocation().session_id(), first.session_id());
  const auto threats = Published<ThreatDetected>();
  ASSERT_THAT(threats, SizeIs(1));
  EXPECT_EQ(threats[0].kind(), v1::THREAT_KIND_TOKEN_REUSE);
  EXPECT_THAT(Audit("session.revoked", kUser), SizeIs(1));
  const auto list = verification_->ListRevocations(Deadline(), v1::ListRevocationsRequest());
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_THAT(list->revocations(), SizeIs(1));
  EXPECT_THAT(list->revocations(0), EqualsProto(revoked[0].revocation()));
  Advance(absl::Hours(2));
  EXPECT_THAT(
      verification_->ListRevocations(Deadline(), v1::ListRevocationsRequest())->revocations(),
      IsEmpty());
}

TEST_F(TokenServiceTest, ASessionThatIsNotProlongedEnds) {
  const v1::Tokens tokens = SignIn();
  Advance(absl::Hours(24 * 31));
  EXPECT_EQ(status::Reason(Refresh(tokens.refresh_token()).status()), "REFRESH_TOKEN_REFUSED");
  EXPECT_THAT(SessionIds(), IsEmpty());
}

TEST_F(TokenServiceTest, LoggingOutEndsTheSessionWhicheverOfItsTokensIsShown) {
  const v1::Tokens first = SignIn();
  const auto second = Refresh(first.refresh_token());
  ASSERT_TRUE(second.ok()) << second.status();
  v1::LogoutRequest request;
  request.set_refresh_token(first.refresh_token());
  ASSERT_TRUE(tokens_->Logout(Deadline(), request).ok());
  ASSERT_TRUE(tokens_->Logout(Deadline(), request).ok());
  EXPECT_FALSE(Refresh(second->refresh_token()).ok());
  EXPECT_THAT(Published<TokensRevoked>(), SizeIs(1));
  request.set_refresh_token("rt_unknown");
  EXPECT_TRUE(tokens_->Logout(Deadline(), request).ok());
}

TEST_F(TokenServiceTest, EndsOneSessionOrAllOthers) {
  const v1::Tokens a = SignIn(kUser, "a"), b = SignIn(kUser, "b"), c = SignIn(kUser, "c");
  v1::RevokeSessionRequest one;
  one.set_user_id(kUser);
  one.set_session_id(b.session_id());
  ASSERT_TRUE(tokens_->RevokeSession(Deadline(), one).ok());
  ASSERT_TRUE(tokens_->RevokeSession(Deadline(), one).ok());
  EXPECT_THAT(SessionIds(), ElementsAre(c.session_id(), a.session_id()));
  one.set_user_id(kUser + 1);
  EXPECT_EQ(status::Reason(tokens_->RevokeSession(Deadline(), one).status()),
            "LOGIN_SESSION_NOT_FOUND");
  v1::RevokeSessionsRequest others;
  others.set_user_id(kUser);
  others.set_except_session_id(a.session_id());
  EXPECT_EQ(tokens_->RevokeSessions(Deadline(), others)->revoked_count(), 1);
  EXPECT_THAT(SessionIds(), ElementsAre(a.session_id()));
  EXPECT_TRUE(Introspect(a.access_token()).active());
  others.clear_except_session_id();
  EXPECT_EQ(tokens_->RevokeSessions(Deadline(), others)->revoked_count(), 1);
  EXPECT_FALSE(Introspect(a.access_token()).active());
}

TEST_F(TokenServiceTest, ARoleThatIsTakenAwayEndsTheTokensThatNameIt) {
  v1::GrantRoleRequest grant;
  grant.set_user_id(kUser);
  grant.set_role("editor");
  ASSERT_TRUE(access_->GrantRole(Deadline(), grant).ok());
  const v1::Tokens tokens = SignIn();
  EXPECT_THAT(Verify(tokens.access_token())->roles, Contains("editor"));
  v1::RevokeRoleRequest revoke;
  revoke.set_user_id(kUser);
  revoke.set_role("editor");
  ASSERT_TRUE(access_->RevokeRole(Deadline(), revoke).ok());
  EXPECT_FALSE(Introspect(tokens.access_token()).active());
  const auto revoked = Published<TokensRevoked>();
  ASSERT_THAT(revoked, SizeIs(1));
  EXPECT_EQ(revoked[0].revocation().user_id(), kUser);
  const auto next = Refresh(tokens.refresh_token());
  ASSERT_TRUE(next.ok()) << next.status();
  const auto caller = Verify(next->access_token());
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_THAT(caller->roles, Not(Contains("editor")));
  // Although it may be of the same second.
  EXPECT_GE(caller->issued_at, timestamps::FromProto(revoked[0].revocation().issued_before()));
  EXPECT_TRUE(Introspect(next->access_token()).active());
}

TEST_F(TokenServiceTest, AServiceGetsATokenForItsSecretWithinItsScope) {
  v1::IssueServiceTokenRequest request;
  request.set_service("content-service");
  request.set_secret("0123456789abcdef");
  const auto all = tokens_->IssueServiceToken(Deadline(), request);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->tokens().expires_in(), 3600);
  const auto caller = Verify(all->tokens().access_token());
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->kind, identity::Caller::Kind::kService);
  EXPECT_EQ(caller->service, "content-service");
  EXPECT_THAT(caller->permissions, ElementsAre("studio.*", "platform.media.read"));
  EXPECT_EQ(Introspect(all->tokens().access_token()).service(), "content-service");
  request.set_scope("studio.posts.read");
  EXPECT_EQ(tokens_->IssueServiceToken(Deadline(), request)->tokens().scope(), "studio.posts.read");
  request.set_scope("coaching.*");
  EXPECT_EQ(status::Reason(tokens_->IssueServiceToken(Deadline(), request).status()),
            "SERVICE_REFUSED");
  request.clear_scope();
  request.set_secret("0123456789abcdeg");
  EXPECT_EQ(status::Reason(tokens_->IssueServiceToken(Deadline(), request).status()),
            "SERVICE_REFUSED");
  const auto records = Audit("service_token.issued");
  ASSERT_THAT(records, SizeIs(4));
  EXPECT_EQ(records[0].outcome(), "refused");
  EXPECT_EQ(records[3].outcome(), "ok");
}

TEST_F(TokenServiceTest, AMiniAppGetsALimitedTokenOnce) {
  v1::ExchangeTelegramInitDataRequest request;
  request.set_init_data(InitData());
  const auto response = tokens_->ExchangeTelegramInitData(Deadline(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->user_id(), kUser);
  EXPECT_TRUE(response->tokens().refresh_token().empty());
  EXPECT_EQ(response->tokens().expires_in(), 900);
  const auto caller = Verify(response->tokens().access_token());
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_TRUE(identity::Allows(*caller, "coaching.answers.write"));
  EXPECT_FALSE(identity::Allows(*caller, "platform.api_keys.write"));
  EXPECT_EQ(status::Reason(tokens_->ExchangeTelegramInitData(Deadline(), request).status()),
            "INIT_DATA_REFUSED");
}

TEST_F(TokenServiceTest, AMiniAppOfALinkedChatIsThePersonThatWasKept) {
  constexpr int64_t kWeb = (int64_t{1} << 52) + 7;
  people_->Link(kUser, kWeb);
  v1::ExchangeTelegramInitDataRequest request;
  request.set_init_data(InitData());
  const auto response = tokens_->ExchangeTelegramInitData(Deadline(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->user_id(), kWeb);
  EXPECT_EQ(Verify(response->tokens().access_token())->user_id, kWeb);
}

TEST_F(TokenServiceTest, SaysWhatATokenIsAndNothingOfOthers) {
  const v1::Tokens tokens = SignIn();
  const auto access = Introspect(tokens.access_token());
  EXPECT_TRUE(access.active());
  EXPECT_EQ(access.token_type(), "access_token");
  EXPECT_EQ(access.sub(), absl::StrCat(kUser));
  EXPECT_EQ(access.sid(), tokens.session_id());
  EXPECT_EQ(Introspect(tokens.refresh_token()).token_type(), "refresh_token");
  for (const std::string& other :
       {std::string("x"), std::string("a.b.c"), tokens.access_token() + "x", std::string("rt_x")}) {
    EXPECT_THAT(Introspect(other), EqualsProto(v1::IntrospectTokenResponse())) << other;
  }
}

TEST_F(TokenServiceTest, NamesAllThatIsWrongWithARequest) {
  EXPECT_THAT(
      status::Violations(tokens_->IssueTokens(Deadline(), v1::IssueTokensRequest()).status()),
      SizeIs(3));
  EXPECT_THAT(status::Violations(
                  tokens_->IssueServiceToken(Deadline(), v1::IssueServiceTokenRequest()).status()),
              SizeIs(2));
}

TEST_F(TokenServiceTest, ErasesAPersonAndLeavesTheAuditWhole) {
  const v1::Tokens tokens = SignIn();
  ASSERT_THAT(Audit("session.opened", kUser), SizeIs(1));
  const std::string pseudonym = Audit("session.opened", kUser)[0].actor();
  v1::DeleteUserDataRequest request;
  request.set_user_id(kUser);
  const auto erased = tokens_->DeleteUserData(Deadline(), request);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(erased->deleted_rows(), 2);  // The session, and the key of the pseudonym.
  EXPECT_FALSE(Refresh(tokens.refresh_token()).ok());
  EXPECT_THAT(SessionIds(), IsEmpty());
  // The access token is refused everywhere, and what says so names nobody.
  v1::IntrospectTokenRequest access;
  access.set_token(tokens.access_token());
  const auto seen = tokens_->IntrospectToken(Deadline(), access);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_FALSE(seen->active());
  const auto revoked = Published<events::v1::TokensRevoked>();
  ASSERT_THAT(revoked, SizeIs(1));
  EXPECT_EQ(revoked[0].user_id(), 0);
  EXPECT_EQ(revoked[0].revocation().session_id(), tokens.session_id());
  EXPECT_THAT(Audit("session.opened", kUser), IsEmpty()) << "nobody can tell whose it was";
  ASSERT_THAT(Audit("session.opened"), SizeIs(1));
  EXPECT_EQ(Audit("session.opened")[0].actor(), pseudonym);
  EXPECT_TRUE(VerifyChain().intact());
}

}  // namespace
}  // namespace selfology::security
