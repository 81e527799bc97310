// Who gets through to a server by TLS, with certificates made here.
#include "common/rpc/tls.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/certificates.h"
#include "common/observe/metrics.h"
#include "common/rpc/access_control.h"
#include "common/rpc/channel.h"
#include "common/rpc/peer_check.h"
#include "common/rpc/probe/probe_service.grpc.pb.h"
#include "common/rpc/probe/probe_service_client.h"
#include "common/rpc/probe/probe_service_endpoints.h"
#include "common/service/grpc_server.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "gtest/gtest.h"
#include "selfology/mesh/v1/erasure_service_client.h"
#include "selfology/mesh/v1/erasure_service_endpoints.h"
#include "testing/eventually.h"
#include "testing/servers/binaries.h"

namespace selfology::service {
namespace {

using crypto::Authority;
using crypto::KeyedCertificate;
using rpc::probe::v1::LookRequest;
using rpc::probe::v1::LookResponse;
using ::testing::HasSubstr;
namespace mesh_v1 = ::selfology::mesh::v1;

constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr char kOurs[] = "spiffe://selfology/";

class Probe final : public rpc::probe::v1::ProbeServiceEndpoints {
 public:
  absl::StatusOr<LookResponse> Look(const Call& call, const LookRequest&) override {
    caller = *call.caller();
    return LookResponse();
  }
  absl::StatusOr<rpc::probe::v1::ChangeResponse> Change(
      const Call&, const rpc::probe::v1::ChangeRequest&) override {
    return rpc::probe::v1::ChangeResponse();
  }
  absl::Status Watch(const Call&, const rpc::probe::v1::WatchRequest&,
                     rpc::Writer<rpc::probe::v1::WatchResponse>&) override {
    return absl::OkStatus();
  }

  std::optional<identity::Caller> caller;
};

// Has methods of operators and of services.
class Erasure final : public mesh_v1::ErasureServiceEndpoints {
 public:
  absl::StatusOr<mesh_v1::EraseUserResponse> EraseUser(const Call&,
                                                       const mesh_v1::EraseUserRequest&) override {
    return mesh_v1::EraseUserResponse();
  }
  absl::StatusOr<mesh_v1::BeginErasureResponse> BeginErasure(
      const Call&, const mesh_v1::BeginErasureRequest&) override {
    return mesh_v1::BeginErasureResponse();
  }
  absl::StatusOr<mesh_v1::EraseDataResponse> EraseData(const Call&,
                                                       const mesh_v1::EraseDataRequest&) override {
    return mesh_v1::EraseDataResponse();
  }
  absl::StatusOr<mesh_v1::FinishErasureResponse> FinishErasure(
      const Call&, const mesh_v1::FinishErasureRequest&) override {
    return mesh_v1::FinishErasureResponse();
  }
};

struct Validity {
  absl::Duration from = -absl::Hours(1);  // Now.
  absl::Duration to = absl::Hours(1);
};

Authority MakeAuthority() {
  return Authority::Make("Test", absl::Now() - absl::Hours(2), absl::Now() + absl::Hours(2))
      .value();
}

KeyedCertificate Issue(const Authority& authority, const std::string& uri, Validity validity = {}) {
  return authority
      .Issue({.uris = {uri},
              .not_before = absl::Now() + validity.from,
              .not_after = absl::Now() + validity.to})
      .value();
}

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() { Listen(Open("probe", Issue(ours_, absl::StrCat(kOurs, "probe")), ours_)); }
  ~TlsTest() override { Stop(); }

  void Stop() { server_.reset(); }
  void Listen(const std::shared_ptr<rpc::Tls>& tls) {
    Stop();
    peers_ = std::make_unique<rpc::PeerCheck>(
        tls, rpc::Edges::Parse("friend -> probe\nmany-named -> probe\n").value(), metrics_);
    server_ = std::make_unique<GrpcServer>(rpc::ServerRuntime{
        .requests = served_, .gate = gate_, .access = &access_, .peers = peers_.get()});
    server_->Add("probe", probe_);
    server_->Add(kMeshService, std::make_shared<Erasure>());
    const absl::Status started = server_->Start({.operators = "127.0.0.1:0",
                                                 .health = "127.0.0.1:0",
                                                 .credentials = tls->ForServer(),
                                                 .describes = false});
    ASSERT_TRUE(started.ok()) << started;
    server_->SetServing("probe", true);
    server_->SetServing(kMeshService, true);
  }

