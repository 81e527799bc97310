// The chain over real HTTP, with servers that fail in every way that providers do.

#include "services/platform/ai/router.h"

#include <memory>
#include <string>
#include <utility>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/platform/ai/router_fixture_test.h"

namespace selfology::ai {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

TEST_F(RouterTest, AsksTheModelOfTheTier) {
  const auto premium = Complete(v1::TIER_PREMIUM);
  ASSERT_TRUE(premium.ok()) << premium.status();
  EXPECT_EQ(premium->text(), "Hello from claude-sonnet-4-20250514");
  EXPECT_EQ(premium->model_used(), "claude-sonnet-4");
  EXPECT_EQ(premium->provider(), "anthropic");
  EXPECT_EQ(premium->input_tokens(), 1000);
  EXPECT_DOUBLE_EQ(premium->cost_usd(), 0.0045);
  EXPECT_EQ(fake_.last_headers().Get("x-api-key"), "anthropic-key");
  EXPECT_EQ(fake_.last_headers().Get("anthropic-version"), "2023-06-01");

  EXPECT_EQ(Complete(v1::TIER_STANDARD)->model_used(), "gpt-4o");
  EXPECT_EQ(fake_.last_headers().Get("authorization"), "Bearer openai-key");
  EXPECT_EQ(Complete(v1::TIER_SIMPLE)->model_used(), "gpt-4o-mini");
  EXPECT_THAT(fake_.asked(), ElementsAre(kClaude, kGpt4o, kMini));
}

TEST_F(RouterTest, CountsTheCost) {
  ASSERT_TRUE(Complete(v1::TIER_PREMIUM).ok());
  ASSERT_TRUE(Complete(v1::TIER_PREMIUM).ok());
  EXPECT_DOUBLE_EQ(
      metrics_.Counter("ai_cost_usd_total", "", {{"model", "claude-sonnet-4"}, {"task", "summary"}})
          .Value(),
      0.009);
  EXPECT_DOUBLE_EQ(ModelNamed("claude-sonnet-4").cost_usd_total(), 0.009);
  EXPECT_EQ(ModelNamed("claude-sonnet-4").requests_total(), 2);
}

TEST_F(RouterTest, TriesAgainWhatMayPass) {
  fake_.Next(kGpt4o, FakeModels::Status(500));
  fake_.Next(kGpt4o, FakeModels::Status(502));
  const auto completion = Complete(v1::TIER_STANDARD);
  ASSERT_TRUE(completion.ok()) << completion.status();
  EXPECT_EQ(completion->model_used(), "gpt-4o");
  EXPECT_THAT(fake_.asked(), ElementsAre(kGpt4o, kGpt4o, kGpt4o));
  EXPECT_THAT(completion->failed_attempts(), IsEmpty()) << "it did answer";
  ASSERT_THAT(waits_, SizeIs(2));
  EXPECT_THAT(waits_, Each(AllOf(Ge(absl::Milliseconds(800)), Le(absl::Seconds(10)))));
}

TEST_F(RouterTest, WaitsAsLongAsAServerAsks) {
  fake_.Next(kGpt4o, FakeModels::Status(429, {{"Retry-After", "3"}}));
  ASSERT_TRUE(Complete(v1::TIER_STANDARD).ok());
  ASSERT_THAT(waits_, SizeIs(1));
  EXPECT_GE(waits_[0], absl::Seconds(3));
}

TEST_F(RouterTest, GoesOnWhenAServerAsksForTooMuchPatience) {
  fake_.Next(kGpt4o, FakeModels::Status(429, {{"Retry-After", "60"}}));
  const auto completion = Complete(v1::TIER_STANDARD);
  ASSERT_TRUE(completion.ok());
  EXPECT_EQ(completion->model_used(), "gpt-4o-mini");
  EXPECT_EQ(completion->failed_attempts(0).reason(), "HTTP 429");
  EXPECT_THAT(waits_, IsEmpty());
}

// R000-11: Claude Sonnet 4, then GPT-4o, then GPT-4o-mini.
TEST_F(RouterTest, FallsBackAlongTheChain) {
  fake_.Always(kClaude, FakeModels::Status(529));
  fake_.Always(kGpt4o, FakeModels::Status(401));
  const auto completion = Complete(v1::TIER_PREMIUM);
  ASSERT_TRUE(completion.ok()) << completion.status();
  EXPECT_EQ(completion->model_used(), "gpt-4o-mini");
  ASSERT_EQ(completion->failed_attempts_size(), 2);
  EXPECT_EQ(completion->failed_attempts(0).model(), "claude-sonnet-4");
  EXPECT_EQ(completion->failed_attempts(0).reason(), "HTTP 529");
  EXPECT_EQ(completion->failed_attempts(1).reason(), "HTTP 401");
  EXPECT_THAT(fake_.asked(), ElementsAre(kClaude, kClaude, kClaude, kGpt4o, kMini))
      << "a wrong key is not tried again";
}

TEST_F(RouterTest, SkipsProvidersWithoutKey) {
  Build(/*with_anthropic=*/false, /*with_openai=*/true);
  EXPECT_EQ(Complete(v1::TIER_PREMIUM)->model_used(), "gpt-4o");
  EXPECT_FALSE(ModelNamed("claude-sonnet-4").configured());
}

TEST_F(RouterTest, AnswersLocallyWithoutAnyKey) {
  Build(/*with_anthropic=*/false, /*with_openai=*/false);
  const auto completion = Complete(v1::TIER_PREMIUM, v1::TASK_COACH_REPLY);
  ASSERT_TRUE(completion.ok());
  EXPECT_EQ(completion->provider(), "local");
  EXPECT_EQ(completion->model_used(), "local-lexicon");
  EXPECT_EQ(completion->text(), "by coach");
  EXPECT_EQ(completion->cost_usd(), 0);
  EXPECT_THAT(fake_.asked(), IsEmpty());
  EXPECT_TRUE(router_->Healthy().ok());
  EXPECT_EQ(router_->Complete(Patient(), Asking(v1::TIER_SIMPLE, v1::TASK_DEEP_ANALYSIS))->text(),
            "by analysis");
  EXPECT_EQ(ModelNamed("local-lexicon").requests_total(), 2) << "of both rooms";
}

TEST_F(RouterTest, GivesUpOnATaskThatNoRoomServes) {
  Build(/*with_anthropic=*/false, /*with_openai=*/false);
  const absl::Status failure =
      router_->Complete(Patient(), Asking(v1::TIER_SIMPLE, v1::TASK_SUMMARY)).status();
  EXPECT_EQ(failure.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status::Reason(failure), "FALLBACK_CHAIN_EXHAUSTED");
}

TEST_F(RouterTest, ARoomThatWasDownIsAskedAsSoonAsItIsBack) {
  Build(/*with_anthropic=*/false, /*with_openai=*/false);
  coach_->down = true;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(status::ErrorMetadata(Complete(v1::TIER_STANDARD, v1::TASK_COACH_REPLY).status())
                  .at("attempts"),
              "local-lexicon: SERVICE_UNAVAILABLE");
  }
  EXPECT_TRUE(router_->Complete(Patient(), Asking(v1::TIER_SIMPLE, v1::TASK_DEEP_ANALYSIS)).ok());
  EXPECT_EQ(ModelNamed("local-lexicon").breaker_state(), v1::BREAKER_STATE_CLOSED);
  coach_->down = false;
  EXPECT_EQ(Complete(v1::TIER_STANDARD, v1::TASK_COACH_REPLY)->text(), "by coach");
}

