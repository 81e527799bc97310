#include "common/http/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace selfology::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(UrlTest, DecodesPathAndQuery) {
  const auto target = ParseTarget("/files/a%20b%2Fc?page=2&name=x+y%26z&flag&page=3");
  ASSERT_TRUE(target.ok());
  EXPECT_EQ(target->path, "/files/a b/c");
  EXPECT_THAT(target->query, ElementsAre(Pair("page", "2"), Pair("name", "x y&z"), Pair("flag", ""),
                                         Pair("page", "3")));
}

TEST(UrlTest, KeepsThePathAsItWasSent) {
  EXPECT_EQ(ParseTarget("/files/a%2Fb%20c?x=1")->encoded_path, "/files/a%2Fb%20c");
  EXPECT_EQ(ParseTarget("http://host")->encoded_path, "/");
}

TEST(UrlTest, ReadsForms) {
  const auto form = ParseForm("a=1&b=x+y%26z&a=2&c=");
  ASSERT_TRUE(form.ok()) << form.status();
  EXPECT_EQ(*form, (Parameters{{"a", "1"}, {"b", "x y&z"}, {"a", "2"}, {"c", ""}}));
  EXPECT_FALSE(ParseForm("a b").ok());
  EXPECT_FALSE(ParseForm("a=%zz").ok());
  EXPECT_FALSE(ParseForm("a=%00").ok());
}

TEST(UrlTest, DecodesTexts) {
  EXPECT_EQ(*Decode("a%20b+c%2F"), "a b+c/");
  EXPECT_FALSE(Decode("%2").ok());
}

TEST(UrlTest, TakesWhatProxiesSend) {
  const auto target = ParseTarget("http://example.com:80/a?b=c");
  ASSERT_TRUE(target.ok());
  EXPECT_EQ(target->path, "/a");
  EXPECT_EQ(ParseTarget("http://example.com")->path, "/");
  EXPECT_THAT(ParseTarget("/")->query, IsEmpty());
}

TEST(UrlTest, RefusesWhatIsMalformedOrClimbs) {
  for (const char* bad : {"host:443",
                          "h:\xd9",
                          "ftp://host/x",
                          "http://x?#a=b&c",
                          "/x#y",
                          "http://[::1]:8:80/x",
                          "",
                          "*",
                          "a",
                          "/%",
                          "/%2",
                          "/%zz",
                          "/a b",
                          "/a\x01",
                          "/%00",
                          "/?a=%00",
                          "/../x",
                          "/a/..",
                          "/a/./b",
                          "/%2e%2e/x",
                          "/a/%2e%2e%2fx",
                          "/a%2f..%2fb"}) {
    EXPECT_EQ(ParseTarget(bad).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  EXPECT_TRUE(ParseTarget("/a..b/.../x").ok());
}

TEST(UrlTest, WhatWeEncodeIsDecodedToTheSame) {
  EXPECT_EQ(Encode("a b/c~\xd0\xb6"), "a%20b%2Fc~%D0%B6");
  EXPECT_EQ(EncodeQuery({{"a", "1"}, {"b", "x y&z"}}), "a=1&b=x%20y%26z");
  std::mt19937 random(7);
  for (int i = 0; i < 1000; ++i) {
    std::string text(random() % 20, '\0');
    for (char& c : text) c = static_cast<char>(1 + random() % 255);
    const auto target = ParseTarget("/x" + Encode(text) + "?" + EncodeQuery({{text + "k", text}}));
    if (text.find("/..") != std::string::npos || text.find("/.") != std::string::npos) continue;
    ASSERT_TRUE(target.ok()) << Encode(text);
    EXPECT_EQ(target->path, "/x" + text);
    EXPECT_THAT(target->query, ElementsAre(Pair(text + "k", text)));
  }
}

}  // namespace
}  // namespace selfology::http
