// A role that is taken away, with the token that still names it, at three processes that share nothing
// but PostgreSQL and Redis: each hears of it by the event, and asks nobody.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/rpc/channel.h"
#include "common/service/host.h"
#include "common/service/settings.h"
#include "common/status/status.h"
#include "gtest/gtest.h"
#include "selfology/security/v1/access_service_client.h"
#include "selfology/security/v1/token_service_client.h"
#include "services/modules.h"
#include "testing/eventually.h"
#include "testing/servers/postgres_test.h"
#include "testing/servers/redis_test.h"

ABSL_DECLARE_FLAG(std::string, outbox_relay_mode);
ABSL_DECLARE_FLAG(selfology::service::Secret, security_service_accounts);

namespace selfology {
namespace {

constexpr int kReplicas = 3;
constexpr int64_t kPerson = 123'456;
constexpr absl::Duration kPatience = absl::Seconds(30);
// The promise is one second. A busy machine with sanitizers gets more before the test calls it broken;
// what it took is in the test's log.
constexpr absl::Duration kSoon = absl::Seconds(5);

class ReplicasTest : public servers::PostgresTest {
 protected:
  void SetUp() override {
    // Needs no replication slot.
    absl::SetFlag(&FLAGS_outbox_relay_mode, "snapshot");
    absl::SetFlag(&FLAGS_security_service_accounts,
                  service::Secret{"office:a secret of the office:*"});
    for (int i = 0; i < kReplicas; ++i) {
      service::Settings settings;
      settings.database_url = url();
      settings.redis_url = servers::TestRedis().url();
      settings.event_partitions = 4;
      settings.drain_timeout = absl::Seconds(5);
      settings.replica = absl::StrCat("replica", i);
      settings.enforce_access = true;
      std::vector<std::unique_ptr<service::Module>> modules;
      for (const service::LinkedModule& linked : LinkedModules()) {
        const std::string_view name = linked.name;
        if (name == "security" || name == "user" || name == "outbox_relay") {
          modules.push_back(linked.make());
        }
      }
      auto host = service::Host::Start(std::move(settings), std::move(modules));
      ASSERT_TRUE(host.ok()) << host.status();
      hosts_.push_back(*std::move(host));
      channels_.push_back(std::make_shared<rpc::Channel>("mesh", calls_));
      channels_.back()->Bind(hosts_.back()->InProcessChannel());
    }
    security::v1::IssueServiceTokenRequest request;
    request.set_service("office");
    request.set_secret("a secret of the office");
    const auto office = Tokens(0).IssueServiceToken(Deadline(), request);
    ASSERT_TRUE(office.ok()) << office.status();
    office_ = office->tokens().access_token();
  }
  void TearDown() override {
    channels_.clear();
    hosts_.clear();
  }

  static Call Deadline() { return Call::Background(kPatience); }
  Call AsOffice() const { return Deadline().WithToken(office_); }
  security::v1::TokenServiceClient Tokens(size_t replica) {
    return security::v1::TokenServiceClient(channels_[replica]);
  }
  security::v1::AccessServiceClient Access(size_t replica) {
    return security::v1::AccessServiceClient(channels_[replica]);
  }

  // What that replica says to a call that needs the role "admin".
  std::string Ask(size_t replica, const std::string& token) {
    security::v1::ListGrantsRequest request;
    request.set_person_id(kPerson);
    return status::Reason(
        Access(replica).ListGrants(Deadline().WithToken(token), request).status());
  }

  const absl::FlagSaver flags_;
  observe::Metrics metrics_;
  observe::Requests calls_{&metrics_, "test_client"};
  std::vector<std::unique_ptr<service::Host>> hosts_;
  std::vector<std::shared_ptr<rpc::Channel>> channels_;
  std::string office_;
};

TEST_F(ReplicasTest, ARoleThatIsTakenAwayIsGoneEverywhereAtOnce) {
  security::v1::GrantRoleRequest grant;
  grant.set_user_id(kPerson);
  grant.set_role("admin");
  ASSERT_TRUE(Access(0).GrantRole(AsOffice(), grant).ok());
  security::v1::IssueTokensRequest sign_in;
  sign_in.set_user_id(kPerson);
  sign_in.set_method("password");
  sign_in.set_idempotency_key("sign in");
  const auto issued = Tokens(1).IssueTokens(AsOffice(), sign_in);
  ASSERT_TRUE(issued.ok()) << issued.status();
  const std::string old = issued->tokens().access_token();
  for (size_t i = 0; i < kReplicas; ++i) EXPECT_EQ(Ask(i, old), "OK") << i;

  security::v1::RevokeRoleRequest revoke;
  revoke.set_user_id(kPerson);
  revoke.set_role("admin");
  ASSERT_TRUE(Access(2).RevokeRole(AsOffice(), revoke).ok());
  const absl::Time revoked = absl::Now();
  for (size_t i = 0; i < kReplicas; ++i) {
    EXPECT_TRUE(testing::Eventually([&] { return Ask(i, old) == "UNAUTHENTICATED"; }, kPatience))
        << i;
  }
  const absl::Duration took = absl::Now() - revoked;
  RecordProperty("milliseconds", static_cast<int>(absl::ToInt64Milliseconds(took)));
  GTEST_LOG_(INFO) << "the last of " << kReplicas << " refused it after " << took;
  EXPECT_LE(took, kSoon);

  // Their session goes on, without the role.
  security::v1::RefreshTokensRequest refresh;
  refresh.set_refresh_token(issued->tokens().refresh_token());
  const auto next = Tokens(0).RefreshTokens(Deadline(), refresh);
  ASSERT_TRUE(next.ok()) << next.status();
  for (size_t i = 0; i < kReplicas; ++i) {
    EXPECT_EQ(Ask(i, next->tokens().access_token()), "PERMISSION_DENIED") << i;
  }
}

}  // namespace
}  // namespace selfology