TEST_F(RouterTest, GivesUpWhenTheChainIsExhausted) {
  fake_.Always(kGpt4o, FakeModels::Status(500));
  fake_.Always(kMini, FakeModels::Raw("<html>"));
  const absl::Status failure = Complete(v1::TIER_STANDARD).status();
  EXPECT_EQ(failure.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status::Reason(failure), "FALLBACK_CHAIN_EXHAUSTED");
  EXPECT_EQ(status::ErrorMetadata(failure).at("attempts"),
            "gpt-4o: HTTP 500, gpt-4o-mini: MALFORMED_RESPONSE");
}

TEST_F(RouterTest, SharesTheTimeSoThatTheFallbackAnswers) {
  fake_.Always(kGpt4o, fake_.Hangs());
  const auto completion =
      router_->Complete(Call::Background(absl::Milliseconds(900)), Asking(v1::TIER_STANDARD));
  ASSERT_TRUE(completion.ok()) << completion.status();
  EXPECT_EQ(completion->model_used(), "gpt-4o-mini");
  EXPECT_EQ(completion->failed_attempts(0).reason(), "AI_API_TIMEOUT");
}

TEST_F(RouterTest, SaysSoWhenNobodyAnswersInTime) {
  fake_.Always(kMini, fake_.Hangs());
  const absl::Status failure =
      router_->Complete(Call::Background(absl::Milliseconds(100)), Asking(v1::TIER_SIMPLE))
          .status();
  EXPECT_EQ(failure.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(status::Reason(failure), "AI_API_TIMEOUT");
}

TEST_F(RouterTest, OpensTheBreakerOfAModelThatKeepsFailing) {
  fake_.Always(kGpt4o, FakeModels::Status(401));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Complete(v1::TIER_STANDARD)->model_used(), "gpt-4o-mini");
  EXPECT_EQ(ModelNamed("gpt-4o").breaker_state(), v1::BREAKER_STATE_OPEN);
  EXPECT_TRUE(ModelNamed("gpt-4o").has_retry_at());
  EXPECT_EQ(ModelNamed("gpt-4o-mini").breaker_state(), v1::BREAKER_STATE_CLOSED);

  const size_t asked = fake_.asked().size();
  const auto completion = Complete(v1::TIER_STANDARD);
  EXPECT_EQ(completion->failed_attempts(0).reason(), "breaker open");
  EXPECT_EQ(fake_.asked().size(), asked + 1) << "the mini alone";

  fake_.Always(kGpt4o, FakeModels::Says("back"));
  ahead_seconds_ = 61;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Complete(v1::TIER_STANDARD)->text(), "back");
  EXPECT_EQ(ModelNamed("gpt-4o").breaker_state(), v1::BREAKER_STATE_CLOSED);
}

