// The forms of OpenAI's and Anthropic's APIs, also when they are not as documented.

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/ai/anthropic_wire.h"
#include "services/platform/ai/completion_input.h"
#include "services/platform/ai/failure.h"
#include "services/platform/ai/json_fields.h"
#include "services/platform/ai/openai_wire.h"

namespace selfology::ai {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Model kModel = *ParseModel("openai,gpt-4o,2.50,10", v1::TIER_STANDARD);

v1::CompletionInput Dialogue() {
  v1::CompletionInput input;
  input.set_system_prompt("You are a coach.");
  const auto add = [&](v1::Role role, const char* text) {
    v1::ChatMessage& message = *input.add_messages();
    message.set_role(role);
    message.set_content(text);
  };
  add(v1::ROLE_ASSISTANT, "How are you?");
  add(v1::ROLE_USER, "Fine \"thanks\"\n");
  return *Normalise(input);
}

TEST(OpenAi, AsksForACompletion) {
  v1::CompletionInput input = Dialogue();
  input.set_response_format(v1::RESPONSE_FORMAT_JSON);
  const nlohmann::json body = ParseJson(openai::ChatBody(kModel, input, /*stream=*/false));
  EXPECT_EQ(body["model"], "gpt-4o");
  EXPECT_EQ(body["messages"].size(), 3u);
  EXPECT_EQ(body["messages"][0]["role"], "system");
  EXPECT_EQ(body["messages"][1]["role"], "assistant");
  EXPECT_EQ(body["messages"][2]["content"], "Fine \"thanks\"\n");
  EXPECT_EQ(body["response_format"]["type"], "json_object");
  EXPECT_EQ(body["max_tokens"], 1024);
  EXPECT_FALSE(body.contains("stream"));
  EXPECT_EQ(ParseJson(openai::ChatBody(kModel, input, /*stream=*/true))["stream"], true);
}

TEST(OpenAi, ReadsACompletion) {
  const auto answer = openai::ParseChat(
      R"({"choices":[{"message":{"content":"Hi"},"finish_reason":"length"}],
          "usage":{"prompt_tokens":7,"completion_tokens":2}})",
      Dialogue());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->text, "Hi");
  EXPECT_EQ(answer->input_tokens, 7);
  EXPECT_EQ(answer->output_tokens, 2);
  EXPECT_TRUE(answer->truncated);
}

TEST(OpenAi, EstimatesTokensThatTheServerDoesNotCount) {
  const auto answer =
      openai::ParseChat(R"({"choices":[{"message":{"content":"Hi there!"}}]})", Dialogue());
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->output_tokens, 3);
  EXPECT_GT(answer->input_tokens, 5);
}

TEST(OpenAi, TellsUnusableFromMalformed) {
  const auto reason = [](std::string_view body) {
    return status::Reason(openai::ParseChat(body, Dialogue()).status());
  };
  EXPECT_EQ(reason(R"({"choices":[{"message":{"content":null,"refusal":"no"}}]})"),
            "UNUSABLE_ANSWER");
  EXPECT_EQ(reason(R"({"choices":[{"message":{"content":"x"},"finish_reason":"content_filter"}]})"),
            "UNUSABLE_ANSWER");
  for (const std::string_view body :
       {"", "<html>", "[]", "{}", R"({"choices":[]})", R"({"choices":{"0":1}})"}) {
    EXPECT_EQ(reason(body), "MALFORMED_RESPONSE") << body;
  }
}

TEST(OpenAi, AddsUpAStream) {
  openai::ChatStream stream;
  EXPECT_EQ(*stream.Take(R"({"choices":[{"delta":{"role":"assistant","content":""}}]})"), "");
  EXPECT_EQ(*stream.Take(R"({"choices":[{"delta":{"content":"Hel"}}]})"), "Hel");
  EXPECT_EQ(*stream.Take(R"({"choices":[{"delta":{"content":"lo"}}]})"), "lo");
  EXPECT_EQ(*stream.Take(R"({"choices":[{"delta":{},"finish_reason":"stop"}]})"), "");
  EXPECT_EQ(*stream.Take(R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2}})"),
            "");
  EXPECT_EQ(*stream.Take("[DONE]"), "");
  const auto answer = std::move(stream).Finish(Dialogue());
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->text, "Hello");
  EXPECT_EQ(answer->input_tokens, 9);
}

