// The gRPC endpoints of the AI router: check, ask the router, answer. Stores nothing.
//
//   mesh.Serve(std::make_shared<AiService>(router, embeddings));
//
// Errors: as ai_service.proto says. Threads: thread-safe.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "selfology/ai/v1/ai_service_endpoints.h"
#include "services/platform/ai/embedding_router.h"
#include "services/platform/ai/router.h"

namespace selfology::ai {

class AiService : public v1::AiServiceEndpoints {
 public:
  AiService(std::shared_ptr<Router> router, std::shared_ptr<EmbeddingRouter> embeddings);

  absl::StatusOr<v1::CompleteResponse> Complete(const Call& call,
                                                const v1::CompleteRequest& request) override;
  absl::Status StreamComplete(const Call& call, const v1::StreamCompleteRequest& request,
                              rpc::Writer<v1::StreamCompleteResponse>& replies) override;
  absl::StatusOr<v1::EmbedResponse> Embed(const Call& call,
                                          const v1::EmbedRequest& request) override;
  absl::StatusOr<v1::ListModelsResponse> ListModels(const Call& call,
                                                    const v1::ListModelsRequest& request) override;

 private:
  const std::shared_ptr<Router> router_;
  const std::shared_ptr<EmbeddingRouter> embeddings_;
};

}  // namespace selfology::ai