TEST_F(RouterTest, TellsWhenAllBreakersAreOpen) {
  fake_.Always(kGpt4o, FakeModels::Status(403));
  fake_.Always(kMini, FakeModels::Status(403));
  fake_.Always(kClaude, FakeModels::Status(403));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Complete(v1::TIER_PREMIUM).ok());
  EXPECT_TRUE(absl::IsUnavailable(router_->Healthy()));
  const size_t asked = fake_.asked().size();
  const absl::Status failure = Complete(v1::TIER_PREMIUM).status();
  EXPECT_EQ(status::Reason(failure), "FALLBACK_CHAIN_EXHAUSTED");
  EXPECT_TRUE(status::RetryAfter(failure).has_value());
  EXPECT_EQ(fake_.asked().size(), asked);
}

TEST_F(RouterTest, DoesNotBlameAModelForCallersInAHurry) {
  fake_.Always(kMini, fake_.Hangs());
  for (int i = 0; i < 6; ++i) {
    EXPECT_FALSE(
        router_->Complete(Call::Background(absl::Milliseconds(20)), Asking(v1::TIER_SIMPLE)).ok());
  }
  EXPECT_EQ(ModelNamed("gpt-4o-mini").breaker_state(), v1::BREAKER_STATE_CLOSED);
}

TEST_F(RouterTest, TakesJsonOutOfItsWrappingAndFallsBackWithoutAny) {
  fake_.Next(kGpt4o, FakeModels::Says("I would rather not."));
  fake_.Next(kMini, FakeModels::Says("Sure:\n```json\n{\"a\": 1}\n```"));
  v1::CompletionInput input = Asking(v1::TIER_STANDARD);
  input.set_response_format(v1::RESPONSE_FORMAT_JSON);
  const auto completion = router_->Complete(Patient(), input);
  ASSERT_TRUE(completion.ok()) << completion.status();
  EXPECT_EQ(completion->text(), "{\"a\":1}");
  EXPECT_EQ(completion->failed_attempts(0).reason(), "UNUSABLE_ANSWER");
  EXPECT_DOUBLE_EQ(completion->cost_usd(), 0.0035 + 0.00021)
      << "what could not be used was paid for";
  EXPECT_EQ(ModelNamed("gpt-4o").breaker_state(), v1::BREAKER_STATE_CLOSED);
}

TEST_F(RouterTest, StopsForACallerWhoHasGoneAway) {
  fake_.Always(kGpt4o, FakeModels::Status(500));
  const Call gone(absl::Now() + absl::Seconds(30), {}, [] { return true; });
  EXPECT_TRUE(absl::IsCancelled(router_->Complete(gone, Asking(v1::TIER_STANDARD)).status()));
  EXPECT_THAT(fake_.asked(), Each(std::string(kGpt4o)));
}

