// What Anthropic and OpenAI document of their errors, against a server that sends them: what
// becomes of the model, who answers instead, and what is told.
//
// Sources: see failure.h, openai_wire.h and anthropic_wire.h.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/platform/ai/failure.h"
#include "services/platform/ai/router_fixture_test.h"

namespace selfology::ai {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

int TimesOf(std::string_view word, std::string_view text) {
  return static_cast<int>(
             std::vector<std::string_view>(absl::StrSplit(text, absl::ByString(word))).size()) -
         1;
}

// Each test for both: Claude, behind which stands gpt-4o, and gpt-4o, behind which stands the mini.
struct Tested {
  const char* model;
  const char* name;  // Of the model in answers.
  const char* next;
  v1::Tier tier;
  bool anthropic;
};

class ProviderErrorsTest : public RouterTest, public ::testing::WithParamInterface<Tested> {
 protected:
  absl::StatusOr<v1::Completion> Ask(bool stream = false) {
    if (!stream) return Complete(GetParam().tier);
    heard_.clear();
    return router_->Stream(Patient(), Asking(GetParam().tier),
                           [&](std::string_view text, bool restart) {
                             if (restart) heard_.clear();
                             heard_ += text;
                             return absl::OkStatus();
                           });
  }
  // Asks, and gives why it did not answer; the next one must have.
  std::string WhyNextOne(bool stream = false) {
    const auto completion = Ask(stream);
    if (!completion.ok()) return completion.status().ToString();
    EXPECT_EQ(completion->model_used(), GetParam().next);
    EXPECT_EQ(completion->failed_attempts_size(), 1);
    if (stream) EXPECT_EQ(heard_, completion->text());
    return completion->failed_attempts(0).reason();
  }
  // One for each provider.
  template <typename T>
  static T Either(T anthropic, T openai) {
    return GetParam().anthropic ? anthropic : openai;
  }
  void Always(FakeModels::Behaviour behaviour) {
    fake_.Always(GetParam().model, std::move(behaviour));
  }
  size_t TimesAsked() {
    const std::vector<std::string> asked = fake_.asked();
    return std::count(asked.begin(), asked.end(), GetParam().model);
  }
  v1::Model Model() { return ModelNamed(GetParam().name); }

