// The social service at stand-ins of platforms, where others write, tokens end, and time goes on as a
// test says.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/social/v1/comment_service_client.h"
#include "selfology/social/v1/social_service_client.h"
#include "services/studio/social/api_platforms_test.h"
#include "services/studio/social/fake_platforms_test.h"
#include "services/studio/social/fake_voices_test.h"
#include "services/studio/social/module.h"
#include "services/studio/social/settings.h"
#include "testing/mesh_test.h"

namespace selfology::social {

class StudioTest : public ::selfology::testing::MeshTest {
 protected:
  static constexpr int64_t kUser = 123456;

  void SetUp() override {
    platforms_.clock = sites_.clock = [this] { return Now(); };
    platforms_.voices = [this](const http::Request& request) { return voices_.Answer(request); };
    StartMesh(
        ::selfology::testing::Modules(MakeModule({.addresses = {.telegram = platforms_.url(),
                                                                .telegram_web = platforms_.url(),
                                                                .bluesky = platforms_.url()},
                                                  .private_servers = true,
                                                  .idle = absl::Milliseconds(20)})),
        [this](service::Settings& kernel) { kernel.clock = [this] { return Now(); }; });
    client_.emplace(Peer("social"));
    comments_.emplace(Peer("social"));
  }
  void TearDown() override { StopMesh(); }

  absl::Time Now() const { return absl::Now() + absl::Minutes(skew_minutes_.load()); }

  v1::ConnectAccountRequest LoginAt(v1::Platform platform) const {
    v1::ConnectAccountRequest request;
    request.set_user_id(kUser);
    request.set_platform(platform);
    const bool by_table = platform == v1::PLATFORM_X || platform == v1::PLATFORM_FACEBOOK;
    request.set_server(by_table ? sites_.url() : platforms_.url());
    request.set_secret(platform == v1::PLATFORM_X          ? "good-x"
                       : platform == v1::PLATFORM_FACEBOOK ? "good-facebook"
                                                           : "good");
    if (platform == v1::PLATFORM_BLUESKY) request.set_login("me");
    return request;
  }
  int64_t Connect(const v1::ConnectAccountRequest& login) {
    const auto account = client_->ConnectAccount(Deadline(), login);
    EXPECT_TRUE(account.ok()) << account.status();
    return account.ok() ? account->account().account_id() : 0;
  }
  int64_t Connect(v1::Platform platform) { return Connect(LoginAt(platform)); }

  v1::Account GetAccount(int64_t account_id) {
    v1::GetAccountsRequest request;
    request.set_user_id(kUser);
    const auto response = client_->GetAccounts(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    for (const v1::Account& account : response->accounts()) {
      if (account.account_id() == account_id) return account;
    }
    ADD_FAILURE() << "no account " << account_id;
    return {};
  }

  // The publication of a text, once it is there.
  v1::Publication Publish(int64_t account_id, const std::string& text) {
    v1::PublishRequest request;
    request.set_user_id(kUser);
    request.add_account_ids(account_id);
    request.set_text(text);
    request.set_idempotency_key(text);
    const auto sent = client_->Publish(Deadline(), request);
    EXPECT_TRUE(sent.ok()) << sent.status();
    return sent.ok() ? Settled(sent->publications(0).publication_id()) : v1::Publication();
  }
  using MeshTest::Publish;

  v1::GetPublicationResponse Get(int64_t publication_id) {
    v1::GetPublicationRequest request;
    request.set_user_id(kUser);
    request.set_publication_id(publication_id);
    const auto response = client_->GetPublication(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::GetPublicationResponse());
  }
  // As it is once it is published or refused; time goes on meanwhile, but less than the day after which
  // the service gives up.
  v1::Publication Settled(int64_t publication_id) {
    v1::Publication now;
    const int latest = skew_minutes_ + 180;
    Await("it to be settled", [&] {
      const v1::GetPublicationResponse found = Get(publication_id);
      now = found.publication();
      // A call takes no longer than its lease.
      bool calls = false;
      for (const v1::Attempt& attempt : found.attempts()) {
        calls |= attempt.outcome() == v1::ATTEMPT_OUTCOME_UNSPECIFIED;
      }
      const bool waits = now.state() == v1::PUBLICATION_STATE_UNKNOWN || !now.reason().empty();
      if (waits && !calls && skew_minutes_ < latest) skew_minutes_ += 1;
      return now.state() == v1::PUBLICATION_STATE_PUBLISHED ||
             now.state() == v1::PUBLICATION_STATE_REFUSED;
    });
    return now;
  }

  FakePlatforms platforms_;
  ApiPlatforms sites_;
  Voices voices_;
  std::atomic<int> skew_minutes_ = 0;
  std::optional<v1::SocialServiceClient> client_;
  std::optional<v1::CommentServiceClient> comments_;
};

}  // namespace selfology::social
