#include "services/platform/ai/local_provider.h"

#include <utility>

#include "common/status/status_macros.h"
#include "services/platform/ai/completion_input.h"
#include "services/platform/ai/failure.h"

namespace selfology::ai {
namespace {

// A room that stops cancels its calls, which is not the caller's doing.
absl::Status FromRoom(const Call& call, absl::Status status) {
  if (absl::IsCancelled(status) && !call.Cancelled()) {
    return absl::UnavailableError("the room stopped");
  }
  return status;
}

}  // namespace

LocalProvider::LocalProvider(std::shared_ptr<rpc::Channel> room) : room_(std::move(room)) {}

Model LocalProvider::ModelOf(std::string_view room) {
  return {.name = "local-lexicon",
          .api_name = std::string(room),
          .provider = "local",
          .tier = v1::TIER_SIMPLE};
}

absl::StatusOr<Answer> LocalProvider::Complete(const Call& call, const Model& /*model*/,
                                               const v1::CompletionInput& input) {
  v1::CompleteLocallyRequest request;
  *request.mutable_input() = input;
  absl::StatusOr<v1::CompleteLocallyResponse> response = room_.CompleteLocally(call, request);
  if (!response.ok()) return FromRoom(call, response.status());
  return Finished(
      {.text = std::move(*response->mutable_text()), .truncated = response->truncated()}, input);
}

absl::StatusOr<Answer> LocalProvider::Stream(const Call& call, const Model& /*model*/,
                                             const v1::CompletionInput& input, OnText on_text) {
  v1::StreamCompleteLocallyRequest request;
  *request.mutable_input() = input;
  Answer answer;
  absl::Status refused;
  const absl::Status status = room_.StreamCompleteLocally(
      call, request, [&](const v1::StreamCompleteLocallyResponse& reply) {
        answer.text += reply.text_delta();
        answer.truncated = reply.truncated();
        if (!reply.text_delta().empty()) refused = on_text(reply.text_delta());
        return refused.ok();
      });
  RETURN_IF_ERROR(refused);
  if (!status.ok()) return FromRoom(call, status);
  return Finished(std::move(answer), input);
}

absl::StatusOr<Embeddings> LocalProvider::Embed(const Call& call, const Model& /*model*/,
                                                const std::vector<std::string>& texts,
                                                int dimensions) {
  v1::EmbedLocallyRequest request;
  request.mutable_texts()->Add(texts.begin(), texts.end());
  request.set_dimensions(dimensions);
  const absl::StatusOr<v1::EmbedLocallyResponse> response = room_.EmbedLocally(call, request);
  if (!response.ok()) return FromRoom(call, response.status());
  if (response->embeddings_size() != static_cast<int>(texts.size())) {
    return MalformedResponse("another number of vectors than of texts");
  }
  Embeddings embeddings;
  for (const v1::Embedding& embedding : response->embeddings()) {
    embeddings.vectors.emplace_back(embedding.values().begin(), embedding.values().end());
  }
  for (const std::string& text : texts) embeddings.tokens += EstimatedTokens(text);
  return embeddings;
}

}  // namespace selfology::ai
