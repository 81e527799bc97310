// The failures of the user service, each with how to come by it; in their order.
#pragma once

#include <liboath/oath.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/http/server.h"
#include "common/rpc/channel.h"
#include "common/service/settings.h"
#include "gtest/gtest.h"
#include "selfology/user/v1/account_service_client.h"
#include "selfology/user/v1/foreign_login_service_client.h"
#include "selfology/user/v1/linking_service_client.h"
#include "selfology/user/v1/second_factor_service_client.h"
#include "selfology/user/v1/skill_tree_service_client.h"
#include "selfology/user/v1/social_service_client.h"
#include "selfology/user/v1/team_service_client.h"

ABSL_DECLARE_FLAG(selfology::service::Secret, user_oidc_providers);

namespace selfology {

// Another provider, which takes no code.
class RefusingProvider {
 public:
  RefusingProvider() {
    auto server = http::Server::Start(
        {}, {{.method = "GET",
              .path = "/.well-known/openid-configuration",
              .handler =
                  [this](const http::Request&) {
                    return http::Response::Json(absl::Substitute(
                        R"({"issuer":"$0","authorization_endpoint":"$0/authorize",)"
                        R"("token_endpoint":"$0/token","jwks_uri":"$0/keys"})",
                        issuer()));
                  }},
             {.method = "POST", .path = "/token", .handler = [](const http::Request&) {
                return http::Response::Json(R"({"error":"invalid_grant"})", 400);
              }}});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::string issuer() const { return absl::StrCat("http://127.0.0.1:", server_->port()); }
  std::string Setting() const {
    return absl::Substitute(R"([{"id":"refusing","issuer":"$0","client_id":"us",)"
                            R"("redirect_uris":["https://app.example.org/back"]}])",
                            issuer());
  }

 private:
  std::unique_ptr<http::Server> server_;
};

// What an authenticator shows now for a secret in base 32.
inline std::string CodeOf(const std::string& base32) {
  char* secret = nullptr;
  size_t size = 0;
  if (oath_base32_decode(base32.data(), base32.size(), &secret, &size) != OATH_OK) return "";
  char code[7] = {};
  oath_totp_generate(secret, size, absl::ToTimeT(absl::Now()), OATH_TOTP_DEFAULT_TIME_STEP_SIZE,
                     OATH_TOTP_DEFAULT_START_TIME, 6, code);
  std::free(secret);
  return code;
}

using Failure = std::pair<std::string, std::function<absl::Status()>>;

inline std::vector<Failure> UserFailures(const std::shared_ptr<rpc::Channel>& peer,
                                         absl::Duration patience) {
  using namespace user::v1;  // NOLINT: a dozen messages of one package.
  constexpr int64_t kOwner = 301, kMember = 302, kNobody = int64_t{1} << 52 | 1'000'000;
  constexpr char kPassword[] = "zanzibar teapot 42";
  const auto accounts = std::make_shared<AccountServiceClient>(peer);
  const auto foreign = std::make_shared<ForeignLoginServiceClient>(peer);
  const auto links = std::make_shared<LinkingServiceClient>(peer);
  const auto factors = std::make_shared<SecondFactorServiceClient>(peer);
  const auto skills = std::make_shared<SkillTreeServiceClient>(peer);
  const auto social = std::make_shared<SocialServiceClient>(peer);
  const auto teams = std::make_shared<TeamServiceClient>(peer);
  const auto call = [patience] { return Call::Background(patience); };

  const auto registered = [=](const std::string& password) {
    RegisterRequest request;
    request.set_email("failures@example.org");
    request.set_password(password);
    request.set_first_name("Ann");
    return accounts->Register(call(), request);
  };
  const auto team = [=] {
    CreateTeamRequest request;
    request.set_user_id(kOwner);
    request.set_name("A team");
    request.set_idempotency_key("team");
    return teams->CreateTeam(call(), request)->team().team_id();
  };
  const auto tree = [=] {
    CreateSkillTreeRequest request;
    request.set_user_id(kOwner);
    request.set_title("A tree");
    request.set_idempotency_key("tree");
    request.add_nodes()->set_node_id("node");
    request.mutable_nodes(0)->set_title("A node");
    request.mutable_nodes(0)->set_cost(1);
    return skills->CreateSkillTree(call(), request)->tree().tree_id();
  };
  const auto unlock = [=](const std::string& node) {
    UnlockSkillRequest request;
    request.set_user_id(kOwner);
    request.set_tree_id(tree());
    request.set_node_id(node);
    return skills->UnlockSkill(call(), request).status();
  };

  return {
      {"EMAIL_TAKEN",
       [=] {
         EXPECT_TRUE(registered(kPassword).ok());
         return registered("another password of hers").status();
       }},
      {"LOGIN_FAILED",
       [=] {
         LoginRequest request;
         request.set_email("failures@example.org");
         request.set_password("not her password");
         return accounts->Login(call(), request).status();
       }},
      {"CODE_INVALID",
       [=] {
         VerifyEmailRequest request;
         request.set_code("no code");
         return accounts->VerifyEmail(call(), request).status();
       }},
      {"USER_NOT_FOUND",
       [=] {
         GetUserRequest request;
         request.set_user_id(kNobody);
         return accounts->GetUser(call(), request).status();
       }},
      {"ACCOUNT_ALREADY_LINKED",
       [=] {
         BeginLinkRequest request;
         request.set_user_id(kOwner);
         return links->BeginLink(call(), request).status();
       }},
      {"FOREIGN_LOGIN_FAILED",
       [=] {
         BeginForeignLoginRequest begin;
         begin.set_provider("refusing");
         begin.set_redirect_uri("https://app.example.org/back");
         const auto begun = foreign->BeginForeignLogin(call(), begin);
         if (!begun.ok()) return begun.status();
         FinishForeignLoginRequest finish;
         finish.set_state(begun->state());
         finish.set_provider_code("code");
         return foreign->FinishForeignLogin(call(), finish).status();
       }},
      {"JOB_NOT_FOUND",
       [=] {
         GetJobRequest request;
         request.set_job_id("none");
         return accounts->GetJob(call(), request).status();
       }},
      {"TEAM_NOT_FOUND",
       [=] {
         GetTeamRequest request;
         request.set_user_id(kMember);
         request.set_team_id(team());
         return teams->GetTeam(call(), request).status();
       }},
      {"INVITATION_NOT_FOUND",
       [=] {
         AcceptTeamInvitationRequest request;
         request.set_user_id(kMember);
         request.set_team_id(team());
         return teams->AcceptTeamInvitation(call(), request).status();
       }},
      {"TEAM_ROLE_REQUIRED",
       [=] {
         InviteToTeamRequest invite;
         invite.set_user_id(kOwner);
         invite.set_team_id(team());
         invite.set_invited_user_id(kMember);
         EXPECT_TRUE(teams->InviteToTeam(call(), invite).ok());
         AcceptTeamInvitationRequest accept;
         accept.set_user_id(kMember);
         accept.set_team_id(team());
         EXPECT_TRUE(teams->AcceptTeamInvitation(call(), accept).ok());
         DeleteTeamRequest request;
         request.set_user_id(kMember);
         request.set_team_id(team());
         return teams->DeleteTeam(call(), request).status();
       }},
      {"TEAM_RULE_BROKEN",
       [=] {
         LeaveTeamRequest request;
         request.set_user_id(kOwner);
         request.set_team_id(team());
         return teams->LeaveTeam(call(), request).status();
       }},
      {"SKILL_NOT_FOUND", [=] { return unlock("another"); }},
      {"SKILL_LOCKED", [=] { return unlock("node"); }},
      {"PERSON_BLOCKED",
       [=] {
         BlockRequest block;
         block.set_user_id(kOwner);
         block.set_other_user_id(kMember);
         EXPECT_TRUE(social->Block(call(), block).ok());
         FollowRequest request;
         request.set_user_id(kMember);
         request.set_other_user_id(kOwner);
         return social->Follow(call(), request).status();
       }},
      {"SECOND_FACTOR_REQUIRED",
       [=] {
         EnrolTotpRequest enrol;
         enrol.set_user_id(registered(kPassword)->user_id());
         const auto enrolled = factors->EnrolTotp(call(), enrol);
         if (!enrolled.ok()) return enrolled.status();
         ConfirmTotpRequest confirm;
         confirm.set_user_id(enrol.user_id());
         confirm.set_code(CodeOf(enrolled->secret()));
         EXPECT_TRUE(factors->ConfirmTotp(call(), confirm).ok());
         LoginRequest login;
         login.set_email("failures@example.org");
         login.set_password(kPassword);
         return accounts->Login(call(), login).status();
       }},
  };
}

}  // namespace selfology
