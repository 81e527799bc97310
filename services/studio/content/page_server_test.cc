#include "services/studio/content/page_server.h"

#include <memory>
#include <regex>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/http/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::content {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PageServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto routes = PageRoutes({.api_base = "https://api.example.org"});
    ASSERT_TRUE(routes.ok()) << routes.status();
    auto server = http::Server::Start({}, *routes);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  http::ClientResponse Get(const std::string& path, const http::Headers& headers = {}) {
    auto response = client_.Send(Call::Background(absl::Seconds(30)),
                                 {.method = "GET",
                                  .url = absl::StrCat("http://127.0.0.1:", server_->port(), path),
                                  .headers = headers});
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : http::ClientResponse();
  }

  http::Client client_{{}};
  std::unique_ptr<http::Server> server_;
};

TEST_F(PageServerTest, EverythingThatThePageNamesIsThere) {
  const http::ClientResponse page = Get("/studio/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.headers.Get("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.body, HasSubstr("content=\"https://api.example.org\""));
  std::set<std::string> seen, wanted = {"main.js", "app.css", "icon.svg"};
  for (const std::string& name : wanted) EXPECT_THAT(page.body, HasSubstr(name));
  static const std::regex& import = *new std::regex("from '\\./([a-z]+\\.js)'");
  while (!wanted.empty()) {
    const std::string name = *wanted.begin();
    wanted.erase(wanted.begin());
    if (!seen.insert(name).second) continue;
    const http::ClientResponse file = Get(absl::StrCat("/studio/", name));
    EXPECT_EQ(file.status, 200) << name;
    EXPECT_EQ(file.headers.Get("X-Content-Type-Options"), "nosniff") << name;
    EXPECT_EQ(file.headers.Get("Content-Type"), name.ends_with(".js")
                                                    ? "text/javascript; charset=utf-8"
                                                : name.ends_with(".css") ? "text/css; charset=utf-8"
                                                                         : "image/svg+xml")
        << name;
    for (const char* foreign : {"src=\"http", "@import", "innerHTML", "url(http", "eval("}) {
      EXPECT_THAT(file.body, Not(HasSubstr(foreign))) << name;
    }
    for (std::sregex_iterator match(file.body.begin(), file.body.end(), import), end; match != end;
         ++match) {
      wanted.insert((*match)[1]);
    }
  }
  EXPECT_EQ(seen.size(), 28u) << "and nothing is left over";
}

TEST_F(PageServerTest, ThePageLoadsFromNowhereElseAndNobodyFramesIt) {
  const http::ClientResponse page = Get("/studio/");
  const std::string policy(page.headers.Get("Content-Security-Policy").value_or(""));
  EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'self'; style-src 'self'"));
  EXPECT_THAT(policy, HasSubstr("connect-src 'self' https://api.example.org;"));
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
  EXPECT_EQ(page.headers.Get("Referrer-Policy"), "no-referrer");
}

TEST_F(PageServerTest, WhatDidNotChangeIsNotSentAgain) {
  const http::ClientResponse first = Get("/studio/main.js");
  const std::string tag(first.headers.Get("ETag").value_or(""));
  EXPECT_FALSE(tag.empty());
  const http::ClientResponse again = Get("/studio/main.js", {{"If-None-Match", tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(Get("/studio/nothing.js").status, 404);
}

TEST(PageRoutesTest, RefusesWhatIsNoOrigin) {
  EXPECT_TRUE(IsOrigin("https://api.example.org"));
  EXPECT_TRUE(IsOrigin("http://[::1]:8080"));
  for (const char* bad : {"", "api.example.org", "https://", "https://a/b",
                          "https://a; script-src *", "javascript:alert(1)", "https://a b"}) {
    EXPECT_FALSE(IsOrigin(bad)) << bad;
  }
  EXPECT_FALSE(PageRoutes({.api_base = "https://a/b"}).ok());
}

}  // namespace
}  // namespace selfology::content
