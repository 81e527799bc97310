#include "services/studio/social/domains.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::social {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Domains(std::string_view text) {
  std::vector<std::string> found;
  for (const Link& link : FindDomains(text)) {
    found.emplace_back(text.substr(link.begin, link.end - link.begin));
  }
  return found;
}

TEST(DomainsTest, FindsWhatXMakesLinksOf) {
  EXPECT_THAT(Domains("see example.com."), ElementsAre("example.com"));
  EXPECT_THAT(Domains("(Example.ORG), www.a-b.co.uk/x?y=1."),
              ElementsAre("Example.ORG", "www.a-b.co.uk/x?y=1"));
  EXPECT_THAT(Domains("name.ru/page a.name.ru t.co x.tv"),
              ElementsAre("name.ru/page", "a.name.ru", "t.co", "x.tv"));
}

TEST(DomainsTest, LeavesTheRest) {
  EXPECT_THAT(Domains("name.ru e.g. 3.14 file.txt me@example.com @a.com #b.com https://c.com/d.com "
                      "x..com .com example.comb"),
              IsEmpty());
  EXPECT_THAT(Domains(""), IsEmpty());
}

TEST(DomainsTest, CountTwentyThreeAtX) {
  EXPECT_EQ(WeightedLength("example.com"), 23);
  EXPECT_EQ(WeightedLength("see example.com/a/very/long/path?with=a&query=too now"), 31);
  EXPECT_EQ(WeightedLength("a.com https://b.example"), 47);
  EXPECT_EQ(WeightedLength("name.ru"), 7);
}

}  // namespace
}  // namespace selfology::social
