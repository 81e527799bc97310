// Who may call what, over the wire and within a process.
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/call/call.h"
#include "common/identity/caller.h"
#include "common/observe/metrics.h"
#include "common/rpc/channel.h"
#include "common/service/host_fixture_test.h"
#include "common/service/security_fake_test.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "selfology/events/v1/security.pb.h"

namespace selfology::service {
namespace {

using identity::Caller;
using testing::Modules;
using testing::TokenSigner;
using Kind = Caller::Kind;
namespace trait_v1 = ::selfology::trait::v1;

constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";

class AccessTest : public HostFixture {
 protected:
  // A process with security and a service whose methods are of people.
  void StartProcess(bool enforce, const std::function<absl::Status(Mesh&)>& start = nullptr) {
    StartMesh(Modules(std::make_unique<ProbeModule>(
                          [this](Mesh& mesh) {
                            mesh.Serve(security_);
                            return absl::OkStatus();
                          },
                          "security"),
                      std::make_unique<ProbeModule>([this, start](Mesh& mesh) {
                        probe_->on_list = [this](const Call& call) {
                          absl::MutexLock lock(&mutex_);
                          caller_ = call.caller();
                          return absl::OkStatus();
                        };
                        // Asked with each request that has come so far.
                        probe_->serves = [this](const auto& request) {
                          listed_ = request.user_id();
                          return true;
                        };
                        mesh.Serve(probe_);
                        mesh_ = &mesh;
                        return start != nullptr ? start(mesh) : absl::OkStatus();
                      })),
              [enforce](Settings& settings) {
                settings.enforce_access = enforce;
                settings.service_secret = kSecret;
              });
    outside_ = rpc::Channel::Connect("probe", host().grpc_address(), requests_);
  }

  // What listing a person's traits ends with.
  static std::string List(const Call& call, int64_t user_id,
                          const std::shared_ptr<rpc::Channel>& channel) {
    const trait_v1::TraitServiceClient client(channel);
    trait_v1::ListTraitHistoryRequest request;
    request.set_user_id(user_id);
    return status::Reason(client.ListTraitHistory(call, request).status());
  }
  std::string List(const Call& call, int64_t user_id) { return List(call, user_id, outside_); }
  std::string ListAs(const std::string& bearer, int64_t user_id) {
    return List(Deadline().WithToken(bearer), user_id);
  }
  std::string Token(int64_t user_id, const std::vector<std::string>& roles = {}) {
    return security_->signer().Person(user_id, roles);
  }
  // Who made the last call that reached the method.
  Caller caller() {
    absl::MutexLock lock(&mutex_);
    return *caller_;
  }

  // Whose traits were asked for last.
  int64_t listed() const { return listed_; }

