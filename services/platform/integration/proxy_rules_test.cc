#include "services/platform/integration/proxy_rules.h"

#include <string>

#include "gtest/gtest.h"

namespace selfology::integration {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1764489600);

bool IsPath(const std::string& path) {
  v1::CallProviderRequest request;
  request.set_method("GET");
  request.set_path(path);
  status::FieldViolations bad;
  CheckProxied(request, bad);
  return bad.empty();
}

TEST(ProxyRulesTest, PathsStayBelowTheApi) {
  for (const char* path : {"/", "/user", "/repos/a/b%20c", "/v1/pages/1:2@3"}) {
    EXPECT_TRUE(IsPath(path)) << path;
  }
  for (const char* path : {"", "user", "//evil.com/a", "/a/../b", "/a?b=c", "/a#b", "/a b", "/a\n",
                           "@evil.com/", "/\\evil.com", "/%00", "http://evil.com/"}) {
    EXPECT_FALSE(IsPath(path)) << path;
  }
}

TEST(ProxyRulesTest, HeadersThatProveOrRouteAreOurs) {
  for (const char* name : {"Authorization", "cookie", "HOST", "Content-Length", "a b", ""}) {
    v1::CallProviderRequest request;
    request.set_method("GET");
    request.set_path("/");
    request.add_headers()->set_key(name);
    status::FieldViolations bad;
    CheckProxied(request, bad);
    EXPECT_FALSE(bad.empty()) << name;
  }
}

TEST(ProxyRulesTest, ObeysLimits) {
  const auto until = [](int status, http::Headers headers) {
    return ThrottledUntil(status, headers, kNow);
  };
  EXPECT_EQ(until(429, {{"Retry-After", "7"}}), kNow + absl::Seconds(7));
  EXPECT_EQ(until(429, {}), kNow + absl::Minutes(1));
  EXPECT_EQ(until(403, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1764489700"}}),
            kNow + absl::Seconds(100));
  EXPECT_EQ(until(403, {{"Retry-After", "30"}}), kNow + absl::Seconds(30)) << "a secondary limit";
  EXPECT_FALSE(until(403, {{"X-RateLimit-Remaining", "10"}}).has_value()) << "forbidden, no more";
  EXPECT_FALSE(until(403, {}).has_value());
  EXPECT_FALSE(until(200, {{"X-RateLimit-Remaining", "0"}}).has_value());
  EXPECT_EQ(until(429, {{"Retry-After", "9999999"}}), kNow + absl::Hours(24));
}

}  // namespace
}  // namespace selfology::integration
