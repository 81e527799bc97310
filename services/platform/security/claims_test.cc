#include "services/platform/security/claims.h"

#include <nlohmann/json.hpp>

#include "common/identity/token_verifier.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::security {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1'760'000'000);

TokenFacts Person() {
  return {.issuer = "selfology",
          .subject = "1001",
          .token_id = "t1",
          .session_id = "s1",
          .roles = {"user", "editor"},
          .issued_at = kNow,
          .expires_at = kNow + absl::Minutes(15)};
}

TEST(ClaimsTest, ComeBackAsTheyWere) {
  for (TokenFacts facts : {Person(), TokenFacts{.issuer = "i",
                                                .subject = "ads",
                                                .token_id = "t",
                                                .service = "ads",
                                                .scope = "studio.*",
                                                .issued_at = kNow,
                                                .expires_at = kNow}}) {
    EXPECT_EQ(*FromClaims(ToClaims(facts)), facts);
  }
  EXPECT_FALSE(FromClaims("[]").ok());
  EXPECT_FALSE(FromClaims("").ok());
}

// What the kernel of every process makes of them.
TEST(ClaimsTest, AreThoseThatTheKernelReads) {
  const auto person = identity::ReadClaims(ToClaims(Person()), {}, kNow);
  ASSERT_TRUE(person.ok()) << person.status();
  EXPECT_EQ(person->kind, identity::Caller::Kind::kPerson);
  EXPECT_EQ(person->user_id, 1001);
  EXPECT_EQ(person->session_id, "s1");
  EXPECT_EQ(person->token_id, "t1");
  EXPECT_TRUE(identity::Allows(*person, "studio.posts.write"));

  const auto service = identity::ReadClaims(ToClaims({.issuer = "selfology",
                                                      .subject = "ads",
                                                      .token_id = "t",
                                                      .service = "ads",
                                                      .scope = "studio.*",
                                                      .issued_at = kNow,
                                                      .expires_at = kNow + absl::Hours(1)}),
                                            {}, kNow);
  ASSERT_TRUE(service.ok()) << service.status();
  EXPECT_EQ(service->kind, identity::Caller::Kind::kService);
  EXPECT_THAT(service->permissions, ElementsAre("studio.*"));

  const auto app = identity::ReadClaims(ToClaims({.issuer = "selfology",
                                                  .subject = "diary",
                                                  .token_id = "t",
                                                  .client_id = "diary",
                                                  .scope = "studio.posts.read",
                                                  .issued_at = kNow,
                                                  .expires_at = kNow + absl::Hours(1)}),
                                        {}, kNow);
  ASSERT_TRUE(app.ok()) << app.status();
  EXPECT_EQ(app->kind, identity::Caller::Kind::kMachine);
}

TEST(ClaimsTest, KnowAPersonFromAServiceWithANumberForAName) {
  EXPECT_EQ(PersonOf(Person()), 1001);
  for (const char* other : {"", "0", "-1", "01", "+1", "1 ", "diary", "99999999999999999999"}) {
    EXPECT_EQ(PersonOf({.subject = other}), 0) << other;
  }
  EXPECT_EQ(PersonOf({.subject = "1001", .service = "1001"}), 0);
}

TEST(ClaimsTest, AnIdTokenIsForTheAppAndNoAccessToken) {
  const std::string text = ToIdClaims({.issuer = "https://id.example",
                                       .user_id = 7,
                                       .client_id = "diary",
                                       .session_id = "s1",
                                       .nonce = "n",
                                       .signed_in_at = kNow - absl::Minutes(1),
                                       .issued_at = kNow,
                                       .expires_at = kNow + absl::Minutes(15)});
  const json claims = json::parse(text);
  EXPECT_EQ(claims["aud"], "diary");
  EXPECT_EQ(claims["sub"], "7");
  EXPECT_EQ(claims["nonce"], "n");
  EXPECT_EQ(claims["auth_time"], absl::ToUnixSeconds(kNow) - 60);
  EXPECT_FALSE(identity::ReadClaims(text, {}, kNow).ok());
}

TEST(ClaimsTest, ATokenOfTheSecondOfARevocationIsDatedBehindIt) {
  const absl::Time revoked = kNow + absl::Milliseconds(300);
  EXPECT_EQ(IssueTime(kNow + absl::Milliseconds(500), revoked), kNow + absl::Seconds(1));
  EXPECT_EQ(IssueTime(kNow + absl::Milliseconds(300), revoked), kNow + absl::Seconds(1));
  EXPECT_EQ(IssueTime(kNow + absl::Milliseconds(1500), revoked), kNow + absl::Seconds(1));
  EXPECT_EQ(IssueTime(kNow + absl::Milliseconds(500), absl::InfinitePast()), kNow);
  EXPECT_EQ(IssueTime(kNow + absl::Milliseconds(500), kNow), kNow);
}

}  // namespace
}  // namespace selfology::security
