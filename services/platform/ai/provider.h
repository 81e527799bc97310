// Who runs models: what the router asks, whoever answers. Implemented by local_provider.h,
// anthropic_provider.h and openai_provider.h.
//
// Errors tell the router what to do (failure.h makes them out of HTTP responses):
//   UNAVAILABLE, DEADLINE_EXCEEDED   the same model may answer if asked again
//   RESOURCE_EXHAUSTED               likewise, after the delay it names
//   DATA_LOSS                        a stream was cut; ask the next one
//   anything else                    it will not; ask the next one
// Any of them may name a delay (google.rpc.RetryInfo) for which the model is left alone.
// Nothing in an error or log is from the prompt or the answer. Threads: thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "selfology/ai/v1/ai.pb.h"
#include "services/platform/ai/answer.h"
#include "services/platform/ai/model.h"

namespace selfology::ai {

class Provider {
 public:
  // An error ends the answer and is returned by Stream.
  using OnText = absl::FunctionRef<absl::Status(std::string_view text)>;

  virtual ~Provider() = default;

  // `input` has passed Normalise (completion_input.h).
  virtual absl::StatusOr<Answer> Complete(const Call& call, const Model& model,
                                          const v1::CompletionInput& input) = 0;

  // The same, bit by bit as well; `on_text` runs on the calling thread.
  virtual absl::StatusOr<Answer> Stream(const Call& call, const Model& model,
                                        const v1::CompletionInput& input, OnText on_text) = 0;
};

struct Embeddings {
  std::vector<std::vector<float>> vectors;  // Of unit length, in the order of the texts.
  int tokens = 0;
  int model_width = 0;  // As the model gave them, before they were made as wide as asked for.
};

class Embedder {
 public:
  virtual ~Embedder() = default;
  // Vectors of one length: that asked for, or another that the model has.
  virtual absl::StatusOr<Embeddings> Embed(const Call& call, const Model& model,
                                           const std::vector<std::string>& texts,
                                           int dimensions) = 0;
};

}  // namespace selfology::ai
