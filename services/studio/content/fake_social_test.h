// Social as content sees it: accounts 1 (Mastodon) and 2 (Bluesky), texts of at most 300 characters.
#pragma once

#include <memory>

#include "absl/strings/str_cat.h"
#include "common/service/mesh.h"
#include "common/service/module.h"
#include "common/text/text.h"
#include "selfology/social/v1/social_service_endpoints.h"

namespace selfology::content {

namespace social_v1 = ::selfology::social::v1;

class FakeSocial final : public social_v1::SocialServiceEndpoints {
 public:
  absl::StatusOr<social_v1::GetAccountsResponse> GetAccounts(
      const Call&, const social_v1::GetAccountsRequest& request) override {
    social_v1::GetAccountsResponse response;
    for (const auto platform : {social_v1::PLATFORM_MASTODON, social_v1::PLATFORM_BLUESKY}) {
      social_v1::Account& account = *response.add_accounts();
      account.set_account_id(response.accounts_size());
      account.set_user_id(request.user_id());
      account.set_platform(platform);
    }
    return response;
  }

  absl::StatusOr<social_v1::CheckTextsResponse> CheckTexts(
      const Call&, const social_v1::CheckTextsRequest& request) override {
    social_v1::CheckTextsResponse response;
    for (const social_v1::TextToCheck& text : request.texts()) {
      social_v1::TextCheck& check = *response.add_checks();
      check.set_account_id(text.account_id());
      check.set_platform(text.platform());
      check.set_length(text::Characters(text.text()));
      check.set_max_length(300);
      if (check.length() > 300) check.add_issues(absl::StrCat("too long: ", check.length()));
      if (check.length() == 0) check.add_issues("the text is empty");
    }
    return response;
  }

  // Account 1 has posts that were measured, best at 18 o'clock and with #garden; 2 has too few.
  absl::StatusOr<social_v1::GetInsightsResponse> GetInsights(
      const Call&, const social_v1::GetInsightsRequest& request) override {
    social_v1::GetInsightsResponse response;
    if (request.account_id() != 1) {
      response.set_reason("it is not known yet");
      return response;
    }
    response.set_known(true);
    for (const int hour : {18, 9}) response.add_hours()->set_hour(hour);
    social_v1::HashtagRecord& hashtag = *response.add_hashtags();
    hashtag.set_hashtag("garden");
    hashtag.set_posts(7);
    hashtag.set_lift(1.8);
    return response;
  }

#define NOT_ASKED_OF_IT(Method)                                                                    \
  absl::StatusOr<social_v1::Method##Response> Method(const Call&,                                  \
                                                     const social_v1::Method##Request&) override { \
    return absl::UnimplementedError("not asked of it");                                            \
  }
  NOT_ASKED_OF_IT(ConnectAccount)
  NOT_ASKED_OF_IT(DisconnectAccount)
  NOT_ASKED_OF_IT(Publish)
  NOT_ASKED_OF_IT(GetPublication)
  NOT_ASKED_OF_IT(ListPublications)
  NOT_ASKED_OF_IT(SettlePublication)
  NOT_ASKED_OF_IT(RemovePublication)
  NOT_ASKED_OF_IT(EditPublication)
  NOT_ASKED_OF_IT(GetMetrics)
  NOT_ASKED_OF_IT(GetPlatforms)
  NOT_ASKED_OF_IT(GetPlatformLimits)
#undef NOT_ASKED_OF_IT
};

class FakeSocialModule final : public service::Module {
 public:
  service::ModuleInfo info() const override { return {.name = "social", .group = "fake_social"}; }
  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<FakeSocial>());
    return absl::OkStatus();
  }
};

}  // namespace selfology::content