  std::atomic<int64_t> listed_ = 0;
  const std::shared_ptr<SecurityFake> security_ = std::make_shared<SecurityFake>();
  Mesh* mesh_ = nullptr;
  observe::Requests requests_{nullptr, "test_client"};
  std::shared_ptr<rpc::Channel> outside_;
  absl::Mutex mutex_;
  std::shared_ptr<const Caller> caller_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(AccessTest, TheContractsAccessIsEnforced) {
  StartProcess(/*enforce=*/true);
  EXPECT_EQ(List(Deadline(), 7), "UNAUTHENTICATED");
  EXPECT_EQ(ListAs("nonsense", 7), "UNAUTHENTICATED");
  EXPECT_EQ(ListAs(Token(7), 7), "OK");
  EXPECT_EQ(caller().user_id, 7);
  EXPECT_EQ(ListAs(Token(7), 8), "PERMISSION_DENIED");
  EXPECT_EQ(ListAs(Token(7), 0), "OK") << "who names nobody means themselves";
  EXPECT_EQ(listed(), 7);
  EXPECT_EQ(ListAs(Token(7, {"admin"}), 8), "OK");
  const trait_v1::TraitServiceClient client(outside_);
  trait_v1::DeleteUserDataRequest erase;
  erase.set_user_id(7);
  EXPECT_EQ(status::Reason(client.DeleteUserData(Deadline().WithToken(Token(7)), erase).status()),
            "PERMISSION_DENIED");
  EXPECT_THAT(Get("/metrics").body,
              ::testing::HasSubstr("permission_denied_total{method=\"selfology.trait.v1."
                                   "TraitService/ListTraitHistory\"} 1"));
}

TEST_F(AccessTest, OtherwiseEverybodyMayButNotWithABadToken) {
  StartProcess(/*enforce=*/false);
  EXPECT_EQ(List(Deadline(), 7), "OK");
  EXPECT_EQ(caller().kind, Kind::kAnonymous);
  EXPECT_EQ(ListAs(Token(7), 8), "OK");
  EXPECT_EQ(caller().kind, Kind::kPerson);
  EXPECT_EQ(caller().user_id, 7);
  EXPECT_EQ(ListAs("nonsense", 7), "UNAUTHENTICATED");
}

TEST_F(AccessTest, AnApiKeyIsForItsOwner) {
  StartProcess(/*enforce=*/true);
  security::v1::VerifyApiKeyResponse key;
  key.set_key_id("key-of-a-machine");
  key.set_user_id(7);
  key.add_scopes("coaching.traits.*");
  security_->AddApiKey("sk_good", key);
  EXPECT_EQ(ListAs("sk_good", 7), "OK");
  EXPECT_EQ(caller().kind, Kind::kMachine);
  EXPECT_EQ(ListAs("sk_good", 8), "PERMISSION_DENIED");
  EXPECT_EQ(ListAs("sk_bad", 7), "UNAUTHENTICATED");
}

TEST_F(AccessTest, RoomsCallEachOtherAsServices) {
  StartProcess(/*enforce=*/true);
  EXPECT_EQ(List(Deadline(), 7, mesh_->Peer("probe")), "OK");
  EXPECT_EQ(caller().kind, Kind::kService);
  EXPECT_EQ(caller().service, "probe");
  // Also on behalf of somebody's call.
  EXPECT_EQ(List(Deadline().WithCaller(identity::Anonymous()), 7, mesh_->Peer("probe")), "OK");
}

TEST_F(AccessTest, ADoorPassesOnWhoAsks) {
  StartProcess(/*enforce=*/true);
  const auto peer = mesh_->Peer("probe");
  EXPECT_EQ(List(Deadline().WithToken(Token(7)), 7, peer), "OK");
  EXPECT_EQ(caller().kind, Kind::kPerson);
  EXPECT_EQ(caller().actor, "probe");
  EXPECT_EQ(List(Deadline().WithToken(Token(7)), 8, peer), "PERMISSION_DENIED");
  EXPECT_EQ(List(Deadline().WithToken(""), 7, peer), "UNAUTHENTICATED")
      << "who has no token gets no rights from the door";
}

TEST_F(AccessTest, OtherProcessesAreServicesByTheSecret) {
  StartProcess(/*enforce=*/true);
  EXPECT_EQ(List(Deadline(), 7, outside_->As({.service = "coach", .secret = kSecret})), "OK");
  EXPECT_EQ(caller().service, "coach");
  EXPECT_EQ(List(Deadline(), 7, outside_->As({.service = "coach"})), "UNAUTHENTICATED");
  EXPECT_EQ(List(Deadline(), 7, outside_->As({.service = "coach", .secret = "guessed"})),
            "UNAUTHENTICATED");
}

TEST_F(AccessTest, OtherProcessesAreServicesByTheirToken) {
  StartProcess(/*enforce=*/true);
  const auto with_scope = [&](const std::string& scope) {
    return outside_->As(
        {.service = "coach", .token = [this, scope](const Call&) -> absl::StatusOr<std::string> {
           return security_->signer().Sign(TokenSigner::ServiceClaims("coach", scope));
         }});
  };
  EXPECT_EQ(List(Deadline(), 7, with_scope("coaching.*")), "OK");
  EXPECT_EQ(caller().kind, Kind::kService);
  EXPECT_EQ(caller().service, "coach");
  EXPECT_EQ(List(Deadline(), 7, with_scope("platform.*")), "PERMISSION_DENIED");
  const auto without = outside_->As({.token = [](const Call&) -> absl::StatusOr<std::string> {
    return absl::UnavailableError("no token to be had");
  }});
  EXPECT_EQ(List(Deadline(), 7, without), "SERVICE_UNAVAILABLE");
}

TEST_F(AccessTest, TheAuditIsToldOfStaffAndOfRefusedCalls) {
  StartProcess(/*enforce=*/true);
  EXPECT_EQ(ListAs(Token(7, {"admin"}), 8), "OK");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ListAs(Token(9), 8), "PERMISSION_DENIED");
  StopMesh();
  events::v1::AuditFactNoted read, refused;
  int reads = 0, refusals = 0;
  for (const auto& fact : Published<events::v1::AuditFactNoted>()) {
    ++(fact.actor_id() == 7 ? reads : refusals);
    (fact.actor_id() == 7 ? read : refused) = fact;
  }
  EXPECT_EQ(reads, 1);
  // One each time that they are told, which is every few seconds.
  EXPECT_GE(refusals, 1);
  EXPECT_LT(refusals, 20) << "the same again is no more";
  EXPECT_EQ(read.service(), "trait");
  EXPECT_EQ(read.action(), "data.read");
  EXPECT_EQ(read.subject_id(), 8);
  EXPECT_EQ(read.outcome(), "ok");
  EXPECT_EQ(refused.actor_id(), 9);
  EXPECT_EQ(refused.action(), "call.made");
  EXPECT_EQ(refused.outcome(), "refused");
  EXPECT_THAT(refused.method(), ::testing::HasSubstr("ListTraitHistory"));
}

TEST_F(AccessTest, TheAuditIsToldHowACallOfStaffEnded) {
  StartProcess(/*enforce=*/true);
  probe_->on_list = [](const Call&) { return absl::NotFoundError("nobody"); };
  EXPECT_EQ(ListAs(Token(7, {"admin"}), 8), "NOT_FOUND");
  StopMesh();
  const auto facts = Published<events::v1::AuditFactNoted>();
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].action(), "data.read");
  EXPECT_EQ(facts[0].outcome(), "failed");
}