  std::string heard_;
};

INSTANTIATE_TEST_SUITE_P(
    All, ProviderErrorsTest,
    ::testing::Values(Tested{kClaude, "claude-sonnet-4", kGpt4o, v1::TIER_PREMIUM, true},
                      Tested{kGpt4o, kGpt4o, kMini, v1::TIER_STANDARD, false}),
    [](const auto& info) { return info.param.anthropic ? "Anthropic" : "OpenAi"; });

TEST_P(ProviderErrorsTest, A429WithRetryAfterIsHeededByAllCallers) {
  Always(FakeModels::Error(429, Either("rate_limit_error", "requests"), {{"retry-after", "40"}},
                           "rate_limit_exceeded"));
  EXPECT_EQ(WhyNextOne(), "HTTP 429");
  EXPECT_THAT(waits_, IsEmpty()) << "nobody waits for so long";
  EXPECT_EQ(WhyNextOne(), "told to wait");
  EXPECT_EQ(WhyNextOne(/*stream=*/true), "told to wait");
  EXPECT_EQ(TimesAsked(), 1u);
  EXPECT_TRUE(Model().has_retry_at());
  EXPECT_EQ(Model().breaker_state(), v1::BREAKER_STATE_CLOSED);
  Always(FakeModels::Says("back"));
  ahead_seconds_ = 41;
  EXPECT_EQ(Ask()->text(), "back");
  EXPECT_FALSE(Model().has_retry_at());
}

TEST_P(ProviderErrorsTest, NobodyIsToldToWaitForADay) {
  Always(FakeModels::Error(429, "rate_limit_error", {{"retry-after", "86400"}}));
  WhyNextOne();
  ahead_seconds_ = 3601;
  Always(FakeModels::Says("back"));
  EXPECT_EQ(Ask()->text(), "back");
}

TEST_P(ProviderErrorsTest, A429ForWantOfMoneyIsForTheOperator) {
  Always(GetParam().anthropic ? FakeModels::Error(429, "rate_limit_error", {}, nullptr,
                                                  {{"error_code", "enforced_spend_limit_reached"}})
                              : FakeModels::Error(429, "insufficient_quota", {{"retry-after", "1"}},
                                                  "insufficient_quota"));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(WhyNextOne(), "HTTP 429");
  EXPECT_EQ(TimesAsked(), 5u) << "asking again does not help";
  EXPECT_EQ(Model().breaker_state(), v1::BREAKER_STATE_OPEN);
}

TEST_P(ProviderErrorsTest, AnOverloadedOneIsTriedAgainAndThenLeft) {
  Always(FakeModels::Error(Either(529, 503), Either("overloaded_error", "server_error")));
  EXPECT_EQ(WhyNextOne(), Either("HTTP 529", "HTTP 503"));
  EXPECT_EQ(TimesAsked(), 3u);
  EXPECT_THAT(waits_, SizeIs(2));
}

TEST_P(ProviderErrorsTest, AnOverloadedOneMayNameATime) {
  Always(FakeModels::Error(Either(529, 503), Either("overloaded_error", "server_error"),
                           {{"retry-after", "60"}}));
  EXPECT_EQ(WhyNextOne(), Either("HTTP 529", "HTTP 503"));
  EXPECT_EQ(WhyNextOne(), "told to wait");
  EXPECT_EQ(TimesAsked(), 1u);
}

TEST_P(ProviderErrorsTest, A500IsTriedAgain) {
  fake_.Next(GetParam().model, FakeModels::Error(500, Either("api_error", "server_error")));
  EXPECT_EQ(Ask()->model_used(), GetParam().name);
  EXPECT_EQ(TimesAsked(), 2u);
}

TEST_P(ProviderErrorsTest, AKeyThatIsRefusedIsLoggedOnceAndOpensTheBreaker) {
  for (const auto& [status, type] :
       {std::pair(401, Either("authentication_error", "invalid_request_error")),
        std::pair(403, Either("permission_error", "invalid_request_error"))}) {
    Build(/*with_anthropic=*/true, /*with_openai=*/true);
    Always(FakeModels::Error(status, type, {}, "invalid_api_key"));
    ::testing::internal::CaptureStderr();
    for (int i = 0; i < 6; ++i) WhyNextOne();
    observe::FlushLog();
    const std::string log = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(TimesOf("model rejects requests: check its key, name and quota", log), 1) << log;
    EXPECT_EQ(TimesOf("How are you?", log), 0) << "no word of the prompt";
    EXPECT_EQ(Model().breaker_state(), v1::BREAKER_STATE_OPEN);
    EXPECT_EQ(WhyNextOne(), "breaker open");
  }
  EXPECT_EQ(TimesAsked(), 10u) << "5 times each, and never again in the same call";
}

TEST_P(ProviderErrorsTest, ItIsSaidOnceThatAModelFailsAndThatItIsBack) {
  Always(FakeModels::Error(400, "invalid_request_error"));
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) WhyNextOne();
  Always(FakeModels::Says("back"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Ask()->text(), "back");
  observe::FlushLog();
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(TimesOf("model failed", log), 1) << log;
  EXPECT_EQ(TimesOf("model recovered", log), 1) << log;
}

TEST_P(ProviderErrorsTest, ARefusalIsForTheNextOne) {
  for (const bool stream : {false, true}) {
    fake_.Next(GetParam().model, GetParam().anthropic ? FakeModels::Stops("I can", "refusal")
                                                      : FakeModels::Refuses());
    EXPECT_EQ(WhyNextOne(stream), "UNUSABLE_ANSWER");
  }
  EXPECT_EQ(TimesAsked(), 2u);
  EXPECT_EQ(Model().breaker_state(), v1::BREAKER_STATE_CLOSED);
}

TEST_P(ProviderErrorsTest, AnAnswerThatReachedItsLengthIsTruncated) {
  for (const bool stream : {false, true}) {
    fake_.Next(GetParam().model, FakeModels::Stops("Half an ans", Either("max_tokens", "length")));
    const auto completion = Ask(stream);
    ASSERT_TRUE(completion.ok()) << completion.status();
    EXPECT_EQ(completion->text(), "Half an ans");
    EXPECT_TRUE(completion->truncated());
  }
}

TEST_P(ProviderErrorsTest, ADialogueThatIsTooLongForItIsForTheNextOne) {
  Always(FakeModels::Error(400, "invalid_request_error", {}, "context_length_exceeded"));
  EXPECT_EQ(WhyNextOne(), "HTTP 400");
  EXPECT_EQ(WhyNextOne(/*stream=*/true), "HTTP 400");
  EXPECT_EQ(TimesAsked(), 2u) << "once each";
  EXPECT_EQ(Model().breaker_state(), v1::BREAKER_STATE_CLOSED);
}

TEST_P(ProviderErrorsTest, ARequestThatIsTooLargeIsForTheNextOne) {
  Always(FakeModels::Error(413, "request_too_large"));
  EXPECT_EQ(WhyNextOne(), "HTTP 413");
  EXPECT_EQ(TimesAsked(), 1u);
}

TEST_P(ProviderErrorsTest, AnErrorInAStreamIsWhatItsTypeSays) {
  const auto error = [&](std::string_view type) {
    const std::string words =
        absl::StrCat(R"({"type":"error","error":{"type":")", type, R"(","message":"no"}})");
    return GetParam().anthropic
               ? FakeModels::StreamsData(
                     {R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"Ha"}})",
                      words})
               : FakeModels::StreamsData(
                     {R"({"choices":[{"delta":{"content":"Ha"},"finish_reason":null}]})", words});
  };
  Always(error(Either("overloaded_error", "server_error")));
  EXPECT_EQ(WhyNextOne(/*stream=*/true), Either("HTTP 529", "HTTP 500"));
  EXPECT_EQ(TimesAsked(), 3u);
  Always(error("authentication_error"));
  EXPECT_EQ(WhyNextOne(/*stream=*/true), "HTTP 401");
  EXPECT_EQ(TimesAsked(), 4u);
}

