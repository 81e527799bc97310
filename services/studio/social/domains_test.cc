#include "services/studio/social/domains.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::social {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> XLinks(std::string_view text) {
  std::vector<std::string> found;
  for (const Link& link : FindXLinks(text)) {
    found.emplace_back(text.substr(link.begin, link.end - link.begin));
  }
  return found;
}

TEST(DomainsTest, FindsWhatXMakesLinksOf) {
  EXPECT_THAT(XLinks("see example.com."), ElementsAre("example.com"));
  EXPECT_THAT(XLinks("(Example.ORG), www.a-b.co.uk/x?y=1."),
              ElementsAre("Example.ORG", "www.a-b.co.uk/x?y=1"));
  EXPECT_THAT(XLinks("name.ru/page a.name.ru name.ru t.co x.tv"),
              ElementsAre("name.ru/page", "a.name.ru", "name.ru", "t.co", "x.tv"));
  EXPECT_THAT(XLinks("HTTP://A.COM, https://c.com/d.com"),
              ElementsAre("HTTP://A.COM", "https://c.com/d.com"));
  EXPECT_THAT(XLinks("x.рф foo.xn--p1ai a.МОСКВА"),
              ElementsAre("x.рф", "foo.xn--p1ai", "a.МОСКВА"));
  EXPECT_THAT(XLinks("a.xn--p1ai+"), ElementsAre("a.xn--p1ai"));
}

TEST(DomainsTest, LeavesTheRest) {
  EXPECT_THAT(XLinks("e.g. 3.14 file.txt me@example.com @a.com #b.com x..com .com example.comb"),
              IsEmpty());
  EXPECT_THAT(XLinks("a.com@x a.com+x a.com- -a.com a_b.com a-.com ftp://a.com xhttp://a.com"),
              IsEmpty());
  EXPECT_THAT(XLinks("https://a.example https://localhost http://127.0.0.1/x http://a_b.com"),
              IsEmpty());
  EXPECT_THAT(XLinks(""), IsEmpty());
}

TEST(DomainsTest, DomainsStandBesideLettersOfOtherScripts) {
  EXPECT_THAT(XLinks("हिन्दीx.de/yالعربية"), ElementsAre("x.de/y"));
  EXPECT_THAT(XLinks("a.com漢字b.org"), ElementsAre("a.com", "b.org"));
  EXPECT_THAT(XLinks("a.com🇩🇪x.de/q?r"), ElementsAre("a.com", "x.de/q?r"));
  EXPECT_THAT(XLinks("xéaa.com #漢字a.com"), ElementsAre("xéaa.com", "a.com"));
  EXPECT_THAT(XLinks("сад.com -漢字a.com"), IsEmpty());
  // With a scheme, they are of the name.
  EXPECT_THAT(XLinks("http://сад.рф/x http://a.com漢b.org"),
              ElementsAre("http://сад.рф/x", "http://a.com漢b.org"));
  EXPECT_THAT(XLinks("http://a.com🇩🇪1️⃣a.b"), ElementsAre("http://a.com"));
}

TEST(DomainsTest, LinksEndWhereTheirPathDoes) {
  EXPECT_THAT(XLinks("(https://a.com/x_(y))"), ElementsAre("https://a.com/x_(y)"));
  EXPECT_THAT(XLinks("https://a.com/(a(b)c)! https://a.com/(a(b(c)))"),
              ElementsAre("https://a.com/(a(b)c)", "https://a.com/"));
  EXPECT_THAT(XLinks("https://a.com/() https://a.com/x) https://a.com/x…"),
              ElementsAre("https://a.com/", "https://a.com/x", "https://a.com/x"));
  EXPECT_THAT(XLinks("a.com/y!(a) a.com/y!(a)b a.com/y(a)(b)"),
              ElementsAre("a.com/y", "a.com/y!(a)b", "a.com/y(a)(b)"));
  EXPECT_THAT(XLinks("https://a.com/сад/é漢字 https://a.com/x–y."),
              ElementsAre("https://a.com/сад/é", "https://a.com/x–y"));
  EXPECT_THAT(XLinks("https://a.com/x?y=(z) https://a.com?q=1. https://a.com/x?."),
              ElementsAre("https://a.com/x?y=(z", "https://a.com?q=1", "https://a.com/x"));
  EXPECT_THAT(XLinks("a.com:80 a.com:80/x a.com?q=1 http://a.com:80"),
              ElementsAre("a.com", "a.com:80/x", "a.com", "http://a.com:80"));
  EXPECT_THAT(XLinks("https://a.com.comb/x a.com,b.org"),
              ElementsAre("https://a.com", "a.com", "b.org"));
}

TEST(DomainsTest, ShortAddressesOfX) {
  EXPECT_THAT(XLinks("http://t.co/abc/d http://t.co/abc?d=1 t.co/abc/d"),
              ElementsAre("http://t.co/abc", "http://t.co/abc?d=1", "t.co/abc/d"));
  EXPECT_THAT(XLinks("http://t.co/" + std::string(41, 'a')), IsEmpty());
  EXPECT_THAT(XLinks("http://t.co/" + std::string(40, 'a')), SizeIs(1));
}

TEST(DomainsTest, LabelsHaveAtMost63Characters) {
  EXPECT_THAT(XLinks(std::string(63, 'a') + ".com"), SizeIs(1));
  EXPECT_THAT(XLinks(std::string(64, 'a') + ".com http://" + std::string(64, 'a') + ".com"),
              IsEmpty());
  // Counted as Punycode writes them.
  std::string label;
  for (int i = 0; i < 50; ++i) label += "漢";
  EXPECT_THAT(XLinks("http://" + label + ".com"), SizeIs(1));
  EXPECT_THAT(XLinks("日本語の長い文章はどこまでも続くのである。日本語の長い文章a.com"), IsEmpty());
}

TEST(DomainsTest, LongTextsWithoutSpacesAreRead) {
  std::string labels;
  std::string letters;
  for (int i = 0; i < 10'000; ++i) labels += "漢.";
  for (int i = 0; i < 50'000; ++i) letters += "漢";
  EXPECT_THAT(XLinks(labels), IsEmpty());
  EXPECT_THAT(XLinks(letters + " a.com"), ElementsAre("a.com"));
}

TEST(DomainsTest, CountTwentyThreeAtX) {
  EXPECT_EQ(WeightedLength("example.com"), 23);
  EXPECT_EQ(WeightedLength("see example.com/a/very/long/path?with=a&query=too now"), 31);
  EXPECT_EQ(WeightedLength("a.com https://b.example"), 41);
  EXPECT_EQ(WeightedLength("name.ru"), 23);
}

}  // namespace
}  // namespace selfology::social
