#include "services/edge/telegram_gateway/receiving/poller_lease.h"

#include <memory>
#include <thread>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "testing/eventually.h"
#include "testing/servers/redis_test.h"

namespace selfology::telegram_gateway {
namespace {

constexpr char kKey[] = "selfology:telegram_gateway:poller:42";

// A replica's lease with the loop that keeps it.
class Replica {
 public:
  Replica(redis::Client* redis, std::string name)
      : lease_(redis, kKey, std::move(name)), loop_([this] { lease_.Run(stop_); }) {}
  ~Replica() { Stop(); }

  void Stop() {
    stop_.Request();
    if (loop_.joinable()) loop_.join();
  }
  bool held() const { return lease_.held(); }
  bool AwaitHeld() const {
    return testing::Eventually([this] { return held(); }, absl::Seconds(30));
  }

 private:
  service::StopSignal stop_;
  PollerLease lease_;
  std::thread loop_;
};

TEST(PollerLeaseTest, OneReplicaPollsAndThenTheNext) {
  const auto redis = *redis::Client::Open(servers::TestRedis().url());
  const Call call = Call::Background(absl::Seconds(30));
  ASSERT_TRUE(redis->Command(call, {"FLUSHALL"}).ok());
  Replica first(redis.get(), "first");
  ASSERT_TRUE(first.AwaitHeld());
  Replica second(redis.get(), "second");
  EXPECT_FALSE(second.held());
  EXPECT_EQ(*redis->Command(call, {"GET", kKey})->String(), "first");
  const auto lifetime = redis->Command(call, {"PTTL", kKey});
  EXPECT_GT(*lifetime->Integer(), 0);
  first.Stop();
  EXPECT_FALSE(first.held());
  EXPECT_TRUE(second.AwaitHeld());
  second.Stop();
  EXPECT_TRUE(redis->Command(call, {"GET", kKey})->is_nil());
}

TEST(PollerLeaseTest, WithoutRedisEverybodyMayPoll) {
  const auto gone = *redis::Client::Open("redis://127.0.0.1:1");
  Replica replica(gone.get(), "lonely");
  EXPECT_TRUE(replica.AwaitHeld());
}

}  // namespace
}  // namespace selfology::telegram_gateway
