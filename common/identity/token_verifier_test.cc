#include "common/identity/token_verifier.h"

#include <string>

#include "absl/time/time.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "testing/tokens.h"

namespace selfology::identity {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::TokenSigner;

constexpr absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

absl::StatusOr<Caller> Read(const json& claims, absl::Time now = kNow) {
  return ReadClaims(claims.dump(), {}, now);
}

bool IsRefused(const absl::StatusOr<Caller>& caller) {
  return status::Reason(caller.status()) == "UNAUTHENTICATED";
}

json Person() { return TokenSigner::PersonClaims(7, {}, kNow); }

TEST(TokenVerifier, SaysWhoAPersonIs) {
  const TokenSigner signer("key-1");
  json claims = TokenSigner::PersonClaims(7, {"developer"}, kNow);
  claims["jti"] = "token-1";
  const auto caller = VerifyToken(signer.Sign(claims), KeySet({signer.key()}), {}, kNow);
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->kind, Caller::Kind::kPerson);
  EXPECT_EQ(caller->user_id, 7);
  EXPECT_EQ(caller->session_id, "session-of-7");
  EXPECT_EQ(caller->token_id, "token-1");
  EXPECT_THAT(caller->roles, ElementsAre("developer"));
  EXPECT_EQ(caller->issued_at, kNow);
  EXPECT_EQ(caller->expires_at, kNow + absl::Minutes(15));
  EXPECT_TRUE(Allows(*caller, "mesh.events.replay"));
  EXPECT_TRUE(Allows(*caller, "coaching.answers.write")) << "everybody is a user";
  EXPECT_FALSE(Allows(*caller, "mesh.data.erase"));
}

TEST(TokenVerifier, SaysWhichServiceItIs) {
  const auto caller =
      Read(TokenSigner::ServiceClaims("session", "coaching.* mesh.tokens.verify", kNow));
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->kind, Caller::Kind::kService);
  EXPECT_EQ(caller->service, "session");
  EXPECT_THAT(caller->permissions, ElementsAre("coaching.*", "mesh.tokens.verify"));
}

TEST(TokenVerifier, AServiceWithoutAScopeMayDoNothing) {
  json claims = TokenSigner::ServiceClaims("session", "", kNow);
  EXPECT_THAT(Read(claims)->permissions, IsEmpty());
  claims.erase("scope");
  EXPECT_THAT(Read(claims)->permissions, IsEmpty());
}

TEST(TokenVerifier, AServicesNameIsSaidTwice) {
  json claims = TokenSigner::ServiceClaims("session", "*", kNow);
  claims["sub"] = "coach";
  EXPECT_TRUE(IsRefused(Read(claims)));
  claims["sub"] = "7";
  EXPECT_TRUE(IsRefused(Read(claims))) << "a person's token is no service's";
}

TEST(TokenVerifier, AnAppMayDoWhatItsScopeAndItsPersonMay) {
  json claims = Person();
  claims["client_id"] = "app";
  EXPECT_THAT(Read(claims)->permissions, IsEmpty());
  claims["scope"] = "coaching.answers.read mesh.events.replay  edge.bots.*";
  const auto caller = Read(claims);
  EXPECT_EQ(caller->kind, Caller::Kind::kPerson);
  EXPECT_EQ(caller->client_id, "app");
  EXPECT_THAT(caller->permissions, ElementsAre("coaching.answers.read"));
}

TEST(TokenVerifier, AnAppOfItsOwnIsAMachineWithoutAPerson) {
  json claims = Person();
  claims["sub"] = claims["client_id"] = "app";
  EXPECT_TRUE(IsRefused([&] {
    json with_roles = claims;
    with_roles["roles"] = {"admin"};
    return Read(with_roles);
  }()));
  claims["scope"] = "platform.models.read";
  const auto caller = Read(claims);
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->kind, Caller::Kind::kMachine);
  EXPECT_EQ(caller->user_id, 0);
  EXPECT_THAT(caller->permissions, ElementsAre("platform.models.read"));
}

TEST(TokenVerifier, APersonsScopeAddsNothing) {
  json claims = Person();
  claims["scope"] = "*";
  EXPECT_FALSE(Allows(*Read(claims), "mesh.data.erase"));
  EXPECT_TRUE(Allows(*Read(claims), "coaching.answers.write"));
  claims["roles"] = {"no such role", "user"};
  EXPECT_FALSE(Allows(*Read(claims), "mesh.data.erase"));
}

TEST(TokenVerifier, TimesCountWithLeeway) {
  const absl::Time expires = kNow + absl::Minutes(15);
  EXPECT_TRUE(Read(Person(), expires + absl::Seconds(29)).ok());
  EXPECT_TRUE(IsRefused(Read(Person(), expires + absl::Seconds(30))));
  EXPECT_TRUE(Read(Person(), kNow - absl::Seconds(30)).ok());
  EXPECT_TRUE(IsRefused(Read(Person(), kNow - absl::Seconds(31))));
  json claims = Person();
  claims["nbf"] = absl::ToUnixSeconds(kNow) + 60;
  EXPECT_TRUE(IsRefused(Read(claims)));
  EXPECT_TRUE(Read(claims, kNow + absl::Seconds(30)).ok());
}

TEST(TokenVerifier, TimesMayHaveFractions) {
  json claims = Person();
  claims["iat"] = 1'799'999'999.25;
  EXPECT_EQ(Read(claims)->issued_at, kNow - absl::Milliseconds(750));
}

TEST(TokenVerifier, ClaimsThatAreMissingOrWrongAreRefused) {
  ASSERT_TRUE(Read(Person()).ok());
  for (const char* name : {"iss", "aud", "sub", "iat", "exp", "jti"}) {
    json claims = Person();
    claims.erase(name);
    EXPECT_TRUE(IsRefused(Read(claims))) << name;
    const json wrong_values[] = {
        nullptr, true, -1, 1e300, "", "x", json::array(), json::object(), json::array({1})};
    for (const json& wrong : wrong_values) {
      if (std::string_view(name) == "jti" && wrong == "x") continue;
      claims[name] = wrong;
      EXPECT_TRUE(IsRefused(Read(claims))) << name << " = " << wrong;
    }
  }
  for (const char* name : {"sid", "roles", "service", "scope", "client_id"}) {
    json claims = Person();
    claims[name] = 1;
    EXPECT_TRUE(IsRefused(Read(claims))) << name;
  }
}

TEST(TokenVerifier, OnlyPersonsHaveNumbersAndOneSpellingOfThem) {
  for (const char* subject :
       {"0", "-7", "07", "+7", " 7", "7 ", "7.0", "9223372036854775808", "x"}) {
    json claims = Person();
    claims["sub"] = subject;
    EXPECT_TRUE(IsRefused(Read(claims))) << subject;
  }
}

TEST(TokenVerifier, TheAudienceMayBeOneOfSeveral) {
  json claims = Person();
  claims["aud"] = {"other", "selfology"};
  EXPECT_TRUE(Read(claims).ok());
  claims["aud"] = {"other"};
  EXPECT_TRUE(IsRefused(Read(claims)));
  claims["aud"] = "selfology.example";
  EXPECT_TRUE(IsRefused(Read(claims)));
}

TEST(TokenVerifier, NoErrorRepeatsWhatATokenSays) {
  json claims = Person();
  claims["iss"] = "very secret";
  EXPECT_THAT(std::string(Read(claims).status().message()),
              Not(::testing::HasSubstr("very secret")));
}

}  // namespace
}  // namespace selfology::identity
