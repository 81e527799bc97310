#include "services/feed/miniapp/page_server.h"

#include <memory>
#include <regex>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/http/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/feed/miniapp/page_files.h"

namespace selfology::miniapp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PageServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto routes = PageRoutes(
        {.api_base = "https://api.example.org", .frame_ancestors = {"http://127.0.0.1:8090"}});
    ASSERT_TRUE(routes.ok()) << routes.status();
    auto server = http::Server::Start({}, *routes);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  http::ClientResponse Get(const std::string& path, const http::Headers& headers = {}) {
    auto response =
        client_.Send(Call::Background(absl::Seconds(30)),
                     {.method = "GET",
                      .url = absl::StrCat("http://127.0.0.1:", server_->port(), "/miniapp", path),
                      .headers = headers});
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : http::ClientResponse();
  }

  http::Client client_{{}};
  std::unique_ptr<http::Server> server_;
};

TEST_F(PageServerTest, EverythingThatThePageNamesIsThere) {
  const http::ClientResponse page = Get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("content=\"https://api.example.org\""));
  std::set<std::string> seen, wanted = {"main.js", "app.css", "icon.svg"};
  for (const std::string& name : wanted) EXPECT_THAT(page.body, HasSubstr(name));
  static const std::regex& import = *new std::regex("from '\\./([a-z]+\\.js)'");
  while (!wanted.empty()) {
    const std::string name = *wanted.begin();
    wanted.erase(wanted.begin());
    if (!seen.insert(name).second) continue;
    const http::ClientResponse file = Get(absl::StrCat("/", name));
    EXPECT_EQ(file.status, 200) << name;
    EXPECT_EQ(file.headers.Get("X-Content-Type-Options"), "nosniff") << name;
    for (std::sregex_iterator match(file.body.begin(), file.body.end(), import), end; match != end;
         ++match) {
      wanted.insert((*match)[1]);
    }
  }
  EXPECT_EQ(seen.size(), 15u) << "and nothing is left over";
}

TEST_F(PageServerTest, ThePageLoadsFromNowhereElseAndIsFramedByWhomWeKnow) {
  const http::ClientResponse page = Get("/");
  const std::string policy(page.headers.Get("Content-Security-Policy").value_or(""));
  EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'self'; style-src 'self'"));
  EXPECT_THAT(policy, HasSubstr("connect-src 'self' https://api.example.org;"));
  EXPECT_THAT(policy, HasSubstr("https://web.telegram.org"));
  EXPECT_THAT(policy, HasSubstr(" http://127.0.0.1:8090"));
  for (const std::string_view file :
       {kIndexHtml, kAppCss, kMainJs, kApiJs, kTelegramJs, kPostJs, kCardsJs}) {
    EXPECT_THAT(std::string(file), Not(HasSubstr("src=\"http")));
    EXPECT_THAT(std::string(file), Not(HasSubstr("@import")));
    EXPECT_THAT(std::string(file), Not(HasSubstr("innerHTML")));
  }
}

TEST_F(PageServerTest, WhatDidNotChangeIsNotSentAgain) {
  const http::ClientResponse first = Get("/main.js");
  const std::string tag(first.headers.Get("ETag").value_or(""));
  EXPECT_FALSE(tag.empty());
  const http::ClientResponse again = Get("/main.js", {{"If-None-Match", tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(Get("/nothing.js").status, 404);
}

TEST(PageRoutesTest, RefusesWhatIsNoOrigin) {
  EXPECT_TRUE(IsOrigin("https://api.example.org"));
  EXPECT_TRUE(IsOrigin("http://[::1]:8080"));
  for (const char* bad : {"", "api.example.org", "https://", "https://a/b",
                          "https://a; script-src *", "javascript:alert(1)", "https://a b"}) {
    EXPECT_FALSE(IsOrigin(bad)) << bad;
  }
  EXPECT_FALSE(PageRoutes({.api_base = "https://a/b"}).ok());
  EXPECT_FALSE(PageRoutes({.frame_ancestors = {"*"}}).ok());
}

}  // namespace
}  // namespace selfology::miniapp
