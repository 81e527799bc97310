// What goes over the wire to Anthropic's Messages API, as JSON.
//
//   request.body = anthropic::MessagesBody(model, input, /*stream=*/false);
//   ASSIGN_OR_RETURN(Answer answer, anthropic::ParseMessage(response.body, input));
//
// Errors: MalformedResponse, UnusableAnswer (refusals), CutReply, FailureInStream (failure.h).
// Threads: pure functions; MessageStream belongs to one thread.
// Sources: https://docs.anthropic.com/en/api/messages, /messages-streaming (error events) and
// /handling-stop-reasons (max_tokens, refusal, model_context_window_exceeded)
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/platform/ai/provider.h"

namespace selfology::ai::anthropic {

// What the header anthropic-version says.
inline constexpr std::string_view kApiVersion = "2023-06-01";

std::string MessagesBody(const Model& model, const v1::CompletionInput& input, bool stream);

absl::StatusOr<Answer> ParseMessage(std::string_view body, const v1::CompletionInput& input);

// The answer that the events of a stream add up to.
class MessageStream {
 public:
  // The text to append; empty for events without any.
  absl::StatusOr<std::string> Take(std::string_view data);
  // Once the stream has ended. CutReply without a stop_reason or a message_stop.
  absl::StatusOr<Answer> Finish(const v1::CompletionInput& input) &&;

 private:
  Answer answer_;
  bool has_reason_ = false;
  bool finished_ = false;
};

}  // namespace selfology::ai::anthropic