TEST_P(ProviderErrorsTest, ACutStreamIsForTheNextOne) {
  Always(FakeModels::Streams({"Half an ", "ans"}, /*complete=*/false));
  EXPECT_EQ(WhyNextOne(/*stream=*/true), "CUT_REPLY");
  EXPECT_EQ(TimesAsked(), 1u);
}

using OpenAiErrorsTest = RouterTest;

TEST_F(OpenAiErrorsTest, WhatTheContentFilterStoppedIsForTheNextOne) {
  fake_.Always(kGpt4o, FakeModels::Stops("Half an ans", "content_filter"));
  EXPECT_EQ(Complete(v1::TIER_STANDARD)->failed_attempts(0).reason(), "UNUSABLE_ANSWER");
  std::string heard;
  const auto streamed = router_->Stream(Patient(), Asking(v1::TIER_STANDARD),
                                        [&](std::string_view text, bool restart) {
                                          if (restart) heard.clear();
                                          heard += text;
                                          return absl::OkStatus();
                                        });
  ASSERT_TRUE(streamed.ok()) << streamed.status();
  EXPECT_EQ(streamed->failed_attempts(0).reason(), "UNUSABLE_ANSWER");
  EXPECT_EQ(heard, "Hello from gpt-4o-mini");
}

using AnthropicErrorsTest = RouterTest;

TEST_F(AnthropicErrorsTest, AnAnswerThatFilledTheContextIsTruncated) {
  fake_.Next(kClaude, FakeModels::Stops("Half", "model_context_window_exceeded"));
  const auto completion = Complete(v1::TIER_PREMIUM);
  ASSERT_TRUE(completion.ok()) << completion.status();
  EXPECT_EQ(completion->text(), "Half");
  EXPECT_TRUE(completion->truncated());
}

TEST(RetryAfterTest, MilliSecondsAreTheFinerWord) {
  const absl::Status busy =
      FailureOf({.status = 429, .headers = {{"retry-after", "2"}, {"retry-after-ms", "1200"}}});
  EXPECT_EQ(status::RetryAfter(busy), absl::Milliseconds(1200));
}

}  // namespace
}  // namespace selfology::ai
