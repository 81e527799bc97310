#include "common/http/router.h"

#include <gtest/gtest.h>

#include <string>

namespace selfology::http {
namespace {

Route At(std::string method, std::string path) {
  return {.method = std::move(method), .path = std::move(path), .handler = [](const Request&) {
            return Response();
          }};
}

std::string Found(const Router& router, std::string_view method, std::string_view path) {
  const Router::Match match = router.Find(method, path, false);
  if (match.route != nullptr) return match.route->method + " " + match.route->path;
  return match.allow.empty() ? "none" : "allow " + match.allow;
}

TEST(RouterTest, TheExactAndTheLongerPathWin) {
  const auto router = Router::Make({At("GET", "/"), At("GET", "/a"), At("GET", "/a/*"),
                                    At("GET", "/a/b/*"), At("POST", "/a/b/*"), At("GET", "/a/b/c")},
                                   {});
  ASSERT_TRUE(router.ok());
  EXPECT_EQ(Found(*router, "GET", "/"), "GET /");
  EXPECT_EQ(Found(*router, "GET", "/a"), "GET /a");
  EXPECT_EQ(Found(*router, "GET", "/a/"), "GET /a/*");
  EXPECT_EQ(Found(*router, "GET", "/a/x/y"), "GET /a/*");
  EXPECT_EQ(Found(*router, "GET", "/a/b/x"), "GET /a/b/*");
  EXPECT_EQ(Found(*router, "GET", "/a/b/c"), "GET /a/b/c");
  EXPECT_EQ(Found(*router, "POST", "/a/b/c"), "POST /a/b/*");
  EXPECT_EQ(Found(*router, "HEAD", "/a"), "GET /a");
  EXPECT_EQ(Found(*router, "DELETE", "/a/b/x"), "allow GET, POST");
  EXPECT_EQ(Found(*router, "GET", "/b"), "none");
}

TEST(RouterTest, ARootPrefixTakesTheRest) {
  const auto router = Router::Make({At("GET", "/*"), At("GET", "/a")}, {});
  ASSERT_TRUE(router.ok());
  EXPECT_EQ(Found(*router, "GET", "/x/y"), "GET /*");
  EXPECT_EQ(Found(*router, "GET", "/"), "GET /*");
  EXPECT_EQ(Found(*router, "GET", "/a"), "GET /a");
}

TEST(RouterTest, AStarTakesTheOtherMethods) {
  const auto router = Router::Make({At("*", "/*"), At("GET", "/a"), At("*", "/a")}, {});
  ASSERT_TRUE(router.ok());
  EXPECT_EQ(Found(*router, "GET", "/a"), "GET /a");
  EXPECT_EQ(Found(*router, "HEAD", "/a"), "GET /a");
  EXPECT_EQ(Found(*router, "PATCH", "/a"), "* /a");
  EXPECT_EQ(Found(*router, "BREW", "/x"), "* /*");
}

TEST(RouterTest, WebSocketsAndRoutesShareAPath) {
  const auto router = Router::Make({At("GET", "/both")}, {{.path = "/both"}, {.path = "/only"}});
  ASSERT_TRUE(router.ok());
  EXPECT_NE(router->Find("GET", "/both", true).web_socket, nullptr);
  EXPECT_NE(router->Find("GET", "/both", false).route, nullptr);
  EXPECT_TRUE(router->Find("GET", "/only", false).needs_upgrade);
  EXPECT_NE(router->Find("GET", "/only", true).web_socket, nullptr);
}

TEST(RouterTest, RefusesBadRoutes) {
  EXPECT_FALSE(Router::Make({At("GET", "a")}, {}).ok());
  EXPECT_FALSE(Router::Make({At("GET", "/*/a")}, {}).ok());
  EXPECT_FALSE(Router::Make({At("GET", "/a*")}, {}).ok());
  EXPECT_FALSE(Router::Make({At("GET", "/a"), At("GET", "/a")}, {}).ok());
  EXPECT_FALSE(Router::Make({{.path = "/a", .handler = nullptr}}, {}).ok());
  EXPECT_FALSE(Router::Make({}, {{.path = "/w"}, {.path = "/w"}}).ok());
}

}  // namespace
}  // namespace selfology::http