TEST(OpenAi, DoesNotTakeHalfAStreamForAnAnswer) {
  for (const bool says_done : {false, true}) {
    openai::ChatStream stream;
    EXPECT_EQ(*stream.Take(R"({"choices":[{"delta":{"content":"Hel"}}]})"), "Hel");
    if (says_done) EXPECT_EQ(*stream.Take("[DONE]"), "");
    EXPECT_EQ(status::Reason(std::move(stream).Finish(Dialogue()).status()), "CUT_REPLY");
  }
}

TEST(OpenAi, TakesTheMeanOfATextsTokens) {
  const auto embeddings =
      openai::ParseEmbeddings(R"({"data":[{"index":0,"embedding":[[3,0],[3,8]]}]})", {"a"});
  ASSERT_TRUE(embeddings.ok()) << embeddings.status();
  EXPECT_THAT(embeddings->vectors, ElementsAre(ElementsAre(0.6f, 0.8f)));
  EXPECT_FALSE(
      openai::ParseEmbeddings(R"({"data":[{"index":0,"embedding":[[3,0],[3]]}]})", {"a"}).ok());
}

TEST(OpenAi, AsksForAWidthUnlessTheModelHasOne) {
  Model model = kModel;
  EXPECT_EQ(ParseJson(openai::EmbeddingBody(model, {"a"}, 512))["dimensions"], 512);
  model.width = 384;
  EXPECT_FALSE(ParseJson(openai::EmbeddingBody(model, {"a"}, 512)).contains("dimensions"));
}

TEST(OpenAi, PutsEmbeddingsInTheOrderOfTheTexts) {
  const auto embeddings = openai::ParseEmbeddings(
      R"({"data":[{"index":1,"embedding":[0,3]},{"index":0,"embedding":[3,4]}],"usage":{"total_tokens":5}})",
      {"a", "b"});
  ASSERT_TRUE(embeddings.ok()) << embeddings.status();
  EXPECT_THAT(embeddings->vectors, ElementsAre(ElementsAre(0.6f, 0.8f), ElementsAre(0.0f, 1.0f)));
  EXPECT_EQ(embeddings->tokens, 5);
}

TEST(OpenAi, RefusesEmbeddingsThatAreNotWhatWasAskedFor) {
  for (const std::string_view body :
       {R"({"data":[]})", R"({"data":[{"index":0,"embedding":[]}]})",
        R"({"data":[{"index":7,"embedding":[1,0]}]})",
        R"({"data":[{"index":0,"embedding":["x",0]}]})",
        R"({"data":[{"index":0,"embedding":[0,0]}]})", R"({"data":[{"index":0}]})", "nothing"}) {
    EXPECT_FALSE(openai::ParseEmbeddings(body, {"a"}).ok()) << body;
  }
  EXPECT_FALSE(
      openai::ParseEmbeddings(
          R"({"data":[{"index":1,"embedding":[1]},{"index":0,"embedding":[1,0]}]})", {"a", "b"})
          .ok())
      << "of different lengths";
}

TEST(Anthropic, LetsThePersonSpeakFirst) {
  const nlohmann::json body =
      ParseJson(anthropic::MessagesBody(kModel, Dialogue(), /*stream=*/false));
  EXPECT_EQ(body["system"], "You are a coach.");
  ASSERT_EQ(body["messages"].size(), 1u) << "the model's opening turn is left out";
  EXPECT_EQ(body["messages"][0]["role"], "user");
  EXPECT_EQ(body["max_tokens"], 1024);
}

TEST(Anthropic, ReadsAMessage) {
  const auto answer = anthropic::ParseMessage(
      R"({"content":[{"type":"text","text":"Hel"},{"type":"text","text":"lo"}],"stop_reason":"end_turn",
          "usage":{"input_tokens":11,"output_tokens":3}})",
      Dialogue());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->text, "Hello");
  EXPECT_EQ(answer->input_tokens, 11);
  EXPECT_EQ(answer->output_tokens, 3);
  EXPECT_FALSE(answer->truncated);
}

