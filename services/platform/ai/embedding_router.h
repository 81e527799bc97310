// Asks the one model that makes vectors. There is no chain: vectors of different models cannot be
// compared, so a model that fails is not stood in for.
//
//   EmbeddingRouter embeddings(model, embedder, WidthRule::kProject, {.metrics = &metrics});
//   ASSIGN_OR_RETURN(v1::EmbedResponse response, embeddings.Embed(call, texts, 512));
//
// A model whose vectors have another width than asked for: as the rule says (vector_width.h). One
// that is set to a width of its own (Model.width) and gives another is refused: the vectors that
// are kept would not be comparable.
//
// A model that bears only so many texts at once (Model.batch) is asked for them bit by bit.
//
// Breaker, slots, tries, log and metrics as in model_gate.h; errors as in router.h.
// Threads: thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "selfology/ai/v1/ai_service.pb.h"
#include "services/platform/ai/model_gate.h"
#include "services/platform/ai/provider.h"
#include "services/platform/ai/spending.h"
#include "services/platform/ai/vector_width.h"

namespace selfology::ai {

class EmbeddingRouter {
 public:
  EmbeddingRouter(Model model, std::shared_ptr<Embedder> embedder, WidthRule rule,
                  const ModelGateOptions& options);

  absl::StatusOr<v1::EmbedResponse> Embed(const Call& call, const std::vector<std::string>& texts,
                                          int dimensions);

 private:
  absl::StatusOr<Embeddings> AskInBatches(const Call& call, const std::vector<std::string>& texts,
                                          int dimensions) const;
  absl::StatusOr<Embeddings> Ask(const Call& call, const std::vector<std::string>& texts,
                                 int dimensions) const;

  const std::shared_ptr<Embedder> embedder_;
  const WidthRule rule_;
  const Spending spending_;
  ModelGate gate_;
};

}  // namespace selfology::ai
