// A room with a local model, over real gRPC, that says "Tell me more." or fails.
//
//   auto coach = std::make_shared<FakeLocalModel>();
//   FakeRoom room(coach);
//   StartMesh(Modules(MakeModule(Settings())),
//             [&](service::Settings& settings) { settings.peers["coach"] = room.address(); });
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/observe/metrics.h"
#include "common/rpc/bound_service.h"
#include "common/service/grpc_server.h"
#include "gtest/gtest.h"
#include "selfology/ai/v1/local_model_service_endpoints.h"

namespace selfology::ai {

class FakeLocalModel final : public v1::LocalModelServiceEndpoints {
 public:
  void Fail(absl::Status failure) {
    absl::MutexLock lock(&mutex_);
    failure_ = std::move(failure);
  }
  // From now on a stream's last words come once somebody has heard its first ones.
  void WaitForAListener() {
    absl::MutexLock lock(&mutex_);
    heard_ = false;
  }
  void Hear() {
    absl::MutexLock lock(&mutex_);
    heard_ = true;
  }
  std::vector<v1::CompletionInput> asked() {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }

  absl::StatusOr<v1::CompleteLocallyResponse> CompleteLocally(
      const Call&, const v1::CompleteLocallyRequest& request) override {
    absl::MutexLock lock(&mutex_);
    asked_.push_back(request.input());
    if (!failure_.ok()) return failure_;
    v1::CompleteLocallyResponse response;
    response.set_text("Tell me more.");
    return response;
  }
  absl::Status StreamCompleteLocally(
      const Call&, const v1::StreamCompleteLocallyRequest& request,
      rpc::Writer<v1::StreamCompleteLocallyResponse>& replies) override {
    const auto send = [&](std::string delta) {
      v1::StreamCompleteLocallyResponse reply;
      reply.set_text_delta(std::move(delta));
      replies.Write(reply);
    };
    send("Tell ");
    {
      absl::MutexLock lock(&mutex_);
      asked_.push_back(request.input());
      mutex_.Await(absl::Condition(&heard_));
      if (!failure_.ok()) return failure_;
    }
    send("me ");
    send("more.");
    send("");
    return absl::OkStatus();
  }
  absl::StatusOr<v1::EmbedLocallyResponse> EmbedLocally(
      const Call&, const v1::EmbedLocallyRequest& request) override {
    absl::MutexLock lock(&mutex_);
    if (!failure_.ok()) return failure_;
    v1::EmbedLocallyResponse response;
    for (int i = 0; i < request.texts_size(); ++i) {
      v1::Embedding& embedding = *response.add_embeddings();
      embedding.add_values(1);
      while (embedding.values_size() < request.dimensions()) embedding.add_values(0);
    }
    return response;
  }

 private:
  absl::Mutex mutex_;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  bool heard_ ABSL_GUARDED_BY(mutex_) = true;
  std::vector<v1::CompletionInput> asked_ ABSL_GUARDED_BY(mutex_);
};

// A process of its own.
class FakeRoom {
 public:
  explicit FakeRoom(std::shared_ptr<rpc::Endpoints> local_model) {
    server_.Add("room", std::move(local_model));
    const absl::Status started = server_.Start("127.0.0.1:0");
    EXPECT_TRUE(started.ok()) << started;
  }
  const std::string& address() const { return server_.address(); }

 private:
  observe::Requests requests_{nullptr, "rpc_server"};
  rpc::DrainGate gate_;
  service::GrpcServer server_{rpc::ServerRuntime{requests_, gate_}};
};

}  // namespace selfology::ai
