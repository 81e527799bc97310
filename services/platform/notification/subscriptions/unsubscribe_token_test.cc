#include "services/platform/notification/subscriptions/unsubscribe_token.h"

#include "gtest/gtest.h"

namespace selfology::notification {
namespace {

constexpr char kKey[] = "a key";

TEST(UnsubscribeTokenTest, SaysWhoseAndWhat) {
  for (const MutedTopic& muted : {MutedTopic{7, "tasks"}, MutedTopic{4503599627370497, "a.b_c"}}) {
    EXPECT_EQ(ReadUnsubscribeToken(kKey, UnsubscribeToken(kKey, muted)), muted);
  }
}

TEST(UnsubscribeTokenTest, NobodyElseCanMakeOne) {
  const std::string token = UnsubscribeToken(kKey, {7, "tasks"});
  EXPECT_EQ(ReadUnsubscribeToken("another key", token), std::nullopt);
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(ReadUnsubscribeToken(kKey, changed), std::nullopt) << i;
  }
  for (const char* bad : {"", "$", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    EXPECT_EQ(ReadUnsubscribeToken(kKey, bad), std::nullopt) << bad;
  }
  EXPECT_EQ(ReadUnsubscribeToken(kKey, std::string(100'000, 'A')), std::nullopt);
}

}  // namespace
}  // namespace selfology::notification
