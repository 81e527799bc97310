#include "services/platform/security/security_events.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/http/client.h"
#include "gmock/gmock.h"
#include "selfology/events/v1/security.pb.h"
#include "services/platform/security/security_fixture_test.h"

namespace selfology::security {
namespace {

using events::v1::AuditFactNoted;
using events::v1::LoginAttempted;
using events::v1::LoginOutcome;
using events::v1::RateLimitExceeded;
using events::v1::ThreatDetected;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kGroup[] = "security_monitoring";

class SecurityEventsTest : public SecurityTest {
 protected:
  void Attempt(const std::string& account, const std::string& address, LoginOutcome outcome,
               const std::string& country = "") {
    LoginAttempted event;
    event.set_user_id(kUser);
    event.set_account_hash(account);
    event.set_address_hash(address);
    event.set_outcome(outcome);
    event.set_country(country);
    Publish(event);
    ++published_;
  }
  void AwaitAll() { AwaitHandled(kGroup, published_); }

  std::vector<v1::Threat> Threats(v1::ThreatKind kind) {
    v1::ListThreatsRequest request;
    request.set_kind(kind);
    const auto response = audit_->ListThreats(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    return {response->threats().begin(), response->threats().end()};
  }

  size_t published_ = 0;
};

TEST_F(SecurityEventsTest, AnAttemptIsAuditedAndCounted) {
  Attempt("account", "address", events::v1::LOGIN_OUTCOME_SUCCEEDED);
  Attempt("account", "address", events::v1::LOGIN_OUTCOME_WRONG_PASSWORD);
  AwaitAll();
  const auto records = Audit("login.attempted", kUser);
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[1].outcome(), "ok");
  EXPECT_EQ(records[0].outcome(), "wrong_password");
  EXPECT_TRUE(VerifyChain().intact());
  http::Client client({});
  Await("both attempts to be counted", [&] {
    const auto response = client.Send(
        Deadline(), {.url = absl::StrCat("http://", host().http_address(), "/metrics")});
    if (!response.ok()) return false;
    const std::string& all = response->body;
    return all.find("auth_attempts_total{outcome=\"succeeded\"} 1") != std::string::npos &&
           all.find("auth_attempts_total{outcome=\"wrong_password\"} 1") != std::string::npos;
  });
  EXPECT_THAT(Published<ThreatDetected>(), IsEmpty());
}

TEST_F(SecurityEventsTest, BruteForceIsToldOfOnce) {
  for (int i = 0; i < 14; ++i) {
    Attempt("victim", absl::StrCat("address", i), events::v1::LOGIN_OUTCOME_WRONG_PASSWORD);
  }
  AwaitAll();
  const auto threats = Published<ThreatDetected>();
  ASSERT_THAT(threats, SizeIs(1));
  EXPECT_EQ(threats[0].kind(), v1::THREAT_KIND_BRUTE_FORCE);
  EXPECT_EQ(threats[0].source_hash(), "victim");
  EXPECT_EQ(threats[0].observed(), 10);
  EXPECT_THAT(Threats(v1::THREAT_KIND_BRUTE_FORCE), SizeIs(1));
  EXPECT_THAT(Threats(v1::THREAT_KIND_LIMIT_ABUSE), IsEmpty());
  EXPECT_THAT(Audit("threat.detected"), SizeIs(1));
}

TEST_F(SecurityEventsTest, StuffingIsSeenAcrossAccounts) {
  for (int i = 0; i < 12; ++i) {
    Attempt(absl::StrCat("account", i), "one address", events::v1::LOGIN_OUTCOME_WRONG_PASSWORD);
  }
  AwaitAll();
  const auto threats = Published<ThreatDetected>();
  ASSERT_THAT(threats, SizeIs(1));
  EXPECT_EQ(threats[0].kind(), v1::THREAT_KIND_CREDENTIAL_STUFFING);
  EXPECT_EQ(threats[0].source_hash(), "one address");
  EXPECT_EQ(threats[0].user_id(), 0);
}

TEST_F(SecurityEventsTest, SomebodyInTwoCountriesAtOnceIsATheft) {
  Attempt("account", "a", events::v1::LOGIN_OUTCOME_SUCCEEDED, "NL");
  AwaitAll();
  Attempt("account", "b", events::v1::LOGIN_OUTCOME_WRONG_PASSWORD, "BR");
  AwaitAll();
  EXPECT_THAT(Published<ThreatDetected>(), IsEmpty()) << "they did not get in";
  Attempt("account", "b", events::v1::LOGIN_OUTCOME_SUCCEEDED, "BR");
  AwaitAll();
  const auto threats = Published<ThreatDetected>();
  ASSERT_THAT(threats, SizeIs(1));
  EXPECT_EQ(threats[0].kind(), v1::THREAT_KIND_IMPOSSIBLE_TRAVEL);
  EXPECT_EQ(threats[0].user_id(), kUser);
}

TEST_F(SecurityEventsTest, CallsBeyondTheLimitsAddUp) {
  for (int i = 0; i < 3; ++i) {
    RateLimitExceeded event;
    event.set_source_hash("caller");
    event.set_route("/api/auth/login");
    event.set_refused_count(100);
    Publish(event);
  }
  AwaitHandled(kGroup, 3);
  const auto threats = Published<ThreatDetected>();
  ASSERT_THAT(threats, SizeIs(1));
  EXPECT_EQ(threats[0].kind(), v1::THREAT_KIND_LIMIT_ABUSE);
  EXPECT_EQ(threats[0].observed(), 300);
}

TEST_F(SecurityEventsTest, MalwareIsAudited) {
  events::v1::FileRejected event;
  event.set_user_id(kUser);
  event.set_file_id("0198c0de-0000-7000-8000-000000000001");
  Publish(event);
  event.set_infected(true);
  Publish(event);
  AwaitHandled(kGroup, 2);
  const auto records = Audit("file.scanned", kUser);
  ASSERT_THAT(records, SizeIs(1)) << "what is refused for another reason is none";
  EXPECT_EQ(records[0].outcome(), "malware");
  EXPECT_EQ(records[0].method(), event.file_id());
}

TEST_F(SecurityEventsTest, FactsOfOthersAreAuditedOnce) {
  AuditFactNoted event;
  event.set_service("file");
  event.set_actor_id(kUser);
  event.set_action("file.refused");
  event.set_outcome("refused");
  event.set_method("malware");
  Publish(event);
  AwaitHandled(kGroup, 1);
  ASSERT_EQ(Republish(), 1);
  AuditFactNoted next = event;
  next.set_action("signature.checked");
  Publish(next);
  AwaitHandled(kGroup, 2);
  EXPECT_THAT(Audit("file.refused", kUser), SizeIs(1));
  EXPECT_THAT(Audit("signature.checked", kUser), SizeIs(1));
  EXPECT_TRUE(VerifyChain().intact());
}

}  // namespace
}  // namespace selfology::security
