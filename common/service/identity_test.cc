// Processes that know each other by certificates.
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/certificates.h"
#include "common/service/host_fixture_test.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "testing/servers/binaries.h"

namespace selfology::service {
namespace {

using ::testing::HasSubstr;
using testing::Modules;
namespace trait_v1 = ::selfology::trait::v1;

class IdentityTest : public HostFixture {
 protected:
  std::string File(std::string_view name) { return absl::StrCat(folder_.path(), "/", name); }
  void Write(std::string_view name, const std::string& text) { std::ofstream(File(name)) << text; }
  // Settings of a process that has the certificate of `name`.
  void BecomeMember(Settings& settings, const std::string& name) {
    const crypto::KeyedCertificate own = authority_
                                             .Issue({.uris = {"spiffe://selfology/" + name},
                                                     .not_before = absl::Now() - absl::Hours(1),
                                                     .not_after = absl::Now() + absl::Hours(1)})
                                             .value();
    Write(name + ".crt", own.certificate);
    Write(name + ".key", own.key);
    Write("ca.crt", authority_.own().certificate);
    Write("edges", "asker -> probe\n");
    settings.tls = {.certificate_file = File(name + ".crt"),
                    .key_file = File(name + ".key"),
                    .authority_file = File("ca.crt")};
    settings.tls_edges_file = File("edges");
  }
  void StartProbe() {
    StartMesh(Modules(std::make_unique<ProbeModule>([this](Mesh& mesh) {
                probe_->on_list = [this](const Call& call) {
                  caller_ = call.caller()->service;
                  return absl::OkStatus();
                };
                mesh.Serve(probe_);
                return absl::OkStatus();
              })),
              [this](Settings& settings) {
                BecomeMember(settings, "probe");
                settings.enforce_access = true;
                settings.operator_address = "127.0.0.1:0";
                settings.health_address = "127.0.0.1:0";
              });
  }
  // A process of another service, which asks the first one.
  absl::StatusOr<std::unique_ptr<Host>> StartAsker(std::string_view module,
                                                   const std::string& certificate) {
    Settings settings;
    settings.database_url = url();
    settings.redis_url = servers::TestRedis().url();
    settings.event_partitions = 4;
    settings.drain_timeout = absl::Seconds(10);
    settings.services = {std::string(module), "probe"};
    settings.peers = {{"probe", host().grpc_address()}};
    BecomeMember(settings, certificate);
    return Host::Start(std::move(settings), Modules(std::make_unique<ProbeModule>(
                                                [this](Mesh& mesh) {
                                                  peer_ = mesh.Peer("probe");
                                                  return absl::OkStatus();
                                                },
                                                module)));
  }
  absl::Status Ask() {
    trait_v1::ListTraitHistoryRequest request;
    request.set_user_id(7);
    return trait_v1::TraitServiceClient(peer_).ListTraitHistory(Deadline(), request).status();
  }

  const servers::ScratchFolder folder_ = servers::ScratchFolder::Make().value();
  const crypto::Authority authority_ =
      crypto::Authority::Make("Test", absl::Now() - absl::Hours(1), absl::Now() + absl::Hours(1))
          .value();
  std::shared_ptr<rpc::Channel> peer_;
  std::string caller_;
};

TEST_F(IdentityTest, ProcessesKnowEachOtherByTheirCertificates) {
  StartProbe();
  {
    const auto asker = StartAsker("asker", "asker");
    ASSERT_TRUE(asker.ok()) << asker.status();
    const absl::Status asked = Ask();
    EXPECT_TRUE(asked.ok()) << asked;
    EXPECT_EQ(caller_, "asker") << "access is enforced, and no secret is shared";
  }
  const auto other = StartAsker("other", "other");
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(Ask().code(), absl::StatusCode::kPermissionDenied) << "no edge leads here";
}

TEST_F(IdentityTest, ProbesOfTheClusterNeedNoCertificate) {
  StartProbe();
  const auto health = grpc::health::v1::Health::NewStub(
      grpc::CreateChannel(host().health_address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(Deadline().deadline()));
  grpc::health::v1::HealthCheckResponse response;
  ASSERT_TRUE(health->Check(&context, {}, &response).ok());
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING);
  EXPECT_FALSE(host().operators_address().empty());
}

TEST_F(IdentityTest, AnotherServicesCertificateIsNoticedAtTheStart) {
  StartProbe();
  const absl::Status status = StartAsker("asker", "other").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("it names other and not asker, which this process runs"));
}

}  // namespace
}  // namespace selfology::service