  // Puts it where `name` has its files, whole or not at all, as Kubernetes does.
  void Put(const std::string& name, const KeyedCertificate& own, const Authority& trusted) {
    const std::string folder = absl::StrCat(folder_.path(), "/", name);
    std::filesystem::create_directories(folder);
    for (const auto& [file, text] : {std::pair("tls.key", own.key),
                                     {"ca.crt", trusted.own().certificate},
                                     {"tls.crt", own.certificate}}) {
      const std::string path = absl::StrCat(folder, "/", file);
      std::ofstream(path + ".new") << text;
      std::filesystem::rename(path + ".new", path);
    }
  }
  rpc::Tls::Options Files(const std::string& name) {
    const std::string folder = absl::StrCat(folder_.path(), "/", name, "/");
    return {.certificate_file = folder + "tls.crt",
            .key_file = folder + "tls.key",
            .authority_file = folder + "ca.crt",
            .reload = absl::Seconds(1)};
  }
  std::shared_ptr<rpc::Tls> Open(const std::string& name, const KeyedCertificate& own,
                                 const Authority& trusted) {
    Put(name, own, trusted);
    return rpc::Tls::Open(Files(name)).value();
  }
  std::shared_ptr<rpc::Tls> Member(const std::string& name) {
    return Open(name, Issue(ours_, absl::StrCat(kOurs, name)), ours_);
  }

