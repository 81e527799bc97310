#include "common/redis/lease.h"

#include <memory>
#include <string>

#include "common/redis/client.h"
#include "gtest/gtest.h"
#include "testing/servers/redis_test.h"

namespace selfology::redis {
namespace {

constexpr char kKey[] = "selfology:test:lease";

class LeaseTest : public servers::RedisTest {
 protected:
  Lease Of(std::string holder, absl::Duration length = absl::Hours(1)) {
    return Lease(*redis_, kKey, std::move(holder), length);
  }
  std::string Holder() {
    const auto reply = redis_->Command(call_, {"GET", kKey});
    return reply->is_nil() ? "" : std::string(*reply->String());
  }
  int64_t Milliseconds() { return *redis_->Command(call_, {"PTTL", kKey})->Integer(); }
  // Its time has run out.
  void Expire() { ASSERT_TRUE(redis_->Command(call_, {"PEXPIRE", kKey, 0}).ok()); }

  const Call call_ = Call::Background(absl::Minutes(1));
  const std::unique_ptr<Client> redis_ = *Client::Open(url());
};

TEST_F(LeaseTest, OneTakesItAndRenewsIt) {
  const Lease first = Of("first");
  const Lease second = Of("second", absl::Hours(2));
  EXPECT_TRUE(*first.Keep(call_));
  EXPECT_EQ(Holder(), "first");
  EXPECT_FALSE(*second.Keep(call_));
  EXPECT_FALSE(*second.Take(call_));
  EXPECT_EQ(Holder(), "first");
  EXPECT_LE(Milliseconds(), absl::ToInt64Milliseconds(absl::Hours(1)));

  ASSERT_TRUE(redis_->Command(call_, {"PEXPIRE", kKey, 30'000}).ok());
  EXPECT_TRUE(*first.Keep(call_));
  EXPECT_GT(Milliseconds(), absl::ToInt64Milliseconds(absl::Minutes(30)));
}

TEST_F(LeaseTest, TakingIsRefusedToItsOwnHolderToo) {
  const Lease lease = Of("first");
  EXPECT_TRUE(*lease.Take(call_));
  EXPECT_FALSE(*lease.Take(call_));
  EXPECT_GT(Milliseconds(), 0);
  Expire();
  EXPECT_TRUE(*lease.Take(call_));
}

TEST_F(LeaseTest, IsFreeOnceGivenBack) {
  const Lease first = Of("first");
  ASSERT_TRUE(*first.Keep(call_));
  EXPECT_TRUE(*first.Release(call_));
  EXPECT_EQ(Holder(), "");
  EXPECT_FALSE(*first.Release(call_));
  EXPECT_TRUE(*Of("second").Keep(call_));
}

TEST_F(LeaseTest, IsTakenOverWhenItsTimeHasRunOutAndNotGivenBackForAnother) {
  const Lease first = Of("first");
  const Lease second = Of("second");
  ASSERT_TRUE(*first.Keep(call_));
  Expire();
  EXPECT_TRUE(*second.Keep(call_));
  EXPECT_FALSE(*first.Keep(call_));
  EXPECT_FALSE(*first.Release(call_));
  EXPECT_EQ(Holder(), "second");
}

TEST_F(LeaseTest, ErrorsSayThatRedisIsAway) {
  const auto gone = *Client::Open("redis://127.0.0.1:1");
  const Lease lease(*gone, kKey, "first", absl::Seconds(1));
  EXPECT_TRUE(absl::IsUnavailable(lease.Keep(call_).status()));
  EXPECT_TRUE(absl::IsUnavailable(lease.Take(call_).status()));
  EXPECT_TRUE(absl::IsUnavailable(lease.Release(call_).status()));
}

}  // namespace
}  // namespace selfology::redis
