#include "services/edge/api_gateway/caller_key.h"

#include "gtest/gtest.h"

namespace selfology::api_gateway {
namespace {

using identity::Caller;

TEST(CallerKeyTest, CountsWhoTheCallerIs) {
  EXPECT_EQ(RateKeyOf({.kind = Caller::Kind::kPerson, .user_id = 7}, "1.2.3.4"), "person:7");
  EXPECT_EQ(RateKeyOf({.kind = Caller::Kind::kMachine, .user_id = 7, .token_id = "k"}, "1.2.3.4"),
            "person:7")
      << "keys do not multiply their owner's limit";
  EXPECT_EQ(RateKeyOf({.kind = Caller::Kind::kService, .service = "coach"}, "1.2.3.4"),
            "service:coach");
  EXPECT_EQ(RateKeyOf({}, "1.2.3.4"), "address:1.2.3.4");
}

TEST(CallerKeyTest, PseudonymsTellCallersApartAndNothingElse) {
  const Caller seven = {.kind = Caller::Kind::kPerson, .user_id = 7};
  const Caller eight = {.kind = Caller::Kind::kPerson, .user_id = 8};
  const std::string pseudonym = PseudonymOf(seven, "secret");
  EXPECT_EQ(pseudonym.size(), 12u);
  EXPECT_EQ(PseudonymOf(seven, "secret"), pseudonym);
  EXPECT_NE(PseudonymOf(eight, "secret"), pseudonym);
  EXPECT_NE(PseudonymOf(seven, "another"), pseudonym);
  EXPECT_EQ(PseudonymOf({}, "secret"), "-");
}

TEST(CallerKeyTest, BelievesItsOwnProxiesOnly) {
  const http::Headers forwarded = {{"X-Forwarded-For", "6.6.6.6, 1.2.3.4"},
                                   {"x-forwarded-for", "10.0.0.2"}};
  EXPECT_EQ(ClientAddress("10.0.0.1", forwarded, 0), "10.0.0.1");
  EXPECT_EQ(ClientAddress("10.0.0.1", forwarded, 1), "10.0.0.2");
  EXPECT_EQ(ClientAddress("10.0.0.1", forwarded, 2), "1.2.3.4");
  EXPECT_EQ(ClientAddress("10.0.0.1", {}, 2), "10.0.0.1");
}

}  // namespace
}  // namespace selfology::api_gateway