  // A client that is not ours: shows what it is given, and takes any server's name.
  static std::shared_ptr<grpc::ChannelCredentials> Foreign(
      const Authority& trusted, const std::optional<KeyedCertificate>& own) {
    std::vector<grpc::experimental::IdentityKeyCertPair> pairs;
    if (own.has_value()) pairs.push_back({own->key, own->certificate});
    grpc::experimental::TlsChannelCredentialsOptions options;
    options.set_certificate_provider(
        std::make_shared<grpc::experimental::StaticDataCertificateProvider>(
            trusted.own().certificate, pairs));
    options.watch_root_certs();
    if (own.has_value()) options.watch_identity_key_cert_pairs();
    options.set_certificate_verifier(
        std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
    options.set_check_call_host(false);
    return grpc::experimental::TlsCredentials(options);
  }

  // What a call ends with that does not wait for a connection to come about.
  grpc::StatusCode Look(const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    return Look(credentials, server_->address());
  }
  grpc::StatusCode Look(const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                        const std::string& address) {
    // A channel of its own: none of the connections that others have.
    grpc::ChannelArguments alone;
    alone.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto stub = rpc::probe::v1::ProbeService::NewStub(
        grpc::CreateCustomChannel(address, credentials, alone));
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
    LookResponse response;
    return stub->Look(&context, LookRequest(), &response).error_code();
  }

  const servers::ScratchFolder folder_ = servers::ScratchFolder::Make().value();
  const Authority ours_ = MakeAuthority();
  const Authority other_ = MakeAuthority();
  observe::Metrics metrics_;
  observe::Requests served_{nullptr, "rpc_server"};
  observe::Requests called_{nullptr, "rpc_client"};
  rpc::DrainGate gate_;
  const rpc::AccessControl access_{{.enforce = false}, metrics_};
  std::unique_ptr<rpc::PeerCheck> peers_;
  const std::shared_ptr<Probe> probe_ = std::make_shared<Probe>();
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(TlsTest, WhoMayCallIsServedUnderTheNameInItsCertificate) {
  const auto channel = rpc::Channel::Connect("probe", server_->address(), called_,
                                             Member("friend")->ForPeer("probe"));
  const rpc::probe::v1::ProbeServiceClient as_itself(channel->As({.service = "somebody_else"}));
  const Call call = Call::Background(kPatience);
  ASSERT_TRUE(as_itself.Look(call, LookRequest()).ok());
  EXPECT_EQ(probe_->caller->kind, identity::Caller::Kind::kService);
  EXPECT_EQ(probe_->caller->service, "friend");

  // As a door does for a person without a token, who must not have the door's rights.
  ASSERT_TRUE(as_itself.Look(call.WithToken(""), LookRequest()).ok());
  EXPECT_EQ(probe_->caller->kind, identity::Caller::Kind::kAnonymous);
}

TEST_F(TlsTest, AStrangerIsRefused) {
  EXPECT_EQ(Look(grpc::InsecureChannelCredentials()), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Look(Foreign(ours_, std::nullopt)), grpc::StatusCode::UNAVAILABLE) << "no certificate";
  EXPECT_EQ(Look(Foreign(ours_, Issue(other_, absl::StrCat(kOurs, "friend")))),
            grpc::StatusCode::UNAVAILABLE)
      << "another authority's";
  EXPECT_EQ(Look(Foreign(ours_, Issue(ours_, "spiffe://elsewhere/friend"))),
            grpc::StatusCode::UNAVAILABLE)
      << "a name that is not of the mesh";
  EXPECT_EQ(probe_->caller, std::nullopt) << "none of them reached the method";
  // The same client, with what it needs.
  EXPECT_EQ(Look(Foreign(ours_, Issue(ours_, absl::StrCat(kOurs, "friend")))),
            grpc::StatusCode::OK);
}

TEST_F(TlsTest, ACertificateCountsInItsTimeOnly) {
  const std::string name = absl::StrCat(kOurs, "friend");
  EXPECT_EQ(Look(Foreign(ours_, Issue(ours_, name, {.to = -absl::Minutes(1)}))),
            grpc::StatusCode::UNAVAILABLE)
      << "expired";
  EXPECT_EQ(Look(Foreign(ours_, Issue(ours_, name, {.from = absl::Minutes(30)}))),
            grpc::StatusCode::UNAVAILABLE)
      << "not yet";
  EXPECT_EQ(probe_->caller, std::nullopt);
}

TEST_F(TlsTest, AnEdgeThatIsNotInTheListIsRefused) {
  EXPECT_EQ(Look(Member("friend")->ForPeer("probe")), grpc::StatusCode::OK);
  EXPECT_EQ(Look(Member("many_named")->ForPeer("probe")), grpc::StatusCode::OK);
  probe_->caller.reset();
  EXPECT_EQ(Look(Member("enemy")->ForPeer("probe")), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(probe_->caller, std::nullopt);
  EXPECT_THAT(metrics_.Expose(), HasSubstr("peer_denied_total{caller=\"enemy\"} 1"));
}

TEST_F(TlsTest, AServerThatIsNotTheOneWantedIsRefused) {
  const auto friendly = Member("friend");
  EXPECT_EQ(Look(friendly->ForPeer("session")), grpc::StatusCode::UNAVAILABLE)
      << "it is another service";
  EXPECT_EQ(
      Look(Open("friend", Issue(ours_, absl::StrCat(kOurs, "friend")), other_)->ForPeer("probe")),
      grpc::StatusCode::UNAVAILABLE)
      << "we trust another authority";
  Listen(
      Open("probe", Issue(ours_, absl::StrCat(kOurs, "probe"), {.to = -absl::Minutes(1)}), ours_));
  EXPECT_EQ(Look(friendly->ForPeer("probe")), grpc::StatusCode::UNAVAILABLE) << "it has expired";
  EXPECT_EQ(probe_->caller, std::nullopt);
}

TEST_F(TlsTest, NewFilesCountFromTheNextConnectionOn) {
  const auto by_new = Open("by_new", Issue(other_, absl::StrCat(kOurs, "friend")), other_);
  const auto by_old = Member("friend");
  EXPECT_EQ(Look(by_new->ForPeer("probe")), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Look(by_old->ForPeer("probe")), grpc::StatusCode::OK);

  Put("probe", Issue(other_, absl::StrCat(kOurs, "probe")), other_);
  EXPECT_TRUE(testing::Eventually(
      [&] { return Look(by_new->ForPeer("probe")) == grpc::StatusCode::OK; }, kPatience))
      << "a new certificate is shown, and a new authority trusted";
  EXPECT_EQ(Look(by_old->ForPeer("probe")), grpc::StatusCode::UNAVAILABLE);
  Put("friend", Issue(other_, absl::StrCat(kOurs, "friend")), other_);
  EXPECT_TRUE(testing::Eventually(
      [&] { return Look(by_old->ForPeer("probe")) == grpc::StatusCode::OK; }, kPatience))
      << "clients read theirs, too";
}

TEST_F(TlsTest, AKeyThatDoesNotFitLetsNobodyInUntilItDoes) {
  const auto friendly = Member("friend");
  const KeyedCertificate own = Issue(ours_, absl::StrCat(kOurs, "probe"));
  const auto becomes = [&](grpc::StatusCode code) {
    return testing::Eventually([&] { return Look(friendly->ForPeer("probe")) == code; }, kPatience);
  };
  Put("probe", {.certificate = own.certificate, .key = "nonsense"}, ours_);
  EXPECT_TRUE(becomes(grpc::StatusCode::UNAVAILABLE));
  EXPECT_EQ(Look(grpc::InsecureChannelCredentials()), grpc::StatusCode::UNAVAILABLE);
  Put("probe", own, ours_);
  EXPECT_TRUE(becomes(grpc::StatusCode::OK));
}

TEST_F(TlsTest, OperatorsMethodsHaveAPortAndACertificateOfTheirOwn) {
  const auto erase_user = [&](const std::string& who, const std::string& address) {
    const mesh_v1::ErasureServiceClient client(
        rpc::Channel::Connect("probe", address, called_, Member(who)->ForPeer("probe")));
    return client.EraseUser(Call::Background(kPatience), mesh_v1::EraseUserRequest())
        .status()
        .code();
  };
  const std::string& operators = server_->operators_address();
  const std::string& services = server_->address();
  EXPECT_EQ(erase_user("selfologyctl", operators), absl::StatusCode::kOk);
  EXPECT_EQ(erase_user("selfologyctl", services), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(erase_user("friend", services), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(erase_user("friend", operators), absl::StatusCode::kPermissionDenied);
  // As a door does that runs in this process.
  const auto local = std::make_shared<rpc::Channel>("probe", called_);
  local->Bind(server_->InProcessChannel());
  EXPECT_TRUE(
      absl::IsUnimplemented(mesh_v1::ErasureServiceClient(local)
                                .EraseUser(Call::Background(kPatience), mesh_v1::EraseUserRequest())
                                .status()));

  const auto erase_data = [&](const std::string& who, const std::string& address) {
    const mesh_v1::ErasureServiceClient client(
        rpc::Channel::Connect("probe", address, called_, Member(who)->ForPeer("probe")));
    return client.EraseData(Call::Background(kPatience), mesh_v1::EraseDataRequest())
        .status()
        .code();
  };
  EXPECT_EQ(erase_data("friend", services), absl::StatusCode::kOk) << "services ask it";
  EXPECT_EQ(erase_data("friend", operators), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(erase_data("selfologyctl", services), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Look(Member("selfologyctl")->ForPeer("probe")), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(TlsTest, ProbesWithoutACertificateLearnOfHealthAndNothingElse) {
  const auto channel =
      grpc::CreateChannel(server_->health_address(), grpc::InsecureChannelCredentials());
  const auto health = grpc::health::v1::Health::NewStub(channel);
  const auto check = [&](const std::string& service) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    grpc::health::v1::HealthCheckResponse response;
    const grpc::Status status = health->Check(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.status();
  };
  EXPECT_EQ(check(""), grpc::health::v1::HealthCheckResponse::SERVING);
  EXPECT_EQ(check("selfology.rpc.probe.v1.ProbeService"),
            grpc::health::v1::HealthCheckResponse::SERVING);
  EXPECT_EQ(Look(grpc::InsecureChannelCredentials(), server_->health_address()),
            grpc::StatusCode::UNIMPLEMENTED);
  server_->Drain();
  EXPECT_EQ(check(""), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
}

TEST_F(TlsTest, FilesThatCannotBeUsedAreNamed) {
  const auto why_not = [&](const KeyedCertificate& own, const std::string& authority) {
    Put("bad", own, ours_);
    if (!authority.empty()) std::ofstream(Files("bad").authority_file) << authority;
    return std::string(rpc::Tls::Open(Files("bad")).status().message());
  };
  const KeyedCertificate one = Issue(ours_, absl::StrCat(kOurs, "a"));
  const KeyedCertificate two = Issue(ours_, absl::StrCat(kOurs, "a"));
  EXPECT_THAT(why_not({.certificate = one.certificate, .key = two.key}, ""),
              HasSubstr("tls.key: the key is not the certificate's"));
  EXPECT_THAT(why_not({.certificate = "nonsense", .key = one.key}, ""),
              HasSubstr("tls.crt: no certificate"));
  EXPECT_THAT(why_not(one, "nonsense"), HasSubstr("ca.crt: no certificate"));
  EXPECT_THAT(why_not(Issue(ours_, "spiffe://elsewhere/a"), ""),
              HasSubstr("no URI that begins with spiffe://selfology/"));
  EXPECT_THAT(rpc::Tls::Open({.certificate_file = "/missing"}).status().message(),
              HasSubstr("/missing cannot be read"));
}

}  // namespace
}  // namespace selfology::service