TEST(Anthropic, TellsUnusableFromMalformed) {
  const auto reason = [](std::string_view body) {
    return status::Reason(anthropic::ParseMessage(body, Dialogue()).status());
  };
  EXPECT_EQ(reason(R"({"content":[{"type":"text","text":"no"}],"stop_reason":"refusal"})"),
            "UNUSABLE_ANSWER");
  EXPECT_EQ(reason(R"({"content":[]})"), "UNUSABLE_ANSWER");
  EXPECT_EQ(reason(R"({"content":"x"})"), "MALFORMED_RESPONSE");
  EXPECT_EQ(reason("oops"), "MALFORMED_RESPONSE");
}

TEST(Anthropic, AddsUpAStream) {
  anthropic::MessageStream stream;
  EXPECT_EQ(
      *stream.Take(
          R"({"type":"message_start","message":{"usage":{"input_tokens":25,"output_tokens":1}}})"),
      "");
  EXPECT_EQ(
      *stream.Take(
          R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"),
      "");
  EXPECT_EQ(*stream.Take(R"({"type":"ping"})"), "");
  EXPECT_EQ(
      *stream.Take(R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"Hi"}})"),
      "Hi");
  EXPECT_EQ(
      *stream.Take(
          R"({"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"output_tokens":15}})"),
      "");
  EXPECT_EQ(*stream.Take(R"({"type":"message_stop"})"), "");
  const auto answer = std::move(stream).Finish(Dialogue());
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->text, "Hi");
  EXPECT_EQ(answer->input_tokens, 25);
  EXPECT_EQ(answer->output_tokens, 15);
  EXPECT_TRUE(answer->truncated);
}

TEST(Anthropic, EndsAStreamThatTellsOfAnError) {
  anthropic::MessageStream stream;
  EXPECT_TRUE(absl::IsUnavailable(
      stream.Take(R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})")
          .status()));
}

TEST(Anthropic, DoesNotTakeAStreamWithoutAStopReasonForAnAnswer) {
  anthropic::MessageStream stream;
  EXPECT_EQ(*stream.Take(R"({"type":"content_block_delta","delta":{"text":"Hel"}})"), "Hel");
  EXPECT_EQ(*stream.Take(R"({"type":"message_stop"})"), "");
  EXPECT_EQ(status::Reason(std::move(stream).Finish(Dialogue()).status()), "CUT_REPLY");
}

TEST(Failures, SayWhetherAskingAgainHelps) {
  EXPECT_TRUE(absl::IsUnavailable(FailureOf({.status = 500})));
  EXPECT_TRUE(absl::IsUnavailable(FailureOf({.status = 529})));
  EXPECT_TRUE(absl::IsUnauthenticated(FailureOf({.status = 401})));
  EXPECT_TRUE(absl::IsInvalidArgument(FailureOf({.status = 400, .body = "secret"})));
  const absl::Status busy = FailureOf({.status = 429, .headers = {{"Retry-After", "7"}}});
  EXPECT_TRUE(absl::IsResourceExhausted(busy));
  EXPECT_EQ(status::RetryAfter(busy), absl::Seconds(7));
}

TEST(Failures, TellNothingOfTheBody) {
  EXPECT_THAT(FailureOf({.status = 400, .body = "my secret answer"}).ToString(),
              ::testing::Not(HasSubstr("secret")));
}

TEST(Failures, AreNamedShortly) {
  EXPECT_EQ(WhyFailed(FailureOf({.status = 529})), "HTTP 529");
  EXPECT_EQ(WhyFailed(absl::DeadlineExceededError("late")), "AI_API_TIMEOUT");
  EXPECT_EQ(WhyFailed(UnusableAnswer("no text")), "UNUSABLE_ANSWER");
  EXPECT_EQ(WhyFailed(status::Error(mesh::v1::ERROR_CODE_SERVICE_DEGRADED, "open")),
            "breaker open");
}

}  // namespace
}  // namespace selfology::ai
