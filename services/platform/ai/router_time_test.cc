// Who gets how much time and which slot: models that are slow or busy, and the local one behind
// them.

#include <memory>
#include <thread>
#include <vector>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/platform/ai/router.h"
#include "services/platform/ai/router_fixture_test.h"

namespace selfology::ai {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// A slow model must not be worse than none.
TEST_F(RouterTest, TheLocalModelAnswersWhenAllConfiguredOnesFail) {
  fake_.Always(kGpt4o, FakeModels::Status(500));
  fake_.Always(kMini, FakeModels::Status(403));
  for (int i = 0; i < 7; ++i) {
    const auto completion = Complete(v1::TIER_STANDARD, v1::TASK_COACH_REPLY);
    ASSERT_TRUE(completion.ok()) << completion.status();
    EXPECT_EQ(completion->text(), "by coach");
    EXPECT_EQ(completion->provider(), "local");
    EXPECT_EQ(completion->failed_attempts_size(), 2);
  }
  EXPECT_EQ(ModelNamed(kGpt4o).breaker_state(), v1::BREAKER_STATE_OPEN) << "then too";
  coach_->down = true;
  EXPECT_EQ(status::Reason(Complete(v1::TIER_STANDARD, v1::TASK_COACH_REPLY).status()),
            "FALLBACK_CHAIN_EXHAUSTED");
}

TEST_F(RouterTest, TheLocalModelHasTimeWhenTheOthersTakeAllTheyMay) {
  fake_.Always(kGpt4o, fake_.Hangs());
  fake_.Always(kMini, fake_.Hangs());
  const auto completion = router_->Complete(Call::Background(absl::Milliseconds(800)),
                                            Asking(v1::TIER_STANDARD, v1::TASK_COACH_REPLY));
  ASSERT_TRUE(completion.ok()) << completion.status();
  EXPECT_EQ(completion->text(), "by coach");
  EXPECT_EQ(completion->failed_attempts(1).reason(), "AI_API_TIMEOUT");
}

TEST_F(RouterTest, ATasksTimeoutBoundsItsModelsAltogether) {
  Router::Options options;
  options.task_timeouts = *ParseTaskTimeouts({"coach_reply=100ms"});
  BuildOf({OpenAi("openai,gpt-4o,0,0", v1::TIER_STANDARD),
           OpenAi("openai,gpt-4o-mini,0,0", v1::TIER_SIMPLE)},
          options);
  fake_.Always(kGpt4o, fake_.Hangs());
  fake_.Always(kMini, fake_.Hangs());
  const absl::Time start = absl::Now();
  const auto completion = Complete(v1::TIER_STANDARD, v1::TASK_COACH_REPLY);
  ASSERT_TRUE(completion.ok()) << completion.status();
  EXPECT_EQ(completion->text(), "by coach");
  EXPECT_LT(absl::Now() - start, absl::Seconds(10)) << "of the 30 s that its caller has";
}

TEST_F(RouterTest, AModelsTimeoutLeavesTheTimeToTheNext) {
  BuildOf({OpenAi("openai,gpt-4o,0,0,timeout=50ms", v1::TIER_STANDARD),
           OpenAi("openai,gpt-4o-mini,0,0", v1::TIER_SIMPLE)});
  fake_.Always(kGpt4o, fake_.Hangs());
  const absl::Time start = absl::Now();
  const auto completion = Complete(v1::TIER_STANDARD);
  ASSERT_TRUE(completion.ok()) << completion.status();
  EXPECT_EQ(completion->model_used(), kMini);
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(Complete(v1::TIER_STANDARD).ok());
  EXPECT_EQ(ModelNamed(kGpt4o).breaker_state(), v1::BREAKER_STATE_OPEN)
      << "it had all the time that its operator gives it";
}

TEST_F(RouterTest, TiersOfTheSameModelAreOneModel) {
  BuildOf({OpenAi("openai,own,0,0,concurrency=1", v1::TIER_PREMIUM),
           OpenAi("openai,own,0,0", v1::TIER_STANDARD), OpenAi("openai,own,0,0", v1::TIER_SIMPLE)});
  fake_.Always("own", FakeModels::Status(400));
  EXPECT_EQ(Complete(v1::TIER_PREMIUM, v1::TASK_COACH_REPLY)->text(), "by coach");
  EXPECT_THAT(fake_.asked(), ElementsAre("own")) << "not once for each tier";
  EXPECT_THAT(router_->Models(), SizeIs(2)) << "it and the rooms'";
  EXPECT_EQ(ModelNamed("own").tier(), v1::TIER_PREMIUM) << "the best that it serves";
}

// A server that answers one at a time, a deep analysis under way and others before it in the line.
TEST_F(RouterTest, ACoachReplyIsServedBeforeDeepAnalyses) {
  BuildOf({OpenAi("openai,own,0,0,concurrency=1", v1::TIER_STANDARD)});
  absl::Notification done;
  fake_.Always("own", FakeModels::Says("later"));
  fake_.Next("own", FakeModels::SaysAfter(done));
  std::vector<std::thread> threads;
  // The length of the answer tells the server which of them it is.
  const auto ask = [&](v1::Task task) {
    threads.emplace_back([&, task] {
      v1::CompletionInput input = Asking(v1::TIER_STANDARD, task);
      input.set_max_tokens(task);
      const auto completion = router_->Complete(Patient(), input);
      EXPECT_EQ(completion->provider(), "openai") << completion.status();
    });
  };
  const auto queue = [&](v1::Task task, int waiting) {
    ask(task);
    while (router_->Waiting("own") < waiting) std::this_thread::yield();
  };
  ask(v1::TASK_DEEP_ANALYSIS);
  while (fake_.asked().empty()) std::this_thread::yield();
  queue(v1::TASK_SUMMARY, 1);
  queue(v1::TASK_INSTANT_ANALYSIS, 2);
  queue(v1::TASK_COACH_REPLY, 3);
  EXPECT_THAT(fake_.asked(), SizeIs(1)) << "one at a time";
  done.Notify();
  for (std::thread& thread : threads) thread.join();
  std::vector<int> order;
  for (const nlohmann::json& body : fake_.bodies()) order.push_back(body["max_tokens"]);
  EXPECT_THAT(order, ElementsAre(v1::TASK_DEEP_ANALYSIS, v1::TASK_COACH_REPLY,
                                 v1::TASK_INSTANT_ANALYSIS, v1::TASK_SUMMARY));
}

TEST_F(RouterTest, WhoFindsNoPlaceInTimeGoesOn) {
  BuildOf({OpenAi("openai,own,0,0,concurrency=1", v1::TIER_STANDARD)});
  absl::Notification done;
  fake_.Next("own", FakeModels::SaysAfter(done));
  std::thread first([&] { EXPECT_TRUE(Complete(v1::TIER_STANDARD).ok()); });
  while (fake_.asked().empty()) std::this_thread::yield();
  for (int i = 0; i < 6; ++i) {
    const auto completion = router_->Complete(Call::Background(absl::Milliseconds(60)),
                                              Asking(v1::TIER_STANDARD, v1::TASK_COACH_REPLY));
    ASSERT_TRUE(completion.ok()) << completion.status();
    EXPECT_EQ(completion->text(), "by coach");
    EXPECT_EQ(completion->failed_attempts(0).reason(), "busy");
  }
  done.Notify();
  first.join();
  EXPECT_THAT(fake_.asked(), SizeIs(1));
  EXPECT_EQ(ModelNamed("own").breaker_state(), v1::BREAKER_STATE_CLOSED) << "it is not its fault";
  EXPECT_EQ(ModelNamed("own").failures_total(), 0);
}

}  // namespace
}  // namespace selfology::ai
