// The model that needs no key: a room's own (local_model_service.proto), asked over the mesh.
//
//   LocalProvider local(mesh.Peer("coach"));
//   ASSIGN_OR_RETURN(Answer answer, local.Complete(call, LocalProvider::ModelOf("coach"), input));
//
// Tokens are estimated, as for any server that does not count. Errors: see provider.h; a room that
// is down is UNAVAILABLE, or DEADLINE_EXCEEDED in another process, which gRPC waits for. Threads:
// thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "selfology/ai/v1/local_model_service_client.h"
#include "services/platform/ai/provider.h"

namespace selfology::ai {

class LocalProvider : public Provider, public Embedder {
 public:
  explicit LocalProvider(std::shared_ptr<rpc::Channel> room);

  // The same name whichever room answers: callers store it with what was made.
  static Model ModelOf(std::string_view room);

  absl::StatusOr<Answer> Complete(const Call& call, const Model& model,
                                  const v1::CompletionInput& input) override;
  absl::StatusOr<Answer> Stream(const Call& call, const Model& model,
                                const v1::CompletionInput& input, OnText on_text) override;
  absl::StatusOr<Embeddings> Embed(const Call& call, const Model& model,
                                   const std::vector<std::string>& texts, int dimensions) override;

 private:
  const v1::LocalModelServiceClient room_;
};

}  // namespace selfology::ai
