#include "common/resilience/cache.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "testing/servers/redis_test.h"

namespace selfology::resilience {
namespace {

using ::testing::HasSubstr;

// Any message will do.
using Message = google::rpc::ErrorInfo;

class CacheTest : public servers::RedisTest {
 protected:
  void SetUp() override {
    RedisTest::SetUp();
    redis_ = redis::Client::Open(url()).value();
  }
  CacheOptions Options() {
    return {.name = "profile",
            .ttl = absl::Hours(1),
            .timeout = absl::Seconds(20),
            .metrics = &metrics_};
  }
  static Call Soon() { return Call::Background(absl::Seconds(20)); }
  static Message Of(std::string text) {
    Message message;
    message.set_reason(std::move(text));
    return message;
  }
  // What the cache gives, loading `text` if it has to.
  absl::StatusOr<std::string> Get(Cache<Message>& cache, std::string text) {
    absl::StatusOr<Message> message = cache.Get(Soon(), "7", [&]() -> absl::StatusOr<Message> {
      ++loads_;
      return Of(text);
    });
    if (!message.ok()) return message.status();
    return message->reason();
  }
  double Count(const std::string& result) {
    return metrics_.Counter("cache_requests_total", "", {{"cache", "profile"}, {"result", result}})
        .Value();
  }

