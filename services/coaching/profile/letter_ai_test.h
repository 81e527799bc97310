// Another room's service, over real gRPC: texts of the same first letter point the same way.
//
//   auto ai = std::make_shared<LetterAi>();
//   StartMesh(Modules(MakeModule(), ServingModule("ai", ai)));
//   ai->down = true;                                     // from now on it is UNAVAILABLE
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "selfology/ai/v1/ai_service_endpoints.h"

namespace selfology::profile {

class LetterAi final : public ai::v1::AiServiceEndpoints {
 public:
  std::atomic<bool> down = false;
  // Called first, if set before the mesh starts.
  std::function<void()> on_embed = nullptr;

  absl::StatusOr<ai::v1::EmbedResponse> Embed(const Call&,
                                              const ai::v1::EmbedRequest& request) override {
    if (on_embed) on_embed();
    if (down) return absl::UnavailableError("down");
    ai::v1::EmbedResponse response;
    for (const std::string& text : request.texts()) {
      auto& values = *response.add_embeddings()->mutable_values();
      values.Resize(request.dimensions(), 0);
      values.Set(text.front() % request.dimensions(), 1);
    }
    return response;
  }
  absl::StatusOr<ai::v1::CompleteResponse> Complete(const Call&,
                                                    const ai::v1::CompleteRequest&) override {
    return absl::UnimplementedError("not asked of it");
  }
  absl::Status StreamComplete(const Call&, const ai::v1::StreamCompleteRequest&,
                              rpc::Writer<ai::v1::StreamCompleteResponse>&) override {
    return absl::UnimplementedError("not asked of it");
  }
  absl::StatusOr<ai::v1::ListModelsResponse> ListModels(const Call&,
                                                        const ai::v1::ListModelsRequest&) override {
    return absl::UnimplementedError("not asked of it");
  }
};

}  // namespace selfology::profile
