#include "services/studio/social/social_service.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/content.pb.h"
#include "selfology/events/v1/social.pb.h"
#include "selfology/social/v1/social_service_client.h"
#include "services/studio/social/api_platforms_test.h"
#include "services/studio/social/fake_platforms_test.h"
#include "services/studio/social/module.h"
#include "services/studio/social/settings.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"

namespace selfology::social {
namespace {

using events::v1::SocialAccountRefused;
using events::v1::SocialPostMeasured;
using events::v1::SocialPostPublished;
using events::v1::SocialPostRefused;
using events::v1::SocialPostRemoved;
using ::selfology::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;

const std::map<v1::Platform, std::string> kPlatforms = {{v1::PLATFORM_TELEGRAM, "telegram"},
                                                        {v1::PLATFORM_MASTODON, "mastodon"},
                                                        {v1::PLATFORM_BLUESKY, "bluesky"},
                                                        {v1::PLATFORM_WORDPRESS, "wordpress"}};

class SocialServiceTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    platforms_.clock = [this] { return absl::Now() + absl::Minutes(skew_minutes_.load()); };
    StartMesh(
        ::selfology::testing::Modules(MakeModule({.addresses = {.telegram = platforms_.url(),
                                                                .telegram_web = platforms_.url(),
                                                                .bluesky = platforms_.url()},
                                                  .private_servers = true,
                                                  .idle = absl::Milliseconds(20)})),
        [this](service::Settings& kernel) {
          kernel.clock = [this] { return absl::Now() + absl::Minutes(skew_minutes_.load()); };
        });
    client_.emplace(Peer("social"));
  }
  void TearDown() override { StopMesh(); }

  v1::ConnectAccountRequest LoginAt(v1::Platform platform, const std::string& secret = "good") {
    v1::ConnectAccountRequest request;
    request.set_user_id(kUser);
    request.set_platform(platform);
    request.set_secret(secret);
    if (platform == v1::PLATFORM_TELEGRAM) {
      request.set_target("@channel");
    } else {
      request.set_server(platforms_.url());
    }
    if (platform == v1::PLATFORM_BLUESKY || platform == v1::PLATFORM_WORDPRESS) {
      request.set_login("me");
    }
    return request;
  }

  int64_t Connect(v1::Platform platform) {
    const auto account = client_->ConnectAccount(Deadline(), LoginAt(platform));
    EXPECT_TRUE(account.ok()) << account.status();
    return account.ok() ? account->account().account_id() : 0;
  }

  absl::StatusOr<v1::PublishResponse> Send(std::vector<int64_t> accounts, const std::string& text,
                                           const std::string& key = "1") {
    v1::PublishRequest request;
    request.set_user_id(kUser);
    for (const int64_t account : accounts) request.add_account_ids(account);
    request.set_text(text);
    request.set_idempotency_key(key);
    return client_->Publish(Deadline(), request);
  }

  v1::GetPublicationResponse Get(int64_t id) {
    v1::GetPublicationRequest request;
    request.set_user_id(kUser);
    request.set_publication_id(id);
    const auto response = client_->GetPublication(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::GetPublicationResponse());
  }

  FakePlatforms platforms_;
  std::atomic<int> skew_minutes_ = 0;
  std::optional<v1::SocialServiceClient> client_;
};

TEST_F(SocialServiceTest, PublishesToEachPlatformOnce) {
  std::vector<int64_t> accounts;
  for (const auto& [platform, name] : kPlatforms) accounts.push_back(Connect(platform));
  const auto sent = Send(accounts, "Hello, https://a.example/b");
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_THAT(*Send(accounts, "Hello, https://a.example/b"), EqualsProto(*sent));
  const auto published = AwaitPublished<SocialPostPublished>(4);
  EXPECT_THAT(published, SizeIs(4));
  for (const auto& [platform, name] : kPlatforms) {
    EXPECT_THAT(platforms_.posts(name), SizeIs(1)) << name;
    EXPECT_EQ(platforms_.calls(name), 1) << name;
  }
  for (const auto& publication : sent->publications()) {
    const v1::GetPublicationResponse now = Get(publication.publication_id());
    EXPECT_EQ(now.publication().state(), v1::PUBLICATION_STATE_PUBLISHED);
    EXPECT_THAT(now.publication().url(), HasSubstr("https://"));
    ASSERT_THAT(now.attempts(), SizeIs(1));
    EXPECT_EQ(now.attempts(0).outcome(), v1::ATTEMPT_OUTCOME_CONFIRMED);
    EXPECT_THAT(now.attempts(0).evidence(), HasSubstr("200"));
  }
}

