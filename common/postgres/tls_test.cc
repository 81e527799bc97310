// PostgreSQL over TLS: that a URL with sslmode=verify-full reaches the right server and no other.
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/certificates.h"
#include "common/postgres/database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/binaries.h"
#include "testing/servers/free_port.h"
#include "testing/servers/postgres_server.h"

namespace selfology::postgres {
namespace {

using crypto::Authority;
using ::testing::HasSubstr;

class TlsTest : public ::testing::Test {
 protected:
  static std::string File(std::string_view name) {
    return absl::StrCat(folder_->path(), "/", name);
  }
  static void Write(std::string_view name, const std::string& text) {
    std::ofstream(File(name)) << text;
    // The server takes no key that others may read.
    std::filesystem::permissions(File(name), std::filesystem::perms{0600});
  }
  static Authority MakeAuthority(std::string_view name) {
    return Authority::Make(name, absl::Now() - absl::Hours(1), absl::Now() + absl::Hours(1))
        .value();
  }
  // A server whose certificate is for `name`.
  static std::unique_ptr<servers::PostgresServer> Start(const std::string& name,
                                                        absl::Time not_after, int port) {
    const crypto::KeyedCertificate own = authority_
                                             ->Issue({.dns_names = {name},
                                                      .not_before = absl::Now() - absl::Hours(1),
                                                      .not_after = not_after})
                                             .value();
    Write(absl::StrCat(port, ".crt"), own.certificate);
    Write(absl::StrCat(port, ".key"), own.key);
    return servers::PostgresServer::Start(
               {.port = port,
                .settings = {{"ssl", "on"},
                             {"ssl_cert_file", File(absl::StrCat(port, ".crt"))},
                             {"ssl_key_file", File(absl::StrCat(port, ".key"))}}})
        .value();
  }

  static void SetUpTestSuite() {
    folder_ = std::make_unique<servers::ScratchFolder>(servers::ScratchFolder::Make().value());
    authority_ = std::make_unique<Authority>(MakeAuthority("ours"));
    Write("ca.crt", authority_->own().certificate);
    Write("other.crt", MakeAuthority("another").own().certificate);
    port_ = servers::FreePort();
    server_ = Start("db.example.com", absl::Now() + absl::Hours(1), port_);
  }
  static void TearDownTestSuite() {
    server_.reset();
    authority_.reset();
    folder_.reset();
  }

  static std::string Url(std::string_view host, std::string_view ca, int port) {
    return absl::StrCat("postgresql://postgres@", host, ":", port,
                        "/postgres?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=", File(ca));
  }
  // Whether the connection that answers is encrypted, or why there is none.
  static std::string Reach(const std::string& url) {
    auto database = Database::Open({.url = url}).value();
    const auto row = database->Read(Call::Background(absl::Seconds(20)), [](Transaction& tx) {
      return tx.QueryOne<std::string>(
          "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl");
    });
    return row.ok() ? std::get<0>(**row) : std::string(row.status().message());
  }

  static inline std::unique_ptr<servers::ScratchFolder> folder_;
  static inline std::unique_ptr<Authority> authority_;
  static inline std::unique_ptr<servers::PostgresServer> server_;
  static inline int port_ = 0;
};

TEST_F(TlsTest, TheRightServerIsReached) {
  EXPECT_EQ(Reach(Url("db.example.com", "ca.crt", port_)), "TLSv1.3");
}

TEST_F(TlsTest, AnotherNameIsRefused) {
  EXPECT_THAT(Reach(Url("other.example.com", "ca.crt", port_)),
              HasSubstr("does not match host name \"other.example.com\""));
}

TEST_F(TlsTest, AnotherAuthorityIsRefused) {
  EXPECT_THAT(Reach(Url("db.example.com", "other.crt", port_)),
              HasSubstr("certificate verify failed"));
}

TEST_F(TlsTest, AnExpiredCertificateIsRefused) {
  const int port = servers::FreePort();
  const auto expired = Start("db.example.com", absl::Now() - absl::Minutes(1), port);
  EXPECT_THAT(Reach(Url("db.example.com", "ca.crt", port)), HasSubstr("certificate verify failed"));
}

}  // namespace
}  // namespace selfology::postgres
