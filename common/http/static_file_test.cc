#include "common/http/static_file.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "gtest/gtest.h"

namespace selfology::http {
namespace {

TEST(StaticFileTest, IsServedOnceAndThenKnownByItsTag) {
  auto server =
      Server::Start({}, {StaticFile("/app.css", "text/css", "body{}"),
                         StaticFile("/page", "text/html", "<p>",
                                    {{"Content-Security-Policy", "default-src 'none'"}})});
  ASSERT_TRUE(server.ok()) << server.status();
  Client client{{}};
  const auto get = [&](std::string_view path, Headers headers) {
    const auto response = client.Send(
        Call::Background(absl::Seconds(30)),
        {.url = absl::StrCat("http://127.0.0.1:", (*server)->port(), path), .headers = headers});
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(ClientResponse{});
  };
  const ClientResponse first = get("/app.css", {});
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "body{}");
  EXPECT_EQ(first.headers.Get("Content-Type"), "text/css");
  EXPECT_EQ(first.headers.Get("X-Content-Type-Options"), "nosniff");
  const std::string tag(first.headers.Get("ETag").value_or(""));
  const ClientResponse again = get("/app.css", {{"If-None-Match", tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  const ClientResponse page = get("/page", {{"If-None-Match", tag}});
  EXPECT_EQ(page.status, 200) << "another file has another tag";
  EXPECT_EQ(page.headers.Get("Content-Security-Policy"), "default-src 'none'");
}

}  // namespace
}  // namespace selfology::http
