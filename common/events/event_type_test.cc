#include "common/events/event_type.h"

#include <cstdint>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/events/catalogue.h"
#include "common/events/key_events.pb.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/onboarding.pb.h"

namespace selfology::events {
namespace {

TEST(EventKeyTest, IsTheUserUnlessTheEventNamesAnotherField) {
  v1::SessionCreated created;
  EXPECT_EQ(KeyOf(created), EventKey{});
  created.set_user_id(7);
  EXPECT_EQ(KeyOf(created), (EventKey{.partition_key = 7}));

  test::PostPublished post;
  post.set_user_id(7);
  EXPECT_EQ(KeyOf(post), EventKey{}) << "the key is required, not the user";
  post.set_post_id(12);
  EXPECT_EQ(KeyOf(post), (EventKey{HashedKey("post_id", "12"), 7}));
  post.clear_user_id();
  EXPECT_EQ(KeyOf(post), (EventKey{HashedKey("post_id", "12"), 0}));

  test::ChannelRead read;
  EXPECT_EQ(KeyOf(read), EventKey{});
  read.set_channel("news");
  EXPECT_EQ(KeyOf(read), (EventKey{HashedKey("channel", "news"), 0}));
  const google::protobuf::Message& as_message = read;
  EXPECT_EQ(KeyOf(as_message), KeyOf(read));
}

TEST(EventKeyTest, NeverStandsForAPerson) {
  // On the wire: not to be changed.
  EXPECT_EQ(HashedKey("post_id", "12"), -2079016679059621618);
  std::set<int64_t> keys;
  for (int post = 1; post <= 10'000; ++post) {
    const int64_t key = HashedKey("post_id", absl::StrCat(post));
    EXPECT_LT(key, 0);
    keys.insert(key);
  }
  EXPECT_EQ(keys.size(), 10'000u);
  EXPECT_NE(HashedKey("channel", "12"), HashedKey("post_id", "12"));
}

TEST(EventKeyTest, MustBeANumberOrAText) {
  EXPECT_FALSE(KeyReader(*test::Misdeclared::descriptor()).valid());
  EXPECT_EQ(KeyOf(test::Misdeclared()), EventKey{});
  for (const auto& [type, descriptor] : Catalogue()) {
    EXPECT_TRUE(KeyReader(*descriptor).valid()) << type;
  }
}

}  // namespace
}  // namespace selfology::events