// The heart of it: whatever breaks around the call, the post is there once.
TEST_F(SocialServiceTest, ALostAnswerIsLookedUpBeforeAnotherCall) {
  for (const auto& [platform, name] : kPlatforms) {
    const int64_t account = Connect(platform);
    int key = 0;
    for (const Fault fault : {Fault::kDropAfter, Fault::k502After}) {
      platforms_.Fail(name, {fault});
      const size_t before = platforms_.posts(name).size();
      ++key;
      const auto sent = Send({account}, absl::StrCat(name, " ", key), absl::StrCat(name, key));
      ASSERT_TRUE(sent.ok()) << sent.status();
      const int64_t id = sent->publications(0).publication_id();
      Await(absl::StrCat(name, " to be settled"), [&] {
        if (Get(id).publication().state() == v1::PUBLICATION_STATE_UNKNOWN) skew_minutes_ += 1;
        return Get(id).publication().state() == v1::PUBLICATION_STATE_PUBLISHED;
      });
      EXPECT_EQ(platforms_.posts(name).size(), before + 1) << name;
      const v1::GetPublicationResponse now = Get(id);
      ASSERT_THAT(now.attempts(), SizeIs(1)) << name;
      EXPECT_THAT(now.attempts(0).evidence(), HasSubstr("found"));
    }
  }
}

TEST_F(SocialServiceTest, WhatDidNotHappenIsSentAgain) {
  for (const auto& [platform, name] : kPlatforms) {
    if (platform == v1::PLATFORM_TELEGRAM) continue;  // Its page cannot prove that so soon.
    const int64_t account = Connect(platform);
    platforms_.Fail(name, {Fault::kDropBefore, Fault::k503Before, Fault::k429});
    const auto sent = Send({account}, "again", name);
    ASSERT_TRUE(sent.ok()) << sent.status();
    const int64_t id = sent->publications(0).publication_id();
    // Faster than the service looks, but never as far as the day after which it gives up.
    const int latest = skew_minutes_ + 180;
    Await(absl::StrCat(name, " to have it"), [&] {
      if (skew_minutes_ < latest) skew_minutes_ += 1;
      return Get(id).publication().state() == v1::PUBLICATION_STATE_PUBLISHED;
    });
    EXPECT_THAT(platforms_.posts(name), SizeIs(1)) << name;
    EXPECT_THAT(Get(id).attempts(), SizeIs(4)) << name;
  }
}

TEST_F(SocialServiceTest, AServerThatIgnoresKeysGetsNoDouble) {
  platforms_.ForgetKeys();
  const int64_t account = Connect(v1::PLATFORM_MASTODON);
  platforms_.Fail("mastodon", {Fault::k502After});
  const auto sent = Send({account}, "once");
  ASSERT_TRUE(sent.ok());
  Await("it to be found", [&, latest = skew_minutes_ + 180] {
    if (skew_minutes_ < latest) skew_minutes_ += 1;
    return Get(sent->publications(0).publication_id()).publication().state() ==
           v1::PUBLICATION_STATE_PUBLISHED;
  });
  EXPECT_THAT(platforms_.posts("mastodon"), SizeIs(1));
  EXPECT_EQ(platforms_.calls("mastodon"), 1);
}

