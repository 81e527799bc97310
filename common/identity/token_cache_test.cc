#include "common/identity/token_cache.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace selfology::identity {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

std::shared_ptr<const Caller> Person(int64_t user_id) {
  return std::make_shared<const Caller>(Caller{.kind = Caller::Kind::kPerson, .user_id = user_id});
}

TEST(TokenCache, KnowsATokenUntilItsTimeIsOver) {
  TokenCache seen(100);
  EXPECT_EQ(seen.Find("token", kNow), nullptr);
  const auto caller = Person(7);
  seen.Remember("token", caller, kNow + absl::Minutes(1));
  EXPECT_EQ(seen.Find("token", kNow), caller);
  EXPECT_EQ(seen.Find("token2", kNow), nullptr);
  EXPECT_EQ(seen.Find("token", kNow + absl::Minutes(1)), nullptr);
  EXPECT_EQ(seen.size(), 0) << "what is over takes no room";
}

TEST(TokenCache, HoldsNoMoreThanItMay) {
  TokenCache seen(160);
  for (int i = 0; i < 10'000; ++i) {
    seen.Remember(absl::StrCat(i), Person(i), kNow + absl::Minutes(1));
    EXPECT_NE(seen.Find(absl::StrCat(i), kNow), nullptr);
    EXPECT_LE(seen.size(), 160);
  }
}

TEST(TokenCache, KeepsWhatIsUsed) {
  TokenCache seen(1600);
  const std::string busy = "busy";
  seen.Remember(busy, Person(7), kNow + absl::Minutes(1));
  int lost = 0;
  for (int i = 0; i < 10'000; ++i) {
    seen.Remember(absl::StrCat(i), Person(i), kNow + absl::Minutes(1));
    if (seen.Find(busy, kNow) != nullptr) continue;
    ++lost;
    seen.Remember(busy, Person(7), kNow + absl::Minutes(1));
  }
  // All of a shard may have been asked for since it was last full, but seldom.
  EXPECT_LE(lost, 14);
}

TEST(TokenCache, ForgetsWhoIsNamed) {
  TokenCache seen(100);
  seen.Remember("one", Person(1), kNow + absl::Minutes(1));
  seen.Remember("two", Person(2), kNow + absl::Minutes(1));
  seen.Forget([](const Caller& caller) { return caller.user_id == 1; });
  EXPECT_EQ(seen.Find("one", kNow), nullptr);
  EXPECT_NE(seen.Find("two", kNow), nullptr);
}

TEST(TokenCache, ServesSeveralThreads) {
  TokenCache seen(64);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&seen] {
      for (int i = 0; i < 5'000; ++i) {
        const std::string token = absl::StrCat(i % 200);
        const auto found = seen.Find(token, kNow);
        if (found != nullptr) EXPECT_EQ(found->user_id, i % 200);
        seen.Remember(token, Person(i % 200), kNow + absl::Minutes(1));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(seen.size(), 64);
}

}  // namespace
}  // namespace selfology::identity
