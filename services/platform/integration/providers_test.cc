#include "services/platform/integration/providers.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::integration {
namespace {

using ::testing::HasSubstr;

TEST(ProvidersTest, KnowsSomeAndTakesAny) {
  const auto providers = ParseProviders(R"([
      {"id": "github", "client_id": "c", "client_secret": "s",
       "redirect_uris": ["https://app.example.org/back"]},
      {"id": "slack", "client_id": "c", "redirect_uris": ["https://app.example.org/back"],
       "default_scopes": ["channels:read"]},
      {"id": "own", "client_id": "c", "redirect_uris": ["http://localhost:3000/back"],
       "authorization_url": "https://own.example/a", "token_url": "https://own.example/t",
       "api_url": "https://own.example/api/"}])");
  ASSERT_TRUE(providers.ok()) << providers.status();
  EXPECT_EQ(providers->at("github").display, "GitHub");
  EXPECT_EQ(providers->at("github").revocation, Revocation::kGithub);
  EXPECT_THAT(providers->at("slack").default_scopes, ::testing::ElementsAre("channels:read"));
  EXPECT_EQ(providers->at("own").api_url, "https://own.example/api");
  EXPECT_EQ(providers->at("own").revocation, Revocation::kNone);
  EXPECT_TRUE(ParseProviders("")->empty());
}

TEST(ProvidersTest, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> wrong[] = {
      {"{}", "array"},
      {"[1]", "objects"},
      {R"([{"id": "A", "client_id": "c"}])", "id must be"},
      {R"([{"id": "github"}])", "client_id"},
      {R"([{"id": "github", "client_id": "c"}])", "redirect_uris"},
      {R"([{"id": "github", "client_id": "c", "redirect_uris": ["http://a"]}])", "https"},
      {R"([{"id": "x", "client_id": "c", "redirect_uris": ["https://a"]}])", "authorization_url"},
      {R"([{"id": "github", "client_id": 5}])", "client_id is of another type"},
      {R"([{"id": "github", "client_id": "c", "revocation": "?"}])", "revocation"}};
  for (const auto& [json, message] : wrong) {
    const auto providers = ParseProviders(json);
    ASSERT_FALSE(providers.ok()) << json;
    EXPECT_THAT(std::string(providers.status().message()), HasSubstr(message)) << json;
  }
}

}  // namespace
}  // namespace selfology::integration
