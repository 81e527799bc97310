#include "services/platform/ai/anthropic_wire.h"

#include <utility>

#include "common/status/status_macros.h"
#include "services/platform/ai/completion_input.h"
#include "services/platform/ai/failure.h"
#include "services/platform/ai/json_fields.h"

namespace selfology::ai::anthropic {
namespace {

using nlohmann::json;

// The API wants the person to speak first; a dialogue that was cut to its last turns may begin with
// the model.
json Messages(const v1::CompletionInput& input) {
  json messages = json::array();
  for (const v1::ChatMessage& message : input.messages()) {
    const bool from_person = message.role() == v1::ROLE_USER;
    if (messages.empty() && !from_person) continue;
    messages.push_back(
        {{"role", from_person ? "user" : "assistant"}, {"content", message.content()}});
  }
  return messages;
}

absl::Status TakeStopReason(const std::string* reason, Answer& answer) {
  if (reason == nullptr) return absl::OkStatus();
  if (*reason == "refusal") return UnusableAnswer("the model refused");
  answer.truncated = *reason == "max_tokens" || *reason == "model_context_window_exceeded";
  return absl::OkStatus();
}

}  // namespace

std::string MessagesBody(const Model& model, const v1::CompletionInput& input, bool stream) {
  json body = {{"model", model.api_name},
               {"messages", Messages(input)},
               {"max_tokens", input.max_tokens()},
               {"temperature", input.temperature()}};
  if (const std::string system = SystemText(input); !system.empty()) body["system"] = system;
  if (stream) body["stream"] = true;
  return Dump(body);
}

absl::StatusOr<Answer> ParseMessage(std::string_view body, const v1::CompletionInput& input) {
  const json parsed = ParseJson(body);
  const json* content = ValueAt(parsed, "/content");
  if (content == nullptr || !content->is_array()) return MalformedResponse("no content");
  Answer answer;
  for (const json& block : *content) {
    if (const std::string* text = StringAt(block, "/text")) answer.text += *text;
  }
  RETURN_IF_ERROR(TakeStopReason(StringAt(parsed, "/stop_reason"), answer));
  TakeCount(parsed, "/usage/input_tokens", answer.input_tokens);
  TakeCount(parsed, "/usage/output_tokens", answer.output_tokens);
  return Finished(std::move(answer), input);
}

absl::StatusOr<std::string> MessageStream::Take(std::string_view data) {
  const json event = ParseJson(data);
  const std::string* type = StringAt(event, "/type");
  if (type == nullptr) return MalformedResponse("event without a type");
  if (*type == "error") return FailureInStream(StringAt(event, "/error/type"));
  if (*type == "message_start") {
    TakeCount(event, "/message/usage/input_tokens", answer_.input_tokens);
  } else if (*type == "message_delta") {
    TakeCount(event, "/usage/output_tokens", answer_.output_tokens);
    const std::string* reason = StringAt(event, "/delta/stop_reason");
    RETURN_IF_ERROR(TakeStopReason(reason, answer_));
    has_reason_ |= reason != nullptr;
  } else if (*type == "message_stop") {
    finished_ = true;
  } else if (*type == "content_block_delta") {
    if (const std::string* text = StringAt(event, "/delta/text")) {
      answer_.text += *text;
      return *text;
    }
  }
  return "";
}

absl::StatusOr<Answer> MessageStream::Finish(const v1::CompletionInput& input) && {
  if (!has_reason_ || !finished_) return CutReply();
  return Finished(std::move(answer_), input);
}

}  // namespace selfology::ai::anthropic
