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
      // Any error, or each that the contract names.
      const json& responses = operation["responses"];
      EXPECT_TRUE(responses.contains("default") || responses.contains("503"))
          << verb << " " << path;
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

TEST(OpenApiTest, NamesTheErrorsThatTheContractNames) {
  const json& change = Document()["paths"]["/api/users/{user_id}"]["patch"]["responses"];
  EXPECT_EQ(change["404"]["description"], "NOT_FOUND, USER_NOT_FOUND") << "as UpdateUser's";
  EXPECT_EQ(change["409"]["description"], "VERSION_CONFLICT");
  EXPECT_TRUE(change.contains("415"));
  EXPECT_FALSE(change.contains("default"));
  const json& login = Document()["paths"]["/api/auth/login"]["post"]["responses"];
  EXPECT_THAT(login["401"]["description"].get<std::string>(), HasSubstr("SECOND_FACTOR_REQUIRED"));
  EXPECT_FALSE(login.contains("404"));
  const json& models = Document()["paths"]["/api/agent/models"]["get"]["responses"];
  EXPECT_FALSE(models.contains("413")) << "it takes no body";
  // OAuth's errors are those of its standard.
  EXPECT_TRUE(Document()["paths"]["/oauth/token"]["post"]["responses"].contains("default"));
}

TEST(OpenApiTest, ExamplesAreSpeltAsTheSchemas) {
  const json& body =
      Document()["paths"]["/api/agent/completions"]["post"]["requestBody"]["content"];
  EXPECT_EQ(body["application/json"]["example"]["input"]["task"], "TASK_COACH_REPLY");
  const json& sent =
      Document()["paths"]["/api/notifications/send"]["post"]["requestBody"]["content"];
  EXPECT_TRUE(sent["application/json"]["example"]["user_id"].is_string());
}

TEST(OpenApiTest, NamesOfVariablesAreWords) {
  const auto& paths = Document()["paths"];
  EXPECT_TRUE(paths.contains("/api/v1/telegram/chats/{filter_chat_id}/messages"));
  for (const auto& [path, item] : paths.items()) {
    EXPECT_EQ(path.find('.', path.find('{')), std::string::npos) << path;
  }
}

TEST(CommentsTest, TakesOneSentence) {
  EXPECT_EQ(FirstSentence("Reads a profile. Errors: none."), "Reads a profile");
  EXPECT_EQ(FirstSentence("Reads 1.5 profiles."), "Reads 1.5 profiles");
}

}  // namespace
}  // namespace selfology::api_gateway
