#include "services/platform/ai/embedding_router.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/platform/ai/failure.h"

namespace selfology::ai {

EmbeddingRouter::EmbeddingRouter(Model model, std::shared_ptr<Embedder> embedder,
                                 Router::Options options)
    : model_(std::move(model)),
      embedder_(std::move(embedder)),
      options_(std::move(options)),
      requests_(options_.metrics, "ai_model"),
      spending_(options_.metrics) {
  if (!HasBreaker(model_)) return;
  breaker_.emplace(
      absl::StrCat(model_.provider, ":", model_.name),
      resilience::CircuitBreaker::Options{
          .limits = options_.breaker, .clock = options_.clock, .metrics = options_.metrics});
}

absl::StatusOr<v1::EmbedResponse> EmbeddingRouter::Embed(const Call& call,
                                                         const std::vector<std::string>& texts,
                                                         int dimensions) {
  const absl::Time start = options_.clock();
  const auto embed = [&] {
    return resilience::Retry(call, options_.retry,
                             [&] { return embedder_->Embed(call, model_, texts, dimensions); });
  };
  const absl::StatusOr<Embeddings> embeddings =
      breaker_.has_value() ? breaker_->Run(embed) : embed();
  requests_.Record(model_.name, embeddings.status().code(), options_.clock() - start);
  if (!embeddings.ok()) return GiveUp({{model_.name, embeddings.status()}}, call);

  v1::EmbedResponse response;
  for (const std::vector<float>& vector : embeddings->vectors) {
    response.add_embeddings()->mutable_values()->Add(vector.begin(), vector.end());
  }
  response.set_model_used(model_.name);
  response.set_tokens_used(embeddings->tokens);
  response.set_cost_usd(spending_.Add(model_, "embedding", embeddings->tokens, 0));
  return response;
}

}  // namespace selfology::ai
