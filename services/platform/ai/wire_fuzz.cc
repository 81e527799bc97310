// Whatever a provider's server sends, reading it ends, with an answer that has text or with an
// error.

#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "common/http/sse.h"
#include "common/prompt/json_reply.h"
#include "common/status/status.h"
#include "services/platform/ai/anthropic_wire.h"
#include "services/platform/ai/failure.h"
#include "services/platform/ai/json_fields.h"
#include "services/platform/ai/openai_wire.h"
#include "testing/fuzz.h"

namespace selfology::ai {
namespace {

void CheckRefusal(const absl::Status& status) {
  const std::string reason = status::Reason(status);
  MUST(reason == "UNUSABLE_ANSWER" || reason == "MALFORMED_RESPONSE" || reason == "CUT_REPLY" ||
       reason == "AI_API_ERROR");
  MUST(!status.message().empty());
}

void Check(const absl::StatusOr<Answer>& answer) {
  if (!answer.ok()) return CheckRefusal(answer.status());
  MUST(!answer->text.empty());
  MUST(answer->input_tokens >= 0 && answer->output_tokens > 0);
}

void Check(const absl::StatusOr<Embeddings>& embeddings) {
  if (!embeddings.ok()) return CheckRefusal(embeddings.status());
  double squares = 0;
  for (const float x : embeddings->vectors.at(0)) squares += static_cast<double>(x) * x;
  MUST(std::abs(squares - 1) < 1e-3);
}

// A body of server-sent events: what was shown bit by bit is what the answer says.
template <typename Stream>
void CheckStream(std::string_view body, const v1::CompletionInput& input) {
  Stream stream;
  std::string shown;
  for (const http::ServerEvent& event : http::EventReader().Feed(body)) {
    const auto text = stream.Take(event.data);
    if (!text.ok()) return CheckRefusal(text.status());
    shown += *text;
  }
  const auto answer = std::move(stream).Finish(input);
  Check(answer);
  if (answer.ok()) MUST(answer->text == shown);
}

// As the router shapes an answer that was asked for as JSON.
void CheckShape(std::string_view text) {
  const auto object = prompt::FindJsonObject(text);
  if (object.has_value()) MUST(prompt::FindJsonObject(Dump(*object)) == object);
}

void CheckRetryAfter(std::string_view value) {
  const absl::Status failure =
      FailureOf({.status = 429, .headers = {{"Retry-After", std::string(value)}}});
  const auto delay = status::RetryAfter(failure);
  if (delay.has_value()) MUST(*delay >= absl::ZeroDuration() && *delay <= absl::Hours(24));
}

}  // namespace
}  // namespace selfology::ai

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace selfology::ai;  // NOLINT
  const std::string_view body = selfology::testing::InputText(data, size);
  const v1::CompletionInput input;
  Check(openai::ParseChat(body, input));
  Check(openai::ParseEmbeddings(body, {"text"}));
  Check(anthropic::ParseMessage(body, input));
  CheckStream<openai::ChatStream>(body, input);
  CheckStream<anthropic::MessageStream>(body, input);
  CheckShape(body);
  CheckRetryAfter(body);
  return 0;
}
