// Whatever a provider's server sends, reading it ends, with an answer that has text or with an
// error.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "services/ai/anthropic_wire.h"
#include "services/ai/openai_wire.h"

namespace selfology::ai {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void Check(const absl::StatusOr<Answer>& answer) {
  if (!answer.ok()) return;
  Require(!answer->text.empty());
  Require(answer->input_tokens >= 0 && answer->output_tokens > 0);
}

void Check(const absl::StatusOr<Embeddings>& embeddings) {
  if (!embeddings.ok()) return;
  double squares = 0;
  for (const float x : embeddings->vectors.at(0)) squares += static_cast<double>(x) * x;
  Require(std::abs(squares - 1) < 1e-3);
}

template <typename Stream>
void CheckStream(std::string_view data, const v1::CompletionInput& input) {
  Stream stream;
  const auto text = stream.Take(data);
  if (text.ok()) Check(std::move(stream).Finish(input));
}

}  // namespace
}  // namespace selfology::ai

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace selfology::ai;  // NOLINT
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const v1::CompletionInput input;
  Check(openai::ParseChat(body, input));
  Check(openai::ParseEmbeddings(body, {"text"}, 2));
  Check(anthropic::ParseMessage(body, input));
  CheckStream<openai::ChatStream>(body, input);
  CheckStream<anthropic::MessageStream>(body, input);
  return 0;
}
