#include "services/edge/api_gateway/cors.h"

#include <string>

#include "gtest/gtest.h"

namespace selfology::api_gateway {
namespace {

using http::Headers;

std::optional<std::string> Allowed(const Cors& cors, const std::string& origin) {
  Headers response;
  cors.Allow({{"Origin", origin}}, response);
  EXPECT_FALSE(response.Get("Access-Control-Allow-Credentials").has_value());
  const auto allowed = response.Get("Access-Control-Allow-Origin");
  if (!allowed.has_value()) return std::nullopt;
  return std::string(*allowed);
}

TEST(CorsTest, LetsInWhoIsListed) {
  const Cors cors({"https://app.example.org", "http://localhost:3000"});
  EXPECT_EQ(Allowed(cors, "https://app.example.org"), "https://app.example.org");
  EXPECT_EQ(Allowed(cors, "http://localhost:3000"), "http://localhost:3000");
  EXPECT_EQ(Allowed(cors, "https://app.example.org.evil.example"), std::nullopt);
  EXPECT_EQ(Allowed(cors, "null"), std::nullopt);
  EXPECT_EQ(Allowed(Cors({}), "https://app.example.org"), std::nullopt);
  EXPECT_EQ(Allowed(Cors({"*"}), "https://anybody.example"), "*");
}

TEST(CorsTest, AnswersPreflights) {
  const Headers asked = {{"Origin", "https://app.example.org"},
                         {"Access-Control-Request-Method", "PATCH"}};
  EXPECT_TRUE(Cors::IsPreflight("OPTIONS", asked));
  EXPECT_FALSE(Cors::IsPreflight("GET", asked));
  EXPECT_FALSE(Cors::IsPreflight("OPTIONS", {{"Origin", "https://app.example.org"}}));
  Headers response;
  Cors({"https://app.example.org"}).AllowPreflight(asked, "GET, PATCH", response);
  EXPECT_EQ(response.Get("Access-Control-Allow-Methods"), "GET, PATCH");
  Headers refused;
  Cors({"https://other.example"}).AllowPreflight(asked, "GET, PATCH", refused);
  EXPECT_FALSE(refused.Get("Access-Control-Allow-Methods").has_value());
}

TEST(CorsTest, ChecksItsSettings) {
  EXPECT_TRUE(Cors::Check({"*", "https://app.example.org", "http://127.0.0.1:3000"}).ok());
  for (const char* bad : {"app.example.org", "https://", "https://a.example/", "ftp://a.example"}) {
    EXPECT_FALSE(Cors::Check({bad}).ok()) << bad;
  }
}

}  // namespace
}  // namespace selfology::api_gateway
