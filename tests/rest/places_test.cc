// Where people sign in from: the gateway knows the address, security its country, and an account that
// is in two countries at once is told of, once.
#include <string>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "testing/eventually.h"
#include "testing/servers/binaries.h"
#include "tests/rest/country_file_test.h"
#include "tests/rest/rest_fixture_test.h"

ABSL_DECLARE_FLAG(std::string, security_country_database);

namespace selfology {
namespace {

using ::nlohmann::json;

constexpr char kDutch[] = "203.0.113.7", kBrazilian[] = "198.51.100.9", kNowhere[] = "192.0.2.1";
constexpr absl::Duration kPatience = absl::Seconds(30);

class PlacesTest : public RestMeshTest {
 protected:
  void SetUp() override {
    const std::string path = absl::StrCat(scratch_.path(), "/country.mmdb");
    WriteCountryFile(path, {{"203.0.113.0/24", "NL"}, {"198.51.100.0/24", "BR"}});
    absl::SetFlag(&FLAGS_security_country_database, path);
    RestMeshTest::SetUp();
    // Behind a proxy, which says whom it calls for.
    Start({.requests_per_minute = 0, .proxies = 1});
    const Answer registered =
        Send("POST", "/api/auth/register",
             R"({"email": "ann@example.org", "password": "seven green lanterns",
                 "first_name": "Ann"})");
    ASSERT_EQ(registered.status, 200) << registered.body;
    person_ = registered.Json()["user_id"];
  }

  Answer Login(const std::string& address, const std::string& password = "seven green lanterns") {
    const json body = {{"email", "ann@example.org"},
                       {"password", password},
                       // The client's own word counts for nothing.
                       {"network_address", kNowhere}};
    return Send("POST", "/api/auth/login", body.dump(), {{"X-Forwarded-For", address}});
  }

  json Audited() {
    const Answer answer =
        Send("GET", absl::StrCat("/api/security/audit?action=login.attempted&person_id=", person_));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.Json()["records"];
  }
  json Threats() {
    const Answer answer = Send("GET", "/api/security/threats");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.Json()["threats"];
  }
  void AwaitAudited(size_t attempts) {
    ASSERT_TRUE(testing::Eventually([&] { return Audited().size() == attempts; }, kPatience));
  }

  servers::ScratchFolder scratch_ = *servers::ScratchFolder::Make();
  std::string person_;
};

TEST_F(PlacesTest, SomebodyInTwoCountriesAtOnceIsToldOfOnce) {
  ASSERT_EQ(Login(kDutch).status, 200);
  AwaitAudited(1);
  ASSERT_EQ(Login(kDutch).status, 200);
  ASSERT_EQ(Login(kNowhere).status, 200);
  AwaitAudited(3);
  EXPECT_EQ(Threats().size(), 0u);
  EXPECT_EQ(Login(kBrazilian, "not her password").status, 401);
  AwaitAudited(4);
  EXPECT_EQ(Threats().size(), 0u) << "they did not get in";
  ASSERT_EQ(Login(kBrazilian).status, 200);
  AwaitAudited(5);
  const json threats = Threats();
  ASSERT_EQ(threats.size(), 1u) << threats;
  EXPECT_EQ(threats[0]["kind"], "THREAT_KIND_IMPOSSIBLE_TRAVEL");
  EXPECT_EQ(threats[0]["user_id"], person_);
  // The audit says which country each attempt came from, also those that failed.
  std::vector<std::string> countries;
  for (const json& record : Audited()) countries.push_back(record["method"]);
  EXPECT_THAT(countries, ::testing::ElementsAre("BR", "BR", "", "NL", "NL"));
}

}  // namespace
}  // namespace selfology
