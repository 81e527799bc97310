#include "common/rpc/access_control.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/identity/roles.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "selfology/mesh/v1/erasure_service.pb.h"
#include "selfology/trait/v1/trait_service.pb.h"

namespace selfology::rpc {
namespace {

using identity::Caller;
using ::testing::HasSubstr;
using Kind = Caller::Kind;

constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";

class AccessControlTest : public ::testing::Test {
 protected:
  AccessControl Make(AccessControl::Options options = {}) {
    options.authenticate =
        [](const Call&,
           std::string_view authorization) -> absl::StatusOr<std::shared_ptr<const Caller>> {
      if (authorization == "Bearer good") {
        return std::make_shared<const Caller>(Caller{.kind = Kind::kPerson, .user_id = 7});
      }
      if (authorization == "Bearer coach") return identity::Service("coach");
      if (authorization == "Bearer later") return absl::UnavailableError("later");
      return absl::UnauthenticatedError("bad");
    };
    return AccessControl(std::move(options), metrics_);
  }

  static Call TestCall() { return Call::Background(absl::Seconds(20)); }

  observe::Metrics metrics_;
};

TEST_F(AccessControlTest, WhoSaysNothingIsAnonymous) {
  const AccessControl access = Make({.service_secret = kSecret});
  EXPECT_EQ((*access.Identify(TestCall(), {}))->kind, Kind::kAnonymous);
  EXPECT_EQ((*access.Identify(TestCall(), {.in_process = true}))->kind, Kind::kAnonymous);
}

TEST_F(AccessControlTest, ATokenSaysWho) {
  const AccessControl access = Make();
  const auto caller = access.Identify(TestCall(), {.authorization = "Bearer good"});
  EXPECT_EQ((*caller)->user_id, 7);
  EXPECT_EQ((*caller)->actor, "");
  EXPECT_TRUE(absl::IsUnauthenticated(
      access.Identify(TestCall(), {.authorization = "Bearer bad"}).status()));
  EXPECT_TRUE(
      absl::IsUnavailable(access.Identify(TestCall(), {.authorization = "Bearer later"}).status()));
  const std::string exposed = metrics_.Expose();
  EXPECT_THAT(exposed, HasSubstr(R"(auth_attempts_total{result="ok"} 1)"));
  EXPECT_THAT(exposed, HasSubstr(R"(auth_attempts_total{result="refused"} 1)"));
  EXPECT_THAT(exposed, HasSubstr(R"(auth_attempts_total{result="unavailable"} 1)"));
}

TEST_F(AccessControlTest, AServiceIsBelievedWithinTheProcess) {
  const AccessControl access = Make();
  const auto service = access.Identify(TestCall(), {.service = "coach", .in_process = true});
  EXPECT_EQ((*service)->kind, Kind::kService);
  EXPECT_EQ((*service)->service, "coach");
  const auto outside = access.Identify(TestCall(), {.service = "coach"});
  EXPECT_EQ((*outside)->kind, Kind::kAnonymous);
}

TEST_F(AccessControlTest, AServiceOutsideNeedsTheSecret) {
  const AccessControl access = Make({.service_secret = kSecret});
  const auto service = access.Identify(TestCall(), {.service = "coach", .service_secret = kSecret});
  EXPECT_EQ((*service)->service, "coach");
  EXPECT_EQ((*access.Identify(TestCall(), {.service = "coach"}))->kind, Kind::kAnonymous);
  for (const std::string_view wrong :
       {"x", "0123456789abcdef0123456789abcdeF", "0123456789abcdef0123456789abcdef0"}) {
    EXPECT_TRUE(absl::IsUnauthenticated(
        access.Identify(TestCall(), {.service = "coach", .service_secret = wrong}).status()))
        << wrong;
  }
  EXPECT_TRUE(
      absl::IsUnauthenticated(access.Identify(TestCall(), {.service_secret = kSecret}).status()));
}

TEST_F(AccessControlTest, WithoutASecretNobodyIsKnownByOne) {
  const AccessControl access = Make();
  const auto caller = access.Identify(TestCall(), {.service = "coach", .service_secret = "any"});
  EXPECT_EQ((*caller)->kind, Kind::kAnonymous);
}

TEST_F(AccessControlTest, WhoPassesATokenOnIsTheActor) {
  const AccessControl access = Make({.service_secret = kSecret});
  const auto within = access.Identify(
      TestCall(), {.authorization = "Bearer good", .service = "api_gateway", .in_process = true});
  EXPECT_EQ((*within)->kind, Kind::kPerson);
  EXPECT_EQ((*within)->user_id, 7);
  EXPECT_EQ((*within)->actor, "api_gateway");
  const auto claimed =
      access.Identify(TestCall(), {.authorization = "Bearer good", .service = "api_gateway"});
  EXPECT_EQ((*claimed)->actor, "") << "nobody vouches for it";
  EXPECT_TRUE(absl::IsUnauthenticated(
      access
          .Identify(TestCall(),
                    {.authorization = "Bearer bad", .service = "coach", .in_process = true})
          .status()))
      << "a bad token is no service's call";
}

TEST_F(AccessControlTest, ACertificateSaysWhichService) {
  const AccessControl access = Make({.service_secret = kSecret});
  const std::vector<std::string> certified = {"coach", "trait"};
  const auto named = [&](std::string_view service, std::string_view secret = "") {
    return *access.Identify(TestCall(),
                            {.service = service, .service_secret = secret, .certified = certified});
  };
  EXPECT_EQ(named("coach")->service, "coach");
  EXPECT_EQ(named("trait")->service, "trait");
  EXPECT_EQ(named("session")->service, "coach") << "whatever it says of itself";
  EXPECT_EQ(named("session", kSecret)->service, "coach") << "whatever it knows";
  EXPECT_EQ(named("")->kind, Kind::kAnonymous) << "it speaks for somebody else";

  const auto passed_on = access.Identify(
      TestCall(), {.authorization = "Bearer good", .service = "session", .certified = certified});
  EXPECT_EQ((*passed_on)->user_id, 7);
  EXPECT_EQ((*passed_on)->actor, "coach");
}

TEST_F(AccessControlTest, AServicesTokenIsForItsOwnCertificateOnly) {
  const AccessControl access = Make();
  const std::vector<std::string> own = {"coach"}, other = {"trait"};
  EXPECT_EQ(
      (*access.Identify(TestCall(), {.authorization = "Bearer coach", .certified = own}))->service,
      "coach");
  EXPECT_TRUE(absl::IsUnauthenticated(
      access.Identify(TestCall(), {.authorization = "Bearer coach", .certified = other}).status()));
}

TEST_F(AccessControlTest, WithoutAnAuthenticatorNoTokenIsTaken) {
  const AccessControl access({}, metrics_);
  EXPECT_TRUE(absl::IsUnauthenticated(
      access.Identify(TestCall(), {.authorization = "Bearer good"}).status()));
}

TEST_F(AccessControlTest, NotesStaffWhoNameOthersAndRefusedCalls) {
  const Call anybody = Call::Background(absl::Seconds(1));
  std::vector<AccessControl::Fact> facts;
  const AccessControl access = Make({.enforce = true, .note = [&](AccessControl::Fact fact) {
                                       facts.push_back(std::move(fact));
                                     }});
  const auto& service =
      *trait::v1::ListTraitHistoryRequest::descriptor()->file()->pool()->FindServiceByName(
          "selfology.trait.v1.TraitService");
  const AccessRule list(*service.FindMethodByName("ListTraitHistory"));
  const AccessRule erase(*service.FindMethodByName("DeleteUserData"));
  const auto person = [](std::vector<std::string> roles) {
    return Caller{.kind = Kind::kPerson,
                  .user_id = 7,
                  .roles = roles,
                  .permissions = identity::PatternsOf(roles)};
  };
  trait::v1::ListTraitHistoryRequest request;
  request.set_user_id(8);
  const Caller admin = person({"user", "admin"});
  // A call as the server makes it, and how it ended.
  const auto call = [&](const AccessRule& rule, const Caller& caller,
                        const google::protobuf::Message& asked, const std::string& method,
                        const absl::Status& ended) {
    EXPECT_TRUE(access.CheckSubject(anybody, rule, caller, asked, method).ok());
    auto fact = access.FactOf(rule, caller, asked, method);
    if (fact.has_value()) access.Note(*std::move(fact), ended);
  };
  call(list, admin, request, "List", absl::NotFoundError("nobody"));
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0], (AccessControl::Fact{7, "data.read", 8, "failed", "List"}));
  facts.clear();
  call(list, admin, request, "List", absl::OkStatus());
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0], (AccessControl::Fact{7, "data.read", 8, "ok", "List"}));
  EXPECT_TRUE(absl::IsPermissionDenied(
      access.CheckSubject(anybody, list, person({"user"}), request, "List")));
  EXPECT_TRUE(absl::IsPermissionDenied(access.CheckCaller(erase, person({"user"}), "Erase")));
  ASSERT_EQ(facts.size(), 3u);
  EXPECT_EQ(facts[1], (AccessControl::Fact{7, "call.made", 0, "refused", "List"}));
  EXPECT_EQ(facts[2].method, "Erase");
  request.set_user_id(7);
  call(list, admin, request, "List", absl::OkStatus());
  call(list, *identity::Service("coach"), request, "List", absl::OkStatus());
  EXPECT_EQ(facts.size(), 3u) << "their own, and services";

  const AccessRule erase_everywhere(*mesh::v1::EraseUserRequest::descriptor()
                                         ->file()
                                         ->FindServiceByName("ErasureService")
                                         ->FindMethodByName("EraseUser"));
  mesh::v1::EraseUserRequest erasure;
  erasure.set_user_id(8);
  call(erase_everywhere, admin, erasure, "EraseUser", absl::OkStatus());
  ASSERT_EQ(facts.size(), 4u);
  EXPECT_EQ(facts[3], (AccessControl::Fact{7, "data.changed", 0, "ok", "EraseUser"}))
      << "nothing names them from here on";
}

TEST_F(AccessControlTest, BearersAreReadAsTheyAreWritten) {
  EXPECT_EQ(*BearerOf("Bearer abc"), "abc");
  EXPECT_EQ(*BearerOf("bearer abc"), "abc");
  EXPECT_EQ(*BearerOf("BEARER  abc "), "abc");
  for (const char* bad : {"", "abc", "Bearer", "Bearer ", "Bearer   ", "Basic abc", "Bearerabc"}) {
    EXPECT_TRUE(absl::IsUnauthenticated(BearerOf(bad).status())) << bad;
  }
}

}  // namespace
}  // namespace selfology::rpc
