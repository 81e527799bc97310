// Tokens that end, are renewed and are refused, at stand-ins of platforms.
#include "services/studio/social/token_checks.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/events/v1/security.pb.h"
#include "selfology/events/v1/social.pb.h"
#include "services/studio/social/account_store.h"
#include "services/studio/social/studio_fixture_test.h"

namespace selfology::social {
namespace {

using events::v1::AuditFactNoted;
using events::v1::NotificationRequested;
using events::v1::SocialAccountRefused;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TokenChecksTest : public StudioTest {
 protected:
  v1::ConnectAccountRequest Renewable() const {
    v1::ConnectAccountRequest login = LoginAt(v1::PLATFORM_X);
    login.set_refresh_token("refresh-0");
    login.set_client_id("app");
    login.set_expires_in_seconds(7200);
    return login;
  }
  // So many replicas look for what is due, at once, besides the one that runs.
  int CheckByReplicas(int replicas) {
    postgres::Database& database = DatabaseAs("selfology_social");
    std::atomic<int> checked = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < replicas; ++i) {
      threads.emplace_back([&] {
        http::Client client({});
        const Publishers publishers(client, {});
        Accounts accounts(database, {});
        TokenChecks checks(
            {.database = database, .accounts = accounts, .publishers = publishers, .clock = [this] {
               return Now();
             }});
        for (bool more = true; more;) {
          const absl::StatusOr<bool> worked = checks.CheckNext(Deadline());
          EXPECT_TRUE(worked.ok()) << worked.status();
          more = worked.value_or(false);
          checked += more ? 1 : 0;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return checked;
  }
  std::vector<std::string> Audited() {
    std::vector<std::string> words;
    for (const AuditFactNoted& fact : Published<AuditFactNoted>()) {
      if (fact.service() != "social" || !fact.action().starts_with("social.")) continue;
      EXPECT_EQ(fact.subject_id(), kUser);
      words.push_back(absl::StrCat(fact.action(), " ", fact.outcome()));
    }
    return words;
  }
};

TEST_F(TokenChecksTest, ATokenIsRenewedOnceBeforeItEndsHoweverManyReplicasThereAre) {
  const int64_t account = Connect(Renewable());
  EXPECT_TRUE(GetAccount(account).renews());
  const absl::Time ends = timestamps::FromProto(GetAccount(account).expires_at());
  EXPECT_EQ(sites_.renewals(), 0);
  skew_minutes_ += 100;  // Of 120.
  CheckByReplicas(10);
  Await("the renewal", [&] { return sites_.renewals() > 0; });
  Await("the new token",
        [&] { return timestamps::FromProto(GetAccount(account).expires_at()) > ends; });
  CheckByReplicas(10);
  EXPECT_EQ(sites_.renewals(), 1);
  EXPECT_EQ(Publish(account, "by the new token").state(), v1::PUBLICATION_STATE_PUBLISHED);
  // And again by the next refresh token, when the next one is to end.
  skew_minutes_ += 100;
  CheckByReplicas(10);
  Await("the second renewal", [&] { return sites_.renewals() == 2; });
  EXPECT_THAT(Published<SocialAccountRefused>(), IsEmpty());
}

TEST_F(TokenChecksTest, AHealthyAccountIsLookedAtHourly) {
  const int64_t account = Connect(v1::PLATFORM_MASTODON);
  EXPECT_FALSE(GetAccount(account).has_checked_at());
  skew_minutes_ += 61;
  Await("the check", [&] { return GetAccount(account).has_checked_at(); });
  const absl::Time first = timestamps::FromProto(GetAccount(account).checked_at());
  EXPECT_EQ(CheckByReplicas(2), 0) << "within the hour";
  skew_minutes_ += 61;
  Await("the next check", [&] {
    return timestamps::FromProto(GetAccount(account).checked_at()) > first + absl::Minutes(50);
  });
}

TEST_F(TokenChecksTest, TheOwnerOfABrokenConnectionIsToldOnce) {
  const int64_t account = Connect(v1::PLATFORM_X);
  sites_.RevokeX();
  skew_minutes_ += 61;
  const auto refused = AwaitPublished<SocialAccountRefused>();
  EXPECT_EQ(refused[0].account_id(), account);
  EXPECT_THAT(refused[0].reason(), HasSubstr("connect the account again"));
  EXPECT_EQ(GetAccount(account).state(), v1::ACCOUNT_STATE_REFUSED);
  skew_minutes_ += 600;
  EXPECT_EQ(CheckByReplicas(10), 0) << "it waits for its owner";
  EXPECT_THAT(Published<SocialAccountRefused>(), SizeIs(1));
  const auto told = Published<NotificationRequested>();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].kind(), "connection.failing");
  EXPECT_EQ(told[0].parameters().at("provider"), "X (@me)");
}

TEST_F(TokenChecksTest, ARefreshTokenThatIsSpentBreaksTheConnection) {
  v1::ConnectAccountRequest login = Renewable();
  login.set_refresh_token("refresh-7");
  Connect(login);
  skew_minutes_ += 100;
  const auto refused = AwaitPublished<SocialAccountRefused>();
  EXPECT_THAT(refused[0].reason(), HasSubstr("renews the token no more"));
  EXPECT_EQ(CheckByReplicas(10), 0);
  EXPECT_THAT(Published<SocialAccountRefused>(), SizeIs(1));
}

TEST_F(TokenChecksTest, ATokenThatIsRefusedTooEarlyIsRenewedAndThePostGoesOut) {
  const int64_t account = Connect(Renewable());
  skew_minutes_ += 10;
  sites_.Fail("x", {{.status = 401}});
  v1::PublishRequest request;
  request.set_user_id(kUser);
  request.add_account_ids(account);
  request.set_text("hello");
  request.set_idempotency_key("1");
  ASSERT_TRUE(client_->Publish(Deadline(), request).ok());
  AwaitPublished<events::v1::SocialPostPublished>();
  EXPECT_EQ(sites_.renewals(), 1);
  EXPECT_THAT(sites_.posts("x"), SizeIs(1));
  EXPECT_THAT(Published<SocialAccountRefused>(), IsEmpty());
}

TEST_F(TokenChecksTest, ATokenThatIsBeingRenewedIsNotRenewedTwice) {
  const int64_t account = Connect(Renewable());
  const absl::Time now = Now();
  // Whether a refusal makes it be renewed, when it ends then and a replica has it for three minutes.
  const auto is_renewed_soon = [&](absl::Time ends) {
    const auto soon =
        DatabaseAs("selfology_social").Write(Deadline(), [&](postgres::Transaction& tx) {
          tx.Queue(
              "UPDATE social_accounts SET expires_at = $2, check_at = $3"
              " WHERE id = $1",
              account, ends, now + absl::Minutes(3));
          return store::RenewSoon(tx, account, /*generation=*/0, now);
        });
    EXPECT_TRUE(soon.ok()) << soon.status();
    return soon.value_or(false);
  };
  EXPECT_FALSE(is_renewed_soon(now + absl::Minutes(10)));
  EXPECT_TRUE(is_renewed_soon(now + absl::Hours(1)));
}

TEST_F(TokenChecksTest, WhatIsDoneIsToldToTheAudit) {
  const int64_t account = Connect(v1::PLATFORM_MASTODON);
  const v1::Publication post = Publish(account, "hello");
  platforms_.Fail("mastodon", {Fault::k422});
  Publish(account, "refused");
  v1::EditPublicationRequest edit;
  edit.set_user_id(kUser);
  edit.set_publication_id(post.publication_id());
  edit.set_text("other words");
  ASSERT_TRUE(client_->EditPublication(Deadline(), edit).ok());
  v1::RemovePublicationRequest remove;
  remove.set_user_id(kUser);
  remove.set_publication_id(post.publication_id());
  ASSERT_TRUE(client_->RemovePublication(Deadline(), remove).ok());
  v1::DisconnectAccountRequest disconnect;
  disconnect.set_user_id(kUser);
  disconnect.set_account_id(account);
  ASSERT_TRUE(client_->DisconnectAccount(Deadline(), disconnect).ok());
  EXPECT_THAT(Audited(), ElementsAre("social.account.connected ok", "social.post.published ok",
                                     "social.post.published refused", "social.post.edited ok",
                                     "social.post.removed ok", "social.account.disconnected ok"));
}

TEST_F(TokenChecksTest, NamesWhatIsWrongWithARenewal) {
  v1::ConnectAccountRequest login = LoginAt(v1::PLATFORM_MASTODON);
  login.set_refresh_token("r");
  EXPECT_EQ(client_->ConnectAccount(Deadline(), login).status().code(),
            absl::StatusCode::kInvalidArgument);
  login = Renewable();
  login.clear_client_id();
  EXPECT_EQ(client_->ConnectAccount(Deadline(), login).status().code(),
            absl::StatusCode::kInvalidArgument);
  login = Renewable();
  login.set_expires_in_seconds(-1);
  EXPECT_EQ(client_->ConnectAccount(Deadline(), login).status().code(),
            absl::StatusCode::kInvalidArgument);
  // Nothing of it is kept as it came.
  Connect(Renewable());
  const auto plain = DatabaseAs("selfology_social").Read(Deadline(), [](postgres::Transaction& tx) {
    return tx.QueryOne<int64_t>(
        "SELECT count(*) FROM social_accounts"
        " WHERE position('refresh-0'::bytea IN refresh) > 0");
  });
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_EQ(std::get<0>(**plain), 0);
}

}  // namespace
}  // namespace selfology::social
