#include "services/coaching/coaching_dialog/conversation_cache.h"

#include <atomic>
#include <memory>

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
    return std::make_unique<ConversationCache>(
        &redis, [this] { return absl::Now() + ahead_; },
        [this](const Call&, int64_t) { return erased_at_; });
  }
  static Kept New(v1::ConversationState state) {
    return {.conversation = {.user_id = kAnn, .state = state}};
  }

  absl::StatusOr<absl::Time> erased_at_ = absl::InfinitePast();
  absl::Duration ahead_ = absl::ZeroDuration();
  std::unique_ptr<redis::Client> redis_;
  std::unique_ptr<redis::Client> gone_;
};

TEST_F(ConversationCacheTest, KeepsConversationsInRedis) {
  const auto cache = Cache(*redis_);
  EXPECT_FALSE(cache->Get(call(), kAnn).has_value());
  Kept kept = New(kWaiting);
  kept.conversation.question_id = "q1";
  EXPECT_TRUE(cache->Put(call(), kept));
  const auto read = Cache(*redis_)->Get(call(), kAnn);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->conversation.state, kWaiting);
  EXPECT_EQ(read->conversation.question_id, "q1");
  EXPECT_EQ(read->version, kept.version);
  EXPECT_EQ(*cache->Delete(call(), kAnn), 2);
  EXPECT_FALSE(cache->Get(call(), kAnn).has_value());
}

TEST_F(ConversationCacheTest, WhoComesSecondBeginsAgain) {
  const auto cache = Cache(*redis_);
  Kept first = New(kWaiting);
  ASSERT_TRUE(cache->Put(call(), first));
  Kept mine = *cache->Get(call(), kAnn);
  Kept theirs = mine;
  theirs.conversation.state = kChat;
  EXPECT_TRUE(cache->Put(call(), theirs));
  EXPECT_FALSE(cache->Put(call(), mine));
  EXPECT_EQ(cache->Get(call(), kAnn)->conversation.state, kChat);
  // So does who found nothing.
  Kept late = New(kWaiting);
  EXPECT_FALSE(cache->Put(call(), late));
}

TEST_F(ConversationCacheTest, AForgottenStateLeavesTheRest) {
  const auto cache = Cache(*redis_);
  Kept kept = New(kWaiting);
  kept.conversation.language = "ru";
  ASSERT_TRUE(cache->Put(call(), kept));
  kept.conversation.state = v1::CONVERSATION_STATE_UNSPECIFIED;
  ASSERT_TRUE(cache->Put(call(), kept));
  const auto read = cache->Get(call(), kAnn);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->conversation.state, v1::CONVERSATION_STATE_UNSPECIFIED);
  EXPECT_EQ(read->conversation.language, "ru");
}

TEST_F(ConversationCacheTest, MemoryStandsInForRedis) {
  const auto cache = Cache(*gone_);
  EXPECT_FALSE(cache->Get(call(), kAnn).has_value());
  Kept kept = New(kWaiting);
  EXPECT_TRUE(cache->Put(call(), kept));
  EXPECT_EQ(cache->Get(call(), kAnn)->conversation.state, kWaiting);
  // With the same care.
  Kept other = *cache->Get(call(), kAnn);
  EXPECT_TRUE(cache->Put(call(), kept));
  EXPECT_FALSE(cache->Put(call(), other));
  // Telling someone that everything is erased takes Redis.
  EXPECT_TRUE(absl::IsUnavailable(cache->Delete(call(), kAnn).status()));
  EXPECT_FALSE(cache->Get(call(), kAnn).has_value());
  ASSERT_TRUE(cache->Put(call(), kept = New(kWaiting)));
  // For as long as Redis would.
  ahead_ = absl::Minutes(61);
  EXPECT_FALSE(cache->Get(call(), kAnn).has_value());
}

TEST_F(ConversationCacheTest, MemoryDoesNotOutliveAnErasureByAnotherReplica) {
  using Mark = absl::StatusOr<absl::Time>;
  for (const Mark& mark : {Mark(absl::InfiniteFuture()), Mark(absl::Now()),
                           Mark(absl::UnavailableError("nobody knows"))}) {
    const auto cache = Cache(*gone_);
    erased_at_ = absl::InfinitePast();
    Kept kept = New(kWaiting);
    ASSERT_TRUE(cache->Put(call(), kept));
    erased_at_ = absl::Now() - absl::Hours(1);
    EXPECT_TRUE(cache->Get(call(), kAnn).has_value()) << "who came back after an earlier one";
    erased_at_ = mark;
    EXPECT_FALSE(cache->Get(call(), kAnn).has_value());
    erased_at_ = absl::InfinitePast();
    EXPECT_FALSE(cache->Get(call(), kAnn).has_value()) << "gone for good";
  }
}

}  // namespace
}  // namespace selfology::coaching_dialog