TEST_F(SocialServiceTest, WherePlatformsCannotBeAskedThePersonSays) {
  v1::ConnectAccountRequest login = LoginAt(v1::PLATFORM_TELEGRAM);
  login.set_target("-100123");
  const auto account = client_->ConnectAccount(Deadline(), login);
  ASSERT_TRUE(account.ok()) << account.status();
  platforms_.Fail("telegram", {Fault::kDropBefore});
  const auto sent = Send({account->account().account_id()}, "private");
  ASSERT_TRUE(sent.ok());
  const int64_t id = sent->publications(0).publication_id();
  Await("it to be unknown, for a person to say", [&, latest = skew_minutes_ + 180] {
    if (skew_minutes_ < latest) skew_minutes_ += 1;
    return Get(id).publication().reason().find("say so") != std::string::npos;
  });
  EXPECT_EQ(platforms_.calls("telegram"), 1);
  v1::SettlePublicationRequest settle;
  settle.set_user_id(kUser);
  settle.set_publication_id(id);
  settle.set_published(false);
  ASSERT_TRUE(client_->SettlePublication(Deadline(), settle).ok());
  AwaitPublished<SocialPostPublished>();
  EXPECT_THAT(platforms_.posts("telegram"), SizeIs(1));
  EXPECT_EQ(client_->SettlePublication(Deadline(), settle).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(SocialServiceTest, ARefusedTokenStopsTheAccountUntilItIsConnectedAgain) {
  const int64_t account = Connect(v1::PLATFORM_MASTODON);
  platforms_.Fail("mastodon", {Fault::k401});
  const auto first = Send({account}, "one", "1");
  const auto second = Send({account}, "two", "2");
  ASSERT_TRUE(first.ok() && second.ok());
  const auto refused = AwaitPublished<SocialAccountRefused>();
  EXPECT_THAT(refused[0].reason(), HasSubstr("connect the account again"));
  // Either may have been the one that was refused.
  Await("both to be published or to wait", [&] {
    for (const auto* sent : {&*first, &*second}) {
      const v1::Publication now = Get(sent->publications(0).publication_id()).publication();
      if (now.reason().empty() && now.state() != v1::PUBLICATION_STATE_PUBLISHED) return false;
    }
    return true;
  });
  EXPECT_EQ(Connect(v1::PLATFORM_MASTODON), account);
  AwaitPublished<SocialPostPublished>(2);
  EXPECT_THAT(platforms_.posts("mastodon"), SizeIs(2));
}

TEST_F(SocialServiceTest, ARefusedPostSaysWhyAndHoldsUpNoOther) {
  const int64_t mastodon = Connect(v1::PLATFORM_MASTODON);
  const int64_t bluesky = Connect(v1::PLATFORM_BLUESKY);
  platforms_.Fail("mastodon", {Fault::k422});
  ASSERT_TRUE(Send({mastodon, bluesky}, "hello").ok());
  const auto refused = AwaitPublished<SocialPostRefused>();
  EXPECT_EQ(refused[0].account_id(), mastodon);
  EXPECT_THAT(refused[0].reason(), HasSubstr("422"));
  EXPECT_EQ(AwaitPublished<SocialPostPublished>()[0].account_id(), bluesky);
}

TEST_F(SocialServiceTest, AnEventOfContentIsPublishedOnce) {
  const int64_t account = Connect(v1::PLATFORM_WORDPRESS);
  events::v1::ContentPublicationRequested due;
  due.set_user_id(kUser);
  due.set_post_id(7);
  due.set_account_id(account);
  due.set_text("Title\n\nWords & <more>");
  *due.mutable_publish_at() = timestamps::ToProto(absl::Now());
  Publish(due);
  Publish(due);
  EXPECT_EQ(AwaitPublished<SocialPostPublished>()[0].post_id(), 7);
  AwaitHandled("social_publishing", 2);
  EXPECT_THAT(platforms_.posts("wordpress"), SizeIs(1));
  EXPECT_EQ(platforms_.posts("wordpress")[0].text, "<p>Words &amp; &lt;more&gt;</p>");
  due.set_account_id(account + 1);
  Publish(due);
  EXPECT_THAT(AwaitPublished<SocialPostRefused>()[0].reason(), HasSubstr("not connected"));
}

TEST_F(SocialServiceTest, RemovesWhatIsPublishedAndStopsWhatIsNot) {
  for (const auto& [platform, name] : kPlatforms) {
    const int64_t account = Connect(platform);
    const auto sent = Send({account}, "gone", name);
    ASSERT_TRUE(sent.ok());
    v1::RemovePublicationRequest remove;
    remove.set_user_id(kUser);
    remove.set_publication_id(sent->publications(0).publication_id());
    Await("it to be published", [&] {
      return platforms_.posts(name).size() == 1 &&
             Get(remove.publication_id()).publication().state() == v1::PUBLICATION_STATE_PUBLISHED;
    });
    const auto removed = client_->RemovePublication(Deadline(), remove);
    ASSERT_TRUE(removed.ok()) << name << removed.status();
    EXPECT_EQ(removed->publication().state(), v1::PUBLICATION_STATE_REMOVED);
    EXPECT_THAT(platforms_.posts(name), IsEmpty()) << name;
    EXPECT_THAT(*client_->RemovePublication(Deadline(), remove), EqualsProto(*removed));
  }
  EXPECT_THAT(Published<SocialPostRemoved>(), SizeIs(4));
}

TEST_F(SocialServiceTest, NumbersAreReadEightTimes) {
  const int64_t account = Connect(v1::PLATFORM_MASTODON);
  ASSERT_TRUE(Send({account}, "liked").ok());
  AwaitPublished<SocialPostPublished>();
  EXPECT_THAT(Published<SocialPostMeasured>(), IsEmpty());
  Await("eight readings", [&] {
    skew_minutes_ += 6 * 60;
    return Published<SocialPostMeasured>().size() >= 8;
  });
  skew_minutes_ += 60 * 24 * 60;
  std::vector<int> readings;
  for (const auto& event : Published<SocialPostMeasured>()) readings.push_back(event.reading());
  EXPECT_THAT(readings, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  v1::GetMetricsRequest request;
  request.set_user_id(kUser);
  const auto metrics = client_->GetMetrics(Deadline(), request);
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  ASSERT_THAT(metrics->accounts(), SizeIs(1));
  EXPECT_EQ(metrics->accounts(0).metrics().likes(), 3);
  EXPECT_EQ(metrics->accounts(0).metrics().reposts(), 2);
  EXPECT_EQ(metrics->accounts(0).publications(), 1);
}

TEST_F(SocialServiceTest, ConnectingChecksTheTokenAndTellsWhatTheServerTakes) {
  for (const auto& [platform, name] : kPlatforms) {
    const auto bad = client_->ConnectAccount(Deadline(), LoginAt(platform, "bad"));
    EXPECT_EQ(bad.status().code(), absl::StatusCode::kFailedPrecondition) << name;
    EXPECT_THAT(std::string(bad.status().message()), HasSubstr("refuses"));
  }
  const auto account = client_->ConnectAccount(Deadline(), LoginAt(v1::PLATFORM_MASTODON));
  ASSERT_TRUE(account.ok());
  EXPECT_EQ(account->account().max_text(), 1000);
  EXPECT_THAT(account->account().name(), HasSubstr("@me@"));
  EXPECT_TRUE(Send({account->account().account_id()}, std::string(900, 'a')).ok());
  const auto long_text = Send({account->account().account_id()}, std::string(1001, 'a'), "2");
  EXPECT_EQ(long_text.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(long_text.status().message()), HasSubstr("1001 characters"));
  // No token is kept as it came.
  const auto plain = DatabaseAs("selfology_social").Read(Deadline(), [](postgres::Transaction& tx) {
    return tx.QueryOne<int64_t>(
        "SELECT count(*) FROM social_accounts a WHERE a::text LIKE '%good%' OR"
        " position('good'::bytea IN sealed) > 0");
  });
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_EQ(std::get<0>(**plain), 0);
}

TEST_F(SocialServiceTest, ChecksTextsForPlatformsAndAccounts) {
  const int64_t account = Connect(v1::PLATFORM_MASTODON);
  v1::CheckTextsRequest request;
  request.set_user_id(kUser);
  v1::TextToCheck* text = request.add_texts();
  text->set_platform(v1::PLATFORM_X);
  text->set_text(std::string(281, 'a'));
  text = request.add_texts();
  text->set_account_id(account);
  text->set_text("fits");
  text = request.add_texts();
  text->set_account_id(account + 1);
  const auto checks = client_->CheckTexts(Deadline(), request);
  ASSERT_TRUE(checks.ok()) << checks.status();
  ASSERT_THAT(checks->checks(), SizeIs(3));
  EXPECT_EQ(checks->checks(0).length(), 281);
  EXPECT_THAT(checks->checks(0).issues(), SizeIs(1));
  EXPECT_EQ(checks->checks(1).max_length(), 1000);
  EXPECT_THAT(checks->checks(1).issues(), IsEmpty());
  EXPECT_THAT(checks->checks(2).issues(), ElementsAre("there is no such account"));
  EXPECT_THAT(client_->GetPlatformLimits(Deadline(), {})->limits(), SizeIs(9));
  EXPECT_THAT(client_->GetPlatforms(Deadline(), {})->platforms(), SizeIs(8));
}

// Through the whole service: connected, an answer lost, found, and a company's post at LinkedIn.
TEST_F(SocialServiceTest, PlatformsOfTheTablesPublishOnce) {
  ApiPlatforms sites;
  sites.clock = platforms_.clock;
  const std::map<v1::Platform, std::string> names = {{v1::PLATFORM_X, "x"},
                                                     {v1::PLATFORM_LINKEDIN, "linkedin"},
                                                     {v1::PLATFORM_FACEBOOK, "facebook"},
                                                     {v1::PLATFORM_INSTAGRAM, "instagram"}};
  for (const auto& [platform, name] : names) {
    v1::ConnectAccountRequest login;
    login.set_user_id(kUser);
    login.set_platform(platform);
    login.set_server(sites.url());
    login.set_secret("bad");
    EXPECT_EQ(client_->ConnectAccount(Deadline(), login).status().code(),
              absl::StatusCode::kFailedPrecondition);
    login.set_secret("good-" + name);
    if (platform == v1::PLATFORM_LINKEDIN) {
      login.set_target("company");
      EXPECT_THAT(status::Violations(client_->ConnectAccount(Deadline(), login).status()),
                  SizeIs(1));
      login.set_target("urn:li:organization:5");
    }
    const auto account = client_->ConnectAccount(Deadline(), login);
    ASSERT_TRUE(account.ok()) << name << account.status();
    sites.Fail(name, {{.status = 429, .headers = {{"Retry-After", "60"}}},
                      {.status = 502, .happens = true}});
    const auto sent = Send({account->account().account_id()},
                           "Hello & welcome (all) https://a.example/p.jpg", name);
    ASSERT_TRUE(sent.ok()) << sent.status();
    const int64_t id = sent->publications(0).publication_id();
    // Faster than the service looks, but never as far as the day after which it gives up.
    const int latest = skew_minutes_ + 180;
    Await(absl::StrCat(name, " to have it"), [&] {
      const v1::GetPublicationResponse now = Get(id);
      // A call takes no longer than its lease.
      const bool calls =
          std::any_of(now.attempts().begin(), now.attempts().end(), [](const v1::Attempt& attempt) {
            return attempt.outcome() == v1::ATTEMPT_OUTCOME_UNSPECIFIED;
          });
      if (!calls && skew_minutes_ < latest) skew_minutes_ += 1;
      return now.publication().state() == v1::PUBLICATION_STATE_PUBLISHED;
    });
    EXPECT_THAT(sites.posts(name), SizeIs(1)) << name;
    EXPECT_EQ(sites.calls(name), 2) << name;
    const v1::GetPublicationResponse now = Get(id);
    ASSERT_THAT(now.attempts(), SizeIs(2)) << name;
    EXPECT_EQ(now.attempts(0).outcome(), v1::ATTEMPT_OUTCOME_NOT_DONE);
    EXPECT_EQ(now.attempts(1).outcome(), v1::ATTEMPT_OUTCOME_CONFIRMED);
    EXPECT_THAT(now.attempts(1).evidence(), HasSubstr("found"));
  }
}

TEST_F(SocialServiceTest, NamesAllThatIsWrongWithARequest) {
  EXPECT_THAT(status::Violations(client_->ConnectAccount(Deadline(), {}).status()), SizeIs(3));
  v1::ConnectAccountRequest bad = LoginAt(v1::PLATFORM_MASTODON);
  bad.set_server("file:///etc/passwd");
  EXPECT_THAT(status::Violations(client_->ConnectAccount(Deadline(), bad).status()), SizeIs(1));
  bad = LoginAt(v1::PLATFORM_TELEGRAM);
  bad.set_secret("a\r\nHost: b");
  bad.set_target("channel");
  EXPECT_THAT(status::Violations(client_->ConnectAccount(Deadline(), bad).status()), SizeIs(2));
  EXPECT_THAT(status::Violations(client_->Publish(Deadline(), {}).status()), SizeIs(4));
}

TEST_F(SocialServiceTest, DisconnectingAndErasing) {
  const int64_t account = Connect(v1::PLATFORM_MASTODON);
  v1::PublishRequest later;
  later.set_user_id(kUser);
  later.add_account_ids(account);
  later.set_text("later");
  *later.mutable_publish_at() = timestamps::ToProto(absl::Now() + absl::Hours(1));
  later.set_idempotency_key("1");
  ASSERT_TRUE(client_->Publish(Deadline(), later).ok());
  v1::DisconnectAccountRequest disconnect;
  disconnect.set_user_id(kUser);
  disconnect.set_account_id(account);
  EXPECT_TRUE(client_->DisconnectAccount(Deadline(), disconnect)->disconnected());
  EXPECT_FALSE(client_->DisconnectAccount(Deadline(), disconnect)->disconnected());
  EXPECT_THAT(Published<SocialPostRefused>(), SizeIs(1));
  Connect(v1::PLATFORM_BLUESKY);
  v1::DeleteUserDataRequest erase;
  erase.set_user_id(kUser);
  const auto erased = client_->DeleteUserData(Deadline(), erase);
  ASSERT_TRUE(erased.ok()) << erased.status();
  v1::GetAccountsRequest list;
  list.set_user_id(kUser);
  EXPECT_THAT(client_->GetAccounts(Deadline(), list)->accounts(), IsEmpty());
}

}  // namespace
}  // namespace selfology::social
