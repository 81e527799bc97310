#include "services/edge/api_gateway/openapi.h"

#include <set>
#include <string>

#include "common/transcode/route_table.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "proto/contracts_embedded.h"
#include "services/edge/api_gateway/comments.h"
#include "services/edge/api_gateway/contracts.h"

namespace selfology::api_gateway {
namespace {

using ::nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const transcode::RouteTable& Routes() {
  static const auto* const routes =
      new transcode::RouteTable(transcode::RouteTable::Make(LinkedContracts()).value());
  return *routes;
}

const json& Document() {
  static const auto* const document =
      new json(json::parse(OpenApi(Routes(), Comments(contracts::kContractsBinpb))));
  return *document;
}

// Two methods with one path fail here, with both names.
TEST(OpenApiTest, NoTwoContractsClaimOnePath) {
  const auto routes = transcode::RouteTable::Make(LinkedContracts());
  EXPECT_TRUE(routes.ok()) << routes.status();
  EXPECT_GT(routes->routes().size(), 50u);
}

TEST(OpenApiTest, HasEveryRoute) {
  size_t operations = 0;
  std::set<std::string> ids;
  for (const auto& [path, item] : Document()["paths"].items()) {
    for (const auto& [verb, operation] : item.items()) {
      ++operations;
      EXPECT_TRUE(ids.insert(operation["operationId"].get<std::string>()).second)
          << operation["operationId"];
      EXPECT_FALSE(operation.value("description", "").empty()) << verb << " " << path;
      EXPECT_TRUE(operation["responses"].contains("default")) << verb << " " << path;
    }
  }
  EXPECT_EQ(operations, Routes().routes().size());
}

// A document of which a part is missing is of no use to any generator.
void CheckReferences(const json& part) {
  if (part.is_object() && part.contains("$ref") && part["$ref"].is_string()) {
    const std::string reference = part["$ref"];
    ASSERT_THAT(reference, StartsWith("#/"));
    EXPECT_TRUE(Document().contains(json::json_pointer(reference.substr(1)))) << reference;
  }
  if (!part.is_structured()) return;
  for (const json& inner : part) CheckReferences(inner);
}

TEST(OpenApiTest, RefersToWhatIsThere) { CheckReferences(Document()); }

TEST(OpenApiTest, NamesEachVariableOfAPath) {
  for (const auto& [path, item] : Document()["paths"].items()) {
    for (const auto& [verb, operation] : item.items()) {
      size_t in_path = 0;
      for (const json& parameter : operation["parameters"]) {
        if (parameter["in"] != "path") continue;
        ++in_path;
        EXPECT_THAT(path, HasSubstr("{" + parameter["name"].get<std::string>() + "}"));
      }
      EXPECT_EQ(in_path, static_cast<size_t>(std::count(path.begin(), path.end(), '{'))) << path;
    }
  }
}

TEST(OpenApiTest, SaysWhatTheContractSays) {
  const json& read = Document()["paths"]["/api/v1/profiles/{user_id}"]["get"];
  EXPECT_EQ(read["summary"], "Reads a profile");
  EXPECT_EQ(read["x-permission"], "coaching.profiles.read");
  EXPECT_EQ(read["x-deadline-ms"], 3000);
  const json& change = Document()["paths"]["/api/v1/profiles/{user_id}"]["patch"];
  EXPECT_TRUE(change.contains("requestBody"));
  EXPECT_EQ(Document()["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
}

TEST(CommentsTest, TakesOneSentence) {
  EXPECT_EQ(FirstSentence("Reads a profile. Errors: none."), "Reads a profile");
  EXPECT_EQ(FirstSentence("Reads 1.5 profiles."), "Reads 1.5 profiles");
}

}  // namespace
}  // namespace selfology::api_gateway
