#include "services/studio/social/top_domains.h"

#include "gtest/gtest.h"

namespace selfology::social {
namespace {

TEST(TopDomainsTest, KnowsThoseOfManyScripts) {
  for (const std::string_view name : {"com", "de", "museum", "рф", "한국", "சிங்கப்பூர்"}) {
    EXPECT_TRUE(IsTopDomain(name)) << name;
    EXPECT_LE(name.size(), kLongestTopDomain);
  }
  for (const std::string_view name : {"", "comb", "example", "COM", "com de", "한국어"}) {
    EXPECT_FALSE(IsTopDomain(name)) << name;
  }
}

}  // namespace
}  // namespace selfology::social