struct Streamed {
  std::string text;
  int restarts = 0;
  absl::StatusOr<v1::Completion> completion;
};

class StreamTest : public RouterTest {
 protected:
  Streamed Stream(v1::Tier tier, v1::Task task = v1::TASK_SUMMARY) {
    Streamed result;
    result.completion =
        router_->Stream(Patient(), Asking(tier, task), [&](std::string_view text, bool restart) {
          if (restart) {
            result.text.clear();
            ++result.restarts;
          }
          result.text += text;
          return absl::OkStatus();
        });
    return result;
  }
};

TEST_F(StreamTest, GivesTheAnswerAsItComes) {
  for (const auto& [tier, model] :
       {std::pair(v1::TIER_PREMIUM, kClaude), {v1::TIER_STANDARD, kGpt4o}}) {
    fake_.Next(model, FakeModels::Streams({"Hel", "lo ", "Ünï"}));
    const Streamed streamed = Stream(tier);
    ASSERT_TRUE(streamed.completion.ok()) << streamed.completion.status();
    EXPECT_EQ(streamed.text, "Hello Ünï");
    EXPECT_EQ(streamed.completion->text(), streamed.text);
    EXPECT_EQ(streamed.restarts, 0);
    EXPECT_GT(streamed.completion->output_tokens(), 0) << "estimated";
  }
}

TEST_F(StreamTest, BeginsAnewWhenAModelBreaksOff) {
  fake_.Always(kClaude, FakeModels::Streams({"Half an ans"}, /*complete=*/false));
  const Streamed streamed = Stream(v1::TIER_PREMIUM);
  ASSERT_TRUE(streamed.completion.ok()) << streamed.completion.status();
  EXPECT_EQ(streamed.text, "Hello from gpt-4o");
  EXPECT_EQ(streamed.completion->failed_attempts(0).reason(), "CUT_REPLY");
  EXPECT_EQ(streamed.restarts, 1);
  EXPECT_THAT(fake_.asked(), ElementsAre(kClaude, kGpt4o)) << "nobody waits for the same again";
}

// llama.cpp's Python server says [DONE] when another request interrupts it.
TEST_F(StreamTest, ADoneWithoutAFinishReasonIsACut) {
  fake_.Always(kGpt4o, FakeModels::StreamsData(
                           {R"({"choices":[{"delta":{"content":"Half an"},"finish_reason":null}]})",
                            "[DONE]"}));
  const Streamed streamed = Stream(v1::TIER_STANDARD);
  ASSERT_TRUE(streamed.completion.ok()) << streamed.completion.status();
  EXPECT_EQ(streamed.text, "Hello from gpt-4o-mini");
  EXPECT_EQ(streamed.completion->failed_attempts(0).reason(), "CUT_REPLY");
  EXPECT_EQ(streamed.restarts, 1);
}

TEST_F(StreamTest, TheLocalModelBeginsAnewWhereTheLastOneIsCut) {
  for (const char* model : {kGpt4o, kMini}) {
    fake_.Always(model, FakeModels::Streams({"Half"}, /*complete=*/false));
  }
  const Streamed streamed = Stream(v1::TIER_STANDARD, v1::TASK_COACH_REPLY);
  ASSERT_TRUE(streamed.completion.ok()) << streamed.completion.status();
  EXPECT_EQ(streamed.text, "by coach");
  EXPECT_EQ(streamed.restarts, 2);
}

TEST_F(StreamTest, DoesNotRestartWhatHasNotBegun) {
  fake_.Always(kClaude, FakeModels::Status(503));
  const Streamed streamed = Stream(v1::TIER_PREMIUM);
  EXPECT_EQ(streamed.text, "Hello from gpt-4o");
  EXPECT_EQ(streamed.restarts, 0);
}

TEST_F(StreamTest, AsksNobodyElseOnceNobodyListens) {
  const auto completion =
      router_->Stream(Patient(), Asking(v1::TIER_PREMIUM),
                      [](std::string_view, bool) { return absl::CancelledError("gone"); });
  EXPECT_TRUE(absl::IsCancelled(completion.status()));
  EXPECT_THAT(fake_.asked(), ElementsAre(kClaude));
}

}  // namespace
}  // namespace selfology::ai
