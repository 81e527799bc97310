#include "services/platform/ai/openai_wire.h"

#include <cmath>
#include <utility>

#include "absl/algorithm/container.h"
#include "common/status/status_macros.h"
#include "services/platform/ai/completion_input.h"
#include "services/platform/ai/failure.h"
#include "services/platform/ai/json_fields.h"

namespace selfology::ai::openai {
namespace {

using nlohmann::json;

constexpr size_t kWidestVector = 16384;

json Messages(const v1::CompletionInput& input) {
  json messages = json::array();
  if (const std::string system = SystemText(input); !system.empty()) {
    messages.push_back({{"role", "system"}, {"content", system}});
  }
  for (const v1::ChatMessage& message : input.messages()) {
    messages.push_back({{"role", message.role() == v1::ROLE_USER ? "user" : "assistant"},
                        {"content", message.content()}});
  }
  return messages;
}

// Words that say why it does not answer stand beside those of an answer.
bool HasRefusal(const json& body, const char* pointer) {
  const std::string* refusal = StringAt(body, pointer);
  return refusal != nullptr && !refusal->empty();
}

// Why the model stopped, as an error when it did not want to answer or was not let.
absl::Status TakeFinishReason(const std::string* reason, Answer& answer) {
  if (reason == nullptr) return absl::OkStatus();
  if (*reason == "content_filter") return UnusableAnswer("stopped by the content filter");
  answer.truncated = *reason == "length";
  return absl::OkStatus();
}

void TakeUsage(const json& body, Answer& answer) {
  TakeCount(body, "/usage/prompt_tokens", answer.input_tokens);
  TakeCount(body, "/usage/completion_tokens", answer.output_tokens);
}

// Scales to unit length; false when it has none.
bool Normalise(std::vector<float>& vector) {
  double squares = 0;
  for (const float x : vector) squares += static_cast<double>(x) * x;
  if (!std::isfinite(squares) || squares <= 0) return false;
  for (float& x : vector) x = static_cast<float>(x / std::sqrt(squares));
  return true;
}

bool AddTo(std::vector<float>& sum, const json& values) {
  if (!values.is_array() || (!sum.empty() && sum.size() != values.size())) return false;
  sum.resize(values.size());
  for (size_t i = 0; i < sum.size(); ++i) {
    if (!values[i].is_number()) return false;
    sum[i] += values[i].get<float>();
  }
  return true;
}

// A generative model behind llama.cpp's server gives a vector for each token: the text's is their
// mean, whose length does not matter here.
absl::StatusOr<std::vector<float>> ParseVector(const json& item) {
  const json* values = ValueAt(item, "/embedding");
  if (values == nullptr || !values->is_array()) return MalformedResponse("no embedding");
  const bool by_token = !values->empty() && values->front().is_array();
  std::vector<float> vector;
  for (const json& one : by_token ? *values : json::array({*values})) {
    if (!AddTo(vector, one)) return MalformedResponse("embedding not of numbers");
  }
  if (vector.empty() || vector.size() > kWidestVector) {
    return MalformedResponse("embedding of a length that no model has");
  }
  if (!Normalise(vector)) return MalformedResponse("embedding without a direction");
  return vector;
}

}  // namespace

std::string ChatBody(const Model& model, const v1::CompletionInput& input, bool stream) {
  json body = {{"model", model.api_name},
               {"messages", Messages(input)},
               {"max_tokens", input.max_tokens()},
               {"temperature", input.temperature()}};
  if (input.response_format() == v1::RESPONSE_FORMAT_JSON) {
    body["response_format"] = {{"type", "json_object"}};
  }
  if (stream) {
    body["stream"] = true;
    body["stream_options"] = {{"include_usage", true}};
  }
  return Dump(body);
}

absl::StatusOr<Answer> ParseChat(std::string_view body, const v1::CompletionInput& input) {
  const json parsed = ParseJson(body);
  if (ValueAt(parsed, "/choices/0/message") == nullptr) return MalformedResponse("no choices");
  if (HasRefusal(parsed, "/choices/0/message/refusal")) return UnusableAnswer("the model refused");
  Answer answer;
  if (const std::string* text = StringAt(parsed, "/choices/0/message/content")) answer.text = *text;
  RETURN_IF_ERROR(TakeFinishReason(StringAt(parsed, "/choices/0/finish_reason"), answer));
  TakeUsage(parsed, answer);
  return Finished(std::move(answer), input);
}

absl::StatusOr<std::string> ChatStream::Take(std::string_view data) {
  // Also said by a server that was interrupted, so it does not make an answer whole.
  if (data == "[DONE]") return "";
  const json chunk = ParseJson(data);
  if (!chunk.is_object()) return MalformedResponse("event is not JSON");
  if (chunk.contains("error")) {
    const std::string* code = StringAt(chunk, "/error/code");
    return FailureInStream(code != nullptr ? code : StringAt(chunk, "/error/type"));
  }
  TakeUsage(chunk, answer_);
  if (HasRefusal(chunk, "/choices/0/delta/refusal")) return UnusableAnswer("the model refused");
  const std::string* reason = StringAt(chunk, "/choices/0/finish_reason");
  RETURN_IF_ERROR(TakeFinishReason(reason, answer_));
  finished_ |= reason != nullptr;
  const std::string* text = StringAt(chunk, "/choices/0/delta/content");
  if (text == nullptr) return "";
  answer_.text += *text;
  return *text;
}

absl::StatusOr<Answer> ChatStream::Finish(const v1::CompletionInput& input) && {
  if (!finished_) return CutReply();
  return Finished(std::move(answer_), input);
}

std::string EmbeddingBody(const Model& model, const std::vector<std::string>& texts,
                          int dimensions) {
  json body = {{"model", model.api_name}, {"input", texts}, {"encoding_format", "float"}};
  if (model.width == 0) body["dimensions"] = dimensions;
  return Dump(body);
}

absl::StatusOr<Embeddings> ParseEmbeddings(std::string_view body,
                                           const std::vector<std::string>& texts) {
  const json parsed = ParseJson(body);
  const json* data = ValueAt(parsed, "/data");
  if (data == nullptr || !data->is_array()) return MalformedResponse("no data");
  if (data->size() != texts.size()) return MalformedResponse("another number of embeddings");
  Embeddings embeddings;
  embeddings.vectors.resize(texts.size());
  for (const json& item : *data) {
    // Items carry their index, and need not come in order.
    const size_t index = CountAt(item, "/index");
    if (index >= texts.size() || !embeddings.vectors[index].empty()) {
      return MalformedResponse("embeddings are numbered wrongly");
    }
    ASSIGN_OR_RETURN(embeddings.vectors[index], ParseVector(item));
  }
  const size_t width = embeddings.vectors.front().size();
  if (!absl::c_all_of(embeddings.vectors, [&](const auto& v) { return v.size() == width; })) {
    return MalformedResponse("embeddings of different lengths");
  }
  embeddings.tokens = CountAt(parsed, "/usage/total_tokens");
  if (embeddings.tokens == 0) {
    for (const std::string& text : texts) embeddings.tokens += EstimatedTokens(text);
  }
  return embeddings;
}

}  // namespace selfology::ai::openai