  observe::Metrics metrics_;
  std::unique_ptr<redis::Client> redis_;
  std::atomic<int> loads_ = 0;
};

TEST_F(CacheTest, LoadsOnceAndRemembers) {
  Cache<Message> cache(redis_.get(), Options());
  Cache<Message> replica(redis_.get(), Options());
  EXPECT_EQ(Get(cache, "first").value(), "first");
  EXPECT_EQ(Get(cache, "second").value(), "first");
  EXPECT_EQ(Get(replica, "third").value(), "first");
  EXPECT_EQ(loads_, 1);
  EXPECT_EQ(Count("hit"), 2);
  EXPECT_EQ(Count("miss"), 1);
  const int64_t ttl = redis_->Command(Soon(), {"PTTL", "cache:profile:7"})->Integer().value();
  EXPECT_GT(ttl, 3'500'000);
  EXPECT_LE(ttl, 3'600'000);
  EXPECT_EQ(redis_->Command(Soon(), {"DBSIZE"})->Integer().value(), 1);  // No token left.
}

TEST_F(CacheTest, AnEmptyMessageIsAValueToo) {
  Cache<Message> cache(redis_.get(), Options());
  EXPECT_EQ(Get(cache, "").value(), "");
  EXPECT_EQ(Get(cache, "x").value(), "");
}

TEST_F(CacheTest, ForgetsAtItsTtl) {
  Cache<Message> cache(redis_.get(), Options());
  EXPECT_EQ(Get(cache, "first").value(), "first");
  ASSERT_TRUE(redis_->Command(Soon(), {"PEXPIRE", "cache:profile:7", 0}).ok());
  EXPECT_EQ(Get(cache, "second").value(), "second");
}

TEST_F(CacheTest, InvalidateForgets) {
  Cache<Message> cache(redis_.get(), Options());
  EXPECT_EQ(Get(cache, "first").value(), "first");
  ASSERT_TRUE(cache.Invalidate(Soon(), "7").ok());
  EXPECT_EQ(Get(cache, "second").value(), "second");
}

TEST_F(CacheTest, WhatWasInvalidatedDuringTheLoadIsNotStored) {
  Cache<Message> cache(redis_.get(), Options());
  Cache<Message> replica(redis_.get(), Options());
  EXPECT_EQ(cache
                .Get(Soon(), "7",
                     [&]() -> absl::StatusOr<Message> {
                       EXPECT_TRUE(replica.Invalidate(Soon(), "7").ok());
                       return Of("stale");
                     })
                ->reason(),
            "stale");
  EXPECT_EQ(Get(cache, "fresh").value(), "fresh");
  EXPECT_EQ(Get(replica, "later").value(), "fresh");
}

TEST_F(CacheTest, AGetAfterInvalidateDoesNotJoinAnEarlierLoad) {
  Cache<Message> cache(redis_.get(), Options());
  absl::Notification loading, invalidated;
  std::thread early([&] {
    EXPECT_EQ(cache
                  .Get(Soon(), "7",
                       [&]() -> absl::StatusOr<Message> {
                         loading.Notify();
                         invalidated.WaitForNotification();
                         return Of("stale");
                       })
                  ->reason(),
              "stale");
  });
  loading.WaitForNotification();
  ASSERT_TRUE(cache.Invalidate(Soon(), "7").ok());
  EXPECT_EQ(Get(cache, "fresh").value(), "fresh");
  invalidated.Notify();
  early.join();
  EXPECT_EQ(Get(cache, "later").value(), "fresh");
}

TEST_F(CacheTest, OneThreadLoadsForAll) {
  Cache<Message> cache(redis_.get(), Options());
  constexpr int kThreads = 16;
  absl::BlockingCounter all_asking(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      all_asking.DecrementCount();
      const absl::StatusOr<Message> got = cache.Get(Soon(), "7", [&]() -> absl::StatusOr<Message> {
        ++loads_;
        all_asking.Wait();
        return Of("shared");
      });
      EXPECT_EQ(got->reason(), "shared");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(loads_, 1);
}

TEST_F(CacheTest, ErrorsAreSharedButNotStored) {
  Cache<Message> cache(redis_.get(), Options());
  const auto failing = [&]() -> absl::StatusOr<Message> { return absl::NotFoundError("nobody"); };
  EXPECT_EQ(cache.Get(Soon(), "7", failing).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Get(cache, "somebody").value(), "somebody");
}

TEST_F(CacheTest, WhoeverHasTimeLeftLoadsAfterOneWhoHadNot) {
  Cache<Message> cache(redis_.get(), Options());
  absl::Notification loading, waiting;
  std::thread impatient([&] {
    EXPECT_EQ(cache
                  .Get(Soon(), "7",
                       [&]() -> absl::StatusOr<Message> {
                         loading.Notify();
                         waiting.WaitForNotification();
                         return absl::DeadlineExceededError("out of time");
                       })
                  .status()
                  .code(),
              absl::StatusCode::kDeadlineExceeded);
  });
  loading.WaitForNotification();
  std::thread patient([&] { EXPECT_EQ(Get(cache, "value").value(), "value"); });
  waiting.Notify();
  impatient.join();
  patient.join();
}

TEST_F(CacheTest, AWaitingThreadKeepsToItsDeadline) {
  Cache<Message> cache(redis_.get(), Options());
  absl::Notification loading, done;
  std::thread slow([&] {
    EXPECT_TRUE(cache
                    .Get(Soon(), "7",
                         [&]() -> absl::StatusOr<Message> {
                           loading.Notify();
                           done.WaitForNotification();
                           return Of("slow");
                         })
                    .ok());
  });
  loading.WaitForNotification();
  const Call hurried = Call::Background(absl::Milliseconds(20));
  EXPECT_EQ(
      cache.Get(hurried, "7", [] { return absl::StatusOr<Message>(Of("never")); }).status().code(),
      absl::StatusCode::kDeadlineExceeded);
  done.Notify();
  slow.join();
}

TEST_F(CacheTest, AsksTheLoaderWhileRedisIsDown) {
  Cache<Message> cache(redis_.get(), Options());
  EXPECT_EQ(Get(cache, "first").value(), "first");
  server().Kill();
  EXPECT_EQ(Get(cache, "second").value(), "second");
  EXPECT_EQ(Get(cache, "third").value(), "third");
  EXPECT_EQ(Count("bypass"), 2);
  EXPECT_EQ(cache.Invalidate(Soon(), "7").code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(server().Restart().ok());
  EXPECT_EQ(Get(cache, "fourth").value(), "fourth");
  EXPECT_EQ(Get(cache, "fifth").value(), "fourth");
}

TEST_F(CacheTest, WhatDoesNotParseIsReplaced) {
  Cache<Message> cache(redis_.get(), Options());
  ASSERT_TRUE(redis_->Command(Soon(), {"SET", "cache:profile:7", "\xff not a message"}).ok());
  EXPECT_EQ(Get(cache, "mended").value(), "mended");
  EXPECT_EQ(Get(cache, "later").value(), "mended");
}

TEST_F(CacheTest, AValueOfAnotherTypeIsBypassed) {
  Cache<Message> cache(redis_.get(), Options());
  ASSERT_TRUE(redis_->Command(Soon(), {"LPUSH", "cache:profile:7", "x"}).ok());
  EXPECT_EQ(Get(cache, "loaded").value(), "loaded");
  EXPECT_THAT(metrics_.Expose(), HasSubstr("result=\"bypass\""));
}

}  // namespace
}  // namespace selfology::resilience
