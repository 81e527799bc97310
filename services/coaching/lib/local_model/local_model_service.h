// The gRPC endpoints of a room's local model: what the room writes, kept to the form and the length
// that were asked for, whole or word by word.
//
//   mesh.Serve(std::make_shared<local_model::LocalModelService>(local_model::Tasks{
//       {ai::v1::TASK_COACH_REPLY, {.write = [coach](const ai::v1::CompletionInput& input) {
//          return coach->Reply(input);
//        }}}}));
//
// The messages that `write` gets are what the prompt quotes for a model to work on
// (common/prompt/quoted.h), or all of a message that quotes nothing. Where JSON is asked for, a
// text that is none becomes {"text": ...}. Errors: as local_model_service.proto says, and what
// `write` returns. Threads: thread-safe if `write` and `embed` are.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "selfology/ai/v1/local_model_service_endpoints.h"

namespace selfology::local_model {

struct Task {
  std::function<absl::StatusOr<std::string>(const ai::v1::CompletionInput& input)> write;
  bool writes_json = false;  // An object, whether or not JSON is asked for.
};
using Tasks = std::map<ai::v1::Task, Task>;

// A text's vector of unit length.
using Embed = std::function<std::vector<float>(std::string_view text, int dimensions)>;

class LocalModelService final : public ai::v1::LocalModelServiceEndpoints {
 public:
  // Without `embed` the room makes no vectors.
  explicit LocalModelService(Tasks tasks, Embed embed = nullptr);

  // By the task, or whether vectors are asked for.
  bool Serves(const google::protobuf::Message& request) const override;
  // A reply that this process is about to write may be asked of ai, and so come back here.
  bool ServesWhileDraining() const override { return true; }

  absl::StatusOr<ai::v1::CompleteLocallyResponse> CompleteLocally(
      const Call& call, const ai::v1::CompleteLocallyRequest& request) override;
  absl::Status StreamCompleteLocally(
      const Call& call, const ai::v1::StreamCompleteLocallyRequest& request,
      rpc::Writer<ai::v1::StreamCompleteLocallyResponse>& replies) override;
  absl::StatusOr<ai::v1::EmbedLocallyResponse> EmbedLocally(
      const Call& call, const ai::v1::EmbedLocallyRequest& request) override;

 private:
  struct Written {
    std::string text;
    bool truncated = false;
  };
  absl::StatusOr<Written> Write(const ai::v1::CompletionInput& input) const;

  const Tasks tasks_;
  const Embed embed_;
};

}  // namespace selfology::local_model
