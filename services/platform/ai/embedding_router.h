// Asks the one model that makes vectors. There is no chain: vectors of different models cannot be
// compared, so a model that fails is not stood in for.
//
//   EmbeddingRouter embeddings(model, embedder, {.metrics = &metrics});
//   ASSIGN_OR_RETURN(v1::EmbedResponse response, embeddings.Embed(call, texts, 512));
//
// Circuit breaker, retries, errors and metrics as in router.h. Threads: thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "selfology/ai/v1/ai_service.pb.h"
#include "services/platform/ai/provider.h"
#include "services/platform/ai/router.h"

namespace selfology::ai {

class EmbeddingRouter {
 public:
  EmbeddingRouter(Model model, std::shared_ptr<Embedder> embedder, Router::Options options);

  absl::StatusOr<v1::EmbedResponse> Embed(const Call& call, const std::vector<std::string>& texts,
                                          int dimensions);

 private:
  const Model model_;
  const std::shared_ptr<Embedder> embedder_;
  const Router::Options options_;
  observe::Requests requests_;
  const Spending spending_;
  std::optional<resilience::CircuitBreaker> breaker_;
};

}  // namespace selfology::ai
