#include "services/coaching/coaching_dialog/conversation_cache.h"

#include <memory>
#include <optional>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "testing/servers/redis_test.h"

namespace selfology::coaching_dialog {
namespace {

constexpr int64_t kAnn = 42;
constexpr auto kWaiting = v1::CONVERSATION_STATE_WAITING_FOR_ANSWER;
constexpr auto kChat = v1::CONVERSATION_STATE_CHAT_ACTIVE;

class ConversationCacheTest : public ::testing::Test {
 protected:
  ConversationCacheTest()
      : redis_(*redis::Client::Open(servers::TestRedis().url())),
        // Nobody listens there.
        gone_(*redis::Client::Open("redis://127.0.0.1:1")) {
    redis_->Command(call(), {"FLUSHALL"}).IgnoreError();
  }

  static Call call() { return Call::Background(absl::Seconds(30)); }
  std::unique_ptr<ConversationCache> Cache(redis::Client& redis) {
    return std::make_unique<ConversationCache>(&redis, [] { return absl::Now(); });
  }
  static bool Put(ConversationCache& cache, Kept& kept) {
    const absl::StatusOr<bool> stored = cache.Put(call(), kept);
    EXPECT_TRUE(stored.ok()) << stored.status();
    return stored.value_or(false);
  }
  static std::optional<Kept> Get(ConversationCache& cache) {
    const absl::StatusOr<std::optional<Kept>> kept = cache.Get(call(), kAnn);
    EXPECT_TRUE(kept.ok()) << kept.status();
    return kept.value_or(std::nullopt);
  }
  static Kept New(v1::ConversationState state) {
    return {.conversation = {.user_id = kAnn, .state = state}};
  }

  std::unique_ptr<redis::Client> redis_;
  std::unique_ptr<redis::Client> gone_;
};

TEST_F(ConversationCacheTest, KeepsConversationsInRedis) {
  const auto cache = Cache(*redis_);
  EXPECT_FALSE(Get(*cache).has_value());
  Kept kept = New(kWaiting);
  kept.conversation.question_id = "q1";
  EXPECT_TRUE(Put(*cache, kept));
  const auto read = Get(*Cache(*redis_));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->conversation.state, kWaiting);
  EXPECT_EQ(read->conversation.question_id, "q1");
  EXPECT_EQ(read->version, kept.version);
  EXPECT_EQ(*cache->Delete(call(), kAnn), 2);
  EXPECT_FALSE(Get(*cache).has_value());
}

TEST_F(ConversationCacheTest, WhoComesSecondBeginsAgain) {
  const auto cache = Cache(*redis_);
  Kept first = New(kWaiting);
  ASSERT_TRUE(Put(*cache, first));
  Kept mine = *Get(*cache);
  Kept theirs = mine;
  theirs.conversation.state = kChat;
  EXPECT_TRUE(Put(*cache, theirs));
  EXPECT_FALSE(Put(*cache, mine));
  EXPECT_EQ(Get(*cache)->conversation.state, kChat);
  // So does who found nothing.
  Kept late = New(kWaiting);
  EXPECT_FALSE(Put(*cache, late));
}

TEST_F(ConversationCacheTest, AForgottenStateLeavesTheRest) {
  const auto cache = Cache(*redis_);
  Kept kept = New(kWaiting);
  kept.conversation.language = "ru";
  ASSERT_TRUE(Put(*cache, kept));
  kept.conversation.state = v1::CONVERSATION_STATE_UNSPECIFIED;
  ASSERT_TRUE(Put(*cache, kept));
  const auto read = Get(*cache);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->conversation.state, v1::CONVERSATION_STATE_UNSPECIFIED);
  EXPECT_EQ(read->conversation.language, "ru");
}

TEST_F(ConversationCacheTest, WithoutRedisItSaysSo) {
  const auto cache = Cache(*gone_);
  EXPECT_TRUE(absl::IsUnavailable(cache->Get(call(), kAnn).status()));
  Kept kept = New(kWaiting);
  EXPECT_TRUE(absl::IsUnavailable(cache->Put(call(), kept).status()));
  // Telling someone that everything is erased takes Redis.
  EXPECT_TRUE(absl::IsUnavailable(cache->Delete(call(), kAnn).status()));
}

TEST_F(ConversationCacheTest, WhatRedisMayNotKnowOfIsWorkedOutAnew) {
  const auto cache = Cache(*redis_);
  Kept kept = New(kWaiting);
  kept.conversation.language = "ru";
  ASSERT_TRUE(Put(*cache, kept));
  // A change that Redis did not take.
  Kept lost = *Get(*cache);
  lost.conversation.state = kChat;
  EXPECT_FALSE(cache->Put(Call::Background(absl::Seconds(-1)), lost).ok());
  EXPECT_EQ(Get(*cache)->conversation.state, v1::CONVERSATION_STATE_UNSPECIFIED);
  EXPECT_EQ(Get(*cache)->conversation.language, "ru");
  // Another replica's newer state is not beaten, and once it was worked out, all is well.
  Kept theirs = *Get(*Cache(*redis_));
  theirs.conversation.question_id = "q2";
  ASSERT_TRUE(Put(*Cache(*redis_), theirs));
  Kept worked_out = *Get(*cache);
  worked_out.conversation.state = kWaiting;
  ASSERT_TRUE(Put(*cache, worked_out));
  EXPECT_EQ(Get(*cache)->conversation.state, kWaiting);

  // A doubt that came after what is put was read, stays.
  Kept read_before = *Get(*cache);
  cache->Doubt(kAnn);
  ASSERT_TRUE(Put(*cache, read_before));
  EXPECT_EQ(Get(*cache)->conversation.state, v1::CONVERSATION_STATE_UNSPECIFIED);
}

}  // namespace
}  // namespace selfology::coaching_dialog
