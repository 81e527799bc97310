#include "services/coaching/lib/local_model/local_model_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/prompt/quoted.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "nlohmann/json.hpp"

namespace selfology::local_model {
namespace {

// Of local_model_service.proto and ai.proto.
constexpr int kCharactersPerToken = 4;
constexpr int kLargestMaxTokens = 8192;
constexpr int kMaxMessages = 500;
constexpr int kMaxTexts = 100;
constexpr int kMaxTextCharacters = 8000;
constexpr int kMinDimensions = 8;
constexpr int kMaxDimensions = 1536;

// What the prompts of the mesh quote for a model to work on.
constexpr std::string_view kMaterials[] = {"answer", "message", "insight", "profile", "text"};

std::string MaterialOf(const std::string& message) {
  for (const std::string_view tag : kMaterials) {
    if (auto quoted = prompt::Unquote(tag, message)) return *std::move(quoted);
  }
  return message;
}

ai::v1::CompletionInput WithPlainMessages(ai::v1::CompletionInput input) {
  for (ai::v1::ChatMessage& message : *input.mutable_messages()) {
    message.set_content(MaterialOf(message.content()));
  }
  return input;
}

std::string AsJson(const std::string& text) {
  return nlohmann::json({{"text", text}})
      .dump(/*indent=*/-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace);
}

absl::Status Validate(const ai::v1::CompletionInput& input, const Tasks& tasks) {
  status::FieldViolations bad;
  if (!tasks.contains(input.task())) bad.Add("input.task", "must be a task that the room serves");
  if (input.messages().empty() || input.messages_size() > kMaxMessages) {
    bad.Add("input.messages", "must be 1 to 500");
  }
  if (input.max_tokens() < 1 || input.max_tokens() > kLargestMaxTokens) {
    bad.Add("input.max_tokens", "must be 1 to 8,192");
  }
  return bad.ToStatus();
}

absl::Status Validate(const ai::v1::EmbedLocallyRequest& request) {
  status::FieldViolations bad;
  if (request.texts().empty() || request.texts_size() > kMaxTexts) {
    return status::InvalidField("texts", "must be 1 to 100");
  }
  for (int i = 0; i < request.texts_size(); ++i) {
    if (text::Trim(request.texts(i)).empty() ||
        text::Characters(request.texts(i)) > kMaxTextCharacters) {
      bad.Add(absl::StrCat("texts[", i, "]"), "must be 1 to 8,000 characters");
    }
  }
  if (request.dimensions() < kMinDimensions || request.dimensions() > kMaxDimensions) {
    bad.Add("dimensions", "must be 8 to 1,536");
  }
  return bad.ToStatus();
}

}  // namespace

LocalModelService::LocalModelService(Tasks tasks, Embed embed)
    : tasks_(std::move(tasks)), embed_(std::move(embed)) {}

bool LocalModelService::Serves(const google::protobuf::Message& request) const {
  using google::protobuf::DynamicCastToGenerated;
  if (const auto* whole = DynamicCastToGenerated<ai::v1::CompleteLocallyRequest>(&request)) {
    return tasks_.contains(whole->input().task());
  }
  if (const auto* stream = DynamicCastToGenerated<ai::v1::StreamCompleteLocallyRequest>(&request)) {
    return tasks_.contains(stream->input().task());
  }
  return embed_ != nullptr;
}

absl::StatusOr<LocalModelService::Written> LocalModelService::Write(
    const ai::v1::CompletionInput& input) const {
  RETURN_IF_ERROR(Validate(input, tasks_));
  const Task& task = tasks_.at(input.task());
  Written written;
  ASSIGN_OR_RETURN(written.text, task.write(WithPlainMessages(input)));
  if (input.response_format() == ai::v1::RESPONSE_FORMAT_JSON && !task.writes_json) {
    written.text = AsJson(written.text);
  }
  const int longest = kCharactersPerToken * input.max_tokens();
  written.truncated = text::Characters(written.text) > longest;
  if (written.truncated) written.text = text::Prefix(written.text, longest);
  return written;
}

absl::StatusOr<ai::v1::CompleteLocallyResponse> LocalModelService::CompleteLocally(
    const Call& /*call*/, const ai::v1::CompleteLocallyRequest& request) {
  ASSIGN_OR_RETURN(Written written, Write(request.input()));
  ai::v1::CompleteLocallyResponse response;
  response.set_text(std::move(written.text));
  response.set_truncated(written.truncated);
  return response;
}

absl::Status LocalModelService::StreamCompleteLocally(
    const Call& /*call*/, const ai::v1::StreamCompleteLocallyRequest& request,
    rpc::Writer<ai::v1::StreamCompleteLocallyResponse>& replies) {
  ASSIGN_OR_RETURN(const Written written, Write(request.input()));
  const auto send = [&](std::string_view delta, bool truncated) {
    ai::v1::StreamCompleteLocallyResponse reply;
    reply.set_text_delta(std::string(delta));
    reply.set_truncated(truncated);
    return replies.Write(reply) ? absl::OkStatus()
                                : absl::CancelledError("the caller has gone away");
  };
  for (std::string_view rest = written.text; !rest.empty();) {
    const size_t end = std::min(rest.find(' '), rest.size() - 1) + 1;
    RETURN_IF_ERROR(send(rest.substr(0, end), /*truncated=*/false));
    rest.remove_prefix(end);
  }
  return send("", written.truncated);
}

absl::StatusOr<ai::v1::EmbedLocallyResponse> LocalModelService::EmbedLocally(
    const Call& /*call*/, const ai::v1::EmbedLocallyRequest& request) {
  if (embed_ == nullptr) return absl::UnimplementedError("this room makes no vectors");
  RETURN_IF_ERROR(Validate(request));
  ai::v1::EmbedLocallyResponse response;
  for (const std::string& text : request.texts()) {
    const std::vector<float> vector = embed_(text, request.dimensions());
    response.add_embeddings()->mutable_values()->Add(vector.begin(), vector.end());
  }
  return response;
}

}  // namespace selfology::local_model
