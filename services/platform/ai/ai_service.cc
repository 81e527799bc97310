#include "services/platform/ai/ai_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "services/platform/ai/completion_input.h"

namespace selfology::ai {
namespace {

// Of ai_service.proto.
constexpr int kMaxTexts = 100;
constexpr int kMaxTextCharacters = 8000;
constexpr int kDefaultDimensions = 512;
constexpr int kMinDimensions = 8;
constexpr int kMaxDimensions = 1536;

absl::Status Validate(const v1::EmbedRequest& request) {
  status::FieldViolations bad;
  if (request.texts().empty() || request.texts_size() > kMaxTexts) {
    return bad.Add("texts", "must be 1 to 100").ToStatus();
  }
  for (int i = 0; i < request.texts_size(); ++i) {
    if (text::Trim(request.texts(i)).empty() ||
        text::Characters(request.texts(i)) > kMaxTextCharacters) {
      bad.Add(absl::StrCat("texts[", i, "]"), "must be 1 to 8,000 characters");
    }
  }
  if (request.dimensions() != 0 &&
      (request.dimensions() < kMinDimensions || request.dimensions() > kMaxDimensions)) {
    bad.Add("dimensions", "must be 8 to 1,536, or 0 for 512");
  }
  return bad.ToStatus();
}

}  // namespace

AiService::AiService(std::shared_ptr<Router> router, std::shared_ptr<EmbeddingRouter> embeddings)
    : router_(std::move(router)), embeddings_(std::move(embeddings)) {}

absl::StatusOr<v1::CompleteResponse> AiService::Complete(const Call& call,
                                                         const v1::CompleteRequest& request) {
  ASSIGN_OR_RETURN(const v1::CompletionInput input, Normalise(request.input()));
  v1::CompleteResponse response;
  ASSIGN_OR_RETURN(*response.mutable_completion(), router_->Complete(call, input));
  return response;
}

absl::Status AiService::StreamComplete(const Call& call, const v1::StreamCompleteRequest& request,
                                       rpc::Writer<v1::StreamCompleteResponse>& replies) {
  ASSIGN_OR_RETURN(const v1::CompletionInput input, Normalise(request.input()));
  if (input.response_format() == v1::RESPONSE_FORMAT_JSON) {
    return status::InvalidField("input.response_format", "must not be JSON here");
  }
  const auto send = [&](const v1::StreamCompleteResponse& reply) {
    return replies.Write(reply) ? absl::OkStatus()
                                : absl::CancelledError("the caller has gone away");
  };
  v1::StreamCompleteResponse last;
  ASSIGN_OR_RETURN(*last.mutable_completion(),
                   router_->Stream(call, input, [&](std::string_view text, bool restart) {
                     v1::StreamCompleteResponse reply;
                     reply.set_text_delta(std::string(text));
                     reply.set_restart(restart);
                     return send(reply);
                   }));
  return send(last);
}

absl::StatusOr<v1::EmbedResponse> AiService::Embed(const Call& call,
                                                   const v1::EmbedRequest& request) {
  RETURN_IF_ERROR(Validate(request));
  const std::vector<std::string> texts(request.texts().begin(), request.texts().end());
  return embeddings_->Embed(call, texts,
                            request.dimensions() == 0 ? kDefaultDimensions : request.dimensions());
}

absl::StatusOr<v1::ListModelsResponse> AiService::ListModels(
    const Call& /*call*/, const v1::ListModelsRequest& /*request*/) {
  v1::ListModelsResponse response;
  for (v1::Model& model : router_->Models()) *response.add_models() = std::move(model);
  return response;
}

}  // namespace selfology::ai