TEST_F(AccessTest, ARevokedTokenIsRefusedInAllProcessesSoon) {
  StartProcess(/*enforce=*/true);
  const std::string token = Token(7);
  EXPECT_EQ(ListAs(token, 7), "OK");
  events::v1::TokensRevoked event;
  event.set_user_id(7);
  event.mutable_revocation()->set_session_id("session-of-7");
  Await("the token is refused", [&] {
    Publish(event);
    return ListAs(token, 7) == "UNAUTHENTICATED";
  });
}

TEST_F(AccessTest, WhatWasRevokedWhileRedisLostItIsReadAgain) {
  StartProcess(/*enforce=*/true);
  const std::string token = Token(7);
  EXPECT_EQ(ListAs(token, 7), "OK");
  // So that the process has its place in the streams.
  const std::string other = Token(8);
  events::v1::TokensRevoked event;
  event.set_user_id(8);
  event.mutable_revocation()->set_session_id("session-of-8");
  Await("the other token is refused", [&] {
    Publish(event);
    return ListAs(other, 8) == "UNAUTHENTICATED";
  });
  security::v1::Revocation revocation;
  revocation.set_session_id("session-of-7");
  security_->Revoke(revocation);
  ASSERT_TRUE(redis().Command(Deadline(), {"FLUSHALL"}).ok());
  Await("the token is refused", [&] { return ListAs(token, 7) == "UNAUTHENTICATED"; });
}

TEST_F(AccessTest, DoorsAskWhomATokenStandsFor) {
  StartProcess(/*enforce=*/false);
  EXPECT_EQ((*mesh_->Authenticate(Deadline(), ""))->kind, Kind::kAnonymous);
  EXPECT_EQ((*mesh_->Authenticate(Deadline(), absl::StrCat("Bearer ", Token(7))))->user_id, 7);
  for (const char* bad : {"Bearer nonsense", "Basic abc", "x"}) {
    EXPECT_TRUE(absl::IsUnauthenticated(mesh_->Authenticate(Deadline(), bad).status())) << bad;
  }
}

TEST_F(AccessTest, HealthIsOpen) {
  StartProcess(/*enforce=*/true);
  const auto channel =
      ::grpc::CreateChannel(host().grpc_address(), ::grpc::InsecureChannelCredentials());
  ::grpc::ClientContext context;
  ::grpc::health::v1::HealthCheckResponse response;
  EXPECT_TRUE(::grpc::health::v1::Health::NewStub(channel)->Check(&context, {}, &response).ok());
}

// A mesh without security: no token can be right.
TEST_F(AccessTest, WithoutSecurityServicesOnlyMayCall) {
  StartMesh(Modules(std::make_unique<ProbeModule>([this](Mesh& mesh) {
              mesh.Serve(probe_);
              mesh_ = &mesh;
              return absl::OkStatus();
            })),
            [](Settings& settings) { settings.enforce_access = true; });
  outside_ = rpc::Channel::Connect("probe", host().grpc_address(), requests_);
  EXPECT_EQ(ListAs(Token(7), 7), "UNAUTHENTICATED");
  EXPECT_EQ(List(Deadline(), 7), "UNAUTHENTICATED");
  EXPECT_EQ(List(Deadline(), 7, mesh_->Peer("probe")), "OK");
}

}  // namespace
}  // namespace selfology::service
