#include "services/platform/ai/embedding_router.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "common/status/status_macros.h"
#include "services/platform/ai/failure.h"

namespace selfology::ai {

EmbeddingRouter::EmbeddingRouter(Model model, std::shared_ptr<Embedder> embedder, WidthRule rule,
                                 const ModelGateOptions& options)
    : embedder_(std::move(embedder)),
      rule_(rule),
      spending_(options.metrics),
      gate_(std::move(model), options) {}

absl::StatusOr<Embeddings> EmbeddingRouter::AskInBatches(const Call& call,
                                                         const std::vector<std::string>& texts,
                                                         int dimensions) const {
  const Model& model = gate_.model();
  const size_t batch = model.batch == 0 ? texts.size() : model.batch;
  Embeddings all;
  for (size_t begin = 0; begin < texts.size(); begin += batch) {
    const std::vector<std::string> some(texts.begin() + begin,
                                        texts.begin() + std::min(begin + batch, texts.size()));
    ASSIGN_OR_RETURN(Embeddings made, embedder_->Embed(call, model, some, dimensions));
    all.tokens += made.tokens;
    absl::c_move(made.vectors, std::back_inserter(all.vectors));
  }
  return all;
}

absl::StatusOr<Embeddings> EmbeddingRouter::Ask(const Call& call,
                                                const std::vector<std::string>& texts,
                                                int dimensions) const {
  const Model& model = gate_.model();
  ASSIGN_OR_RETURN(Embeddings embeddings, AskInBatches(call, texts, dimensions));
  const int width = static_cast<int>(embeddings.vectors.front().size());
  if (model.width != 0 && width != model.width) return OtherWidth(width, model.width);
  embeddings.model_width = width;
  ASSIGN_OR_RETURN(embeddings.vectors, ToWidth(std::move(embeddings.vectors), dimensions, rule_));
  return embeddings;
}

absl::StatusOr<v1::EmbedResponse> EmbeddingRouter::Embed(const Call& call,
                                                         const std::vector<std::string>& texts,
                                                         int dimensions) {
  const absl::StatusOr<Embeddings> embeddings = gate_.Run<Embeddings>(
      call, Priority::kBackground, [&](const Call& turn) { return Ask(turn, texts, dimensions); });
  const std::string& name = gate_.model().name;
  if (!embeddings.ok()) return GiveUp({{name, embeddings.status()}}, call);

  v1::EmbedResponse response;
  for (const std::vector<float>& vector : embeddings->vectors) {
    response.add_embeddings()->mutable_values()->Add(vector.begin(), vector.end());
  }
  response.set_model_used(name);
  response.set_tokens_used(embeddings->tokens);
  response.set_cost_usd(spending_.Add(gate_.model(), "embedding", embeddings->tokens, 0));
  response.set_model_dimensions(embeddings->model_width);
  response.set_space(SpaceOf(name, embeddings->model_width, dimensions, rule_));
  return response;
}

}  // namespace selfology::ai
