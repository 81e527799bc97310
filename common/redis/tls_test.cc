// Redis over TLS: a real server with a certificate made here.
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/certificates.h"
#include "common/redis/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/binaries.h"
#include "testing/servers/free_port.h"
#include "testing/servers/redis_server.h"

namespace selfology::redis {
namespace {

using crypto::Authority;
using crypto::CertificateRequest;
using crypto::KeyedCertificate;
using ::testing::HasSubstr;

Call Soon() { return Call::Background(absl::Seconds(20)); }

class TlsTest : public ::testing::Test {
 protected:
  static std::string File(std::string_view name) {
    return absl::StrCat(folder_->path(), "/", name);
  }
  static void Write(std::string_view name, const std::string& text) {
    std::ofstream(File(name)) << text;
  }
  static Authority MakeAuthority(std::string_view name) {
    return Authority::Make(name, absl::Now() - absl::Hours(1), absl::Now() + absl::Hours(1))
        .value();
  }
  // For the server, which is reached as localhost and as 127.0.0.1.
  static CertificateRequest ForLocalhost() {
    return {.dns_names = {"localhost"},
            .ip_addresses = {"127.0.0.1"},
            .not_before = absl::Now() - absl::Hours(1),
            .not_after = absl::Now() + absl::Hours(1)};
  }

  static void SetUpTestSuite() {
    folder_ = std::make_unique<servers::ScratchFolder>(servers::ScratchFolder::Make().value());
    const Authority authority = MakeAuthority("ours");
    Write("ca.crt", authority.own().certificate);
    Write("other.crt", MakeAuthority("another").own().certificate);
    UseCertificate(authority.Issue(ForLocalhost()).value());
    CertificateRequest elsewhere = ForLocalhost();
    elsewhere.dns_names = {"redis.example.com"};
    elsewhere.ip_addresses = {};
    elsewhere_ = authority.Issue(elsewhere).value();
    CertificateRequest expired = ForLocalhost();
    expired.not_after = absl::Now() - absl::Minutes(1);
    expired_ = authority.Issue(expired).value();

    port_ = servers::FreePort();
    servers::RedisOptions options;
    options.arguments = {"--tls-port",         absl::StrCat(port_),
                         "--tls-cert-file",    File("tls.crt"),
                         "--tls-key-file",     File("tls.key"),
                         "--tls-ca-cert-file", File("ca.crt"),
                         "--tls-auth-clients", "no"};
    server_ = servers::RedisServer::Start(options).value();
    admin_ = Client::Open(server_->url()).value();
    authority_ = std::make_unique<Authority>(authority);
  }
  static void TearDownTestSuite() {
    admin_.reset();
    server_.reset();
    authority_.reset();
    folder_.reset();
  }
  void SetUp() override { Serve(authority_->Issue(ForLocalhost()).value(), "no"); }

  static void UseCertificate(const KeyedCertificate& own) {
    Write("tls.crt", own.certificate);
    Write("tls.key", own.key);
  }
  // What the server shows from the next connection on, and whether it asks for the client's.
  static void Serve(const KeyedCertificate& own, std::string_view asks_clients) {
    UseCertificate(own);
    const absl::Status set =
        admin_
            ->Command(Soon(), {"CONFIG", "SET", "tls-cert-file", File("tls.crt"), "tls-key-file",
                               File("tls.key"), "tls-auth-clients", asks_clients})
            .status();
    ASSERT_TRUE(set.ok()) << set;
  }

  static std::string Url(std::string_view host = "localhost", std::string_view ca = "ca.crt") {
    return absl::StrCat("rediss://", host, ":", port_, "/1?ca=", File(ca));
  }
  static absl::Status Reach(const std::string& url) {
    return Client::Open(url, {.client_name = "tls"}).value()->Healthy(Soon());
  }
  static std::string WhyNot(const std::string& url) {
    const absl::Status status = Reach(url);
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    return std::string(status.message());
  }

  static inline std::unique_ptr<servers::ScratchFolder> folder_;
  static inline std::unique_ptr<Authority> authority_;
  static inline KeyedCertificate elsewhere_, expired_;
  static inline int port_ = 0;
  static inline std::unique_ptr<servers::RedisServer> server_;
  static inline std::unique_ptr<Client> admin_;
};

TEST_F(TlsTest, CommandsGoThrough) {
  auto client = Client::Open(Url()).value();
  // Larger than the socket's buffers and than a record of TLS, in both directions.
  const std::string large(5'000'000, 'x');
  ASSERT_TRUE(client->Command(Soon(), {"SET", "k", large}).ok());
  EXPECT_EQ(client->Command(Soon(), {"GET", "k"})->String().value(), large);
  EXPECT_TRUE(Reach(Url("127.0.0.1")).ok()) << "an address is a name, too";
}

TEST_F(TlsTest, AConnectionIsUsedAgain) {
  auto client = Client::Open(Url()).value();
  const auto id = [&] { return client->Command(Soon(), {"CLIENT", "ID"})->Integer().value(); };
  const int64_t first = id();
  EXPECT_EQ(id(), first);
}

TEST_F(TlsTest, ABlockingReadIsInterrupted) {
  auto client = Client::Open(Url()).value();
  auto reader = client->Connect();
  reader->Interrupt();
  EXPECT_EQ(reader->Command(Soon(), {"BLPOP", "nothing", 0}).status().code(),
            absl::StatusCode::kCancelled);
}

TEST_F(TlsTest, AnotherAuthorityIsRefused) {
  EXPECT_THAT(WhyNot(Url("localhost", "other.crt")), HasSubstr("certificate is refused"));
  // Nobody whom the system trusts signed it.
  EXPECT_THAT(WhyNot(absl::StrCat("rediss://localhost:", port_)), HasSubstr("is refused"));
}

TEST_F(TlsTest, AnotherHostsCertificateIsRefused) {
  Serve(elsewhere_, "no");
  EXPECT_THAT(WhyNot(Url("localhost")), HasSubstr("hostname mismatch"));
  EXPECT_THAT(WhyNot(Url("127.0.0.1")), HasSubstr("IP address mismatch"));
}

TEST_F(TlsTest, AnExpiredCertificateIsRefused) {
  Serve(expired_, "no");
  EXPECT_THAT(WhyNot(Url()), HasSubstr("certificate has expired"));
}

TEST_F(TlsTest, AServerMayAskForACertificate) {
  Serve(authority_->Issue(ForLocalhost()).value(), "yes");
  EXPECT_EQ(Reach(Url()).code(), absl::StatusCode::kUnavailable);
  const KeyedCertificate own = authority_->Issue(ForLocalhost()).value();
  Write("client.crt", own.certificate);
  Write("client.key", own.key);
  EXPECT_TRUE(
      Reach(absl::StrCat(Url(), "&cert=", File("client.crt"), "&key=", File("client.key"))).ok());
}

TEST_F(TlsTest, AFileThatIsNotThereIsNamed) {
  EXPECT_THAT(WhyNot(Url("localhost", "missing.crt")), HasSubstr("missing.crt"));
}

}  // namespace
}  // namespace selfology::redis
