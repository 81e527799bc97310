// Every path of REST, asked of the real services: there is somebody at each, and nobody breaks.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/transcode/field_path.h"
#include "common/transcode/route_table.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "selfology/mesh/v1/http_response.pb.h"
#include "selfology/mesh/v1/options.pb.h"
#include "services/edge/api_gateway/contracts.h"
#include "services/edge/api_gateway/openapi.h"
#include "tests/rest/rest_fixture_test.h"

namespace selfology {
namespace {

using ::nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using transcode::Route;

class WalkTest : public RestMeshTest {
 protected:
  static const transcode::RouteTable& Routes() {
    static const auto* const routes = new transcode::RouteTable(
        transcode::RouteTable::Make(api_gateway::LinkedContracts()).value());
    return *routes;
  }

  // The route's path with the variables' values.
  static std::string PathOf(const Route& route, std::string_view number, std::string_view word) {
    std::string path = api_gateway::OpenApiPath(route);
    for (size_t i = 0; i < route.variables.size(); ++i) {
      const std::string name = absl::StrCat("{", route.path_template.variables[i].field, "}");
      const std::string_view value =
          transcode::IsInteger(*route.variables[i].back()) ? number : word;
      path = absl::StrReplaceAll(path, {{name, absl::string_view(value.data(), value.size())}});
    }
    return path;
  }

  // Whether the method says its whole HTTP answer: OAuth's errors, pages.
  static bool IsRaw(const Route& route) {
    return route.method->output_type() == mesh::v1::HttpResponse::descriptor();
  }

  // What no client may ever see, whatever it sends.
  static void ExpectServed(const Route& route, const Answer& answer, const std::string& asked) {
    const std::set<int> never = {0, 405, 500, 501};
    EXPECT_FALSE(never.contains(answer.status)) << asked << ": " << answer.status << answer.body;
    if (answer.status == 404) {
      // The service's own: it has no such thing. The gateway's has these words.
      EXPECT_THAT(answer.body, Not(HasSubstr("there is nothing at this path"))) << asked;
    }
    if (answer.status >= 400 && !IsRaw(route)) {
      EXPECT_EQ(answer.headers.Get("Content-Type"), "application/problem+json") << asked;
      EXPECT_EQ(answer.Json()["status_code"], answer.status) << asked;
    }
  }
};

// Streams go on until their client leaves; rest_service_test.cc has those.
bool GoesOn(const Route& route) {
  return route.method->server_streaming() &&
         route.method->options().GetExtension(mesh::v1::deadline).unlimited();
}

TEST_F(WalkTest, SomebodyIsAtEveryPath) {
  for (const auto& route : Routes().routes()) {
    if (GoesOn(*route)) continue;
    const std::string path = PathOf(*route, "7", "x");
    const std::string body = route->has_body ? "{}" : "";
    ExpectServed(*route, Send(route->verb, path, body), absl::StrCat(route->verb, " ", path));
  }
}

TEST_F(WalkTest, NonsenseIsTheClientsMistake) {
  for (const auto& route : Routes().routes()) {
    // OAuth passes over names that it does not know (RFC 6749, 3.1).
    if (GoesOn(*route) || IsRaw(*route)) continue;
    const std::string path = PathOf(*route, "99999999999999999999", "%FF");
    const std::string body = route->has_body ? R"({"nonsense": [1, {"a": null}]})" : "";
    const Answer answer = Send(route->verb, absl::StrCat(path, "?nonsense=1"), body);
    EXPECT_EQ(answer.status, 400) << route->verb << " " << path << ": " << answer.body;
    const json problem = answer.Json();
    EXPECT_TRUE(problem.contains("violations") && !problem["violations"].empty())
        << route->verb << " " << path << ": " << answer.body;
  }
}

TEST_F(WalkTest, TheDocumentAndThePageAreServed) {
  const Answer document = Send("GET", "/openapi.json");
  ASSERT_EQ(document.status, 200);
  EXPECT_EQ(document.Json()["openapi"], "3.1.0");
  const Answer page = Send("GET", "/docs");
  ASSERT_EQ(page.status, 200);
  EXPECT_THAT(page.body, ::testing::HasSubstr("/openapi.json"));
  // From here alone.
  EXPECT_THAT(page.body, ::testing::Not(::testing::HasSubstr("https://")));
}

}  // namespace
}  // namespace selfology
