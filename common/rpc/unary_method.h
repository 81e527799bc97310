#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/rpc/call_queue.h"
#include "common/rpc/endpoints.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_unary_call.h"

namespace selfology::rpc {

// Used by generated code: one unary RPC of a service, served from a CallQueue.
template <typename Request, typename Response>
class UnaryMethod {
 public:
  using Responder = grpc::ServerAsyncResponseWriter<Response>;
  // The generated Request<Method> of gRPC's asynchronous service.
  using Await = std::function<void(grpc::ServerContext*, Request*, Responder*,
                                   grpc::ServerCompletionQueue*, void* tag)>;
  using Run = std::function<absl::StatusOr<Response>(const Call&, const Request&)>;

  UnaryMethod(const ServerRuntime& runtime, std::string_view path, Run run, Await await)
      : method_(runtime, Kind::kUnary, path), run_(std::move(run)), await_(std::move(await)) {}

  void Accept(CallQueue& queue) {
    for (int i = 0; i < kAwaited; ++i) new InProgress(*this, queue);
  }

 private:
  // What comes while all of these are taken waits a moment within gRPC.
  static constexpr int kAwaited = 8;

  // One RPC, from before it comes until gRPC has both sent its answer and seen it end.
  class InProgress final : public CallQueue::Tag, public Call::WaitListener {
   public:
    InProgress(UnaryMethod& method, CallQueue& queue)
        : method_(method), queue_(queue), guest_(queue), responder_(&context_) {
      context_.AsyncNotifyWhenDone(&ended_);
      method_.await_(&context_, &request_, &responder_, &queue.queue(), this);
    }

    // Twice: the RPC has come, its answer is on its way.
    void Proceed(bool ok) override {
      if (answered_) {
        Leave();
      } else if (!ok) {
        delete this;  // The server stops; what never came never ends either.
      } else {
        new InProgress(method_, queue_);
        Answer();
      }
    }

   private:
    class Ended final : public CallQueue::Tag {
     public:
      explicit Ended(InProgress& of) : of_(of) {}
      void Proceed(bool) override {
        if (of_.context_.IsCancelled()) of_.cancelled_.store(true, std::memory_order_relaxed);
        of_.Leave();
      }

     private:
      InProgress& of_;
    };

    void Answer() {
      answered_ = true;
      absl::StatusOr<Response> response;
      const grpc::Status status = method_.method_.Serve(
          context_, [this] { return cancelled_.load(std::memory_order_relaxed); },
          // Not owned: what a method starts and leaves behind has a call of its own.
          std::shared_ptr<Call::WaitListener>(std::shared_ptr<void>(), this),
          [&](const Call& call) {
            response = method_.run_(call, request_);
            return response.status();
          });
      if (waited_.load(std::memory_order_relaxed)) queue_.Resumes();
      if (status.ok()) {
        responder_.Finish(*response, status, this);
      } else {
        responder_.FinishWithError(status, this);
      }
    }

    absl::Status BeforeWait() override {
      if (!waited_.exchange(true, std::memory_order_relaxed)) queue_.Waits();
      return absl::OkStatus();
    }

    void Leave() {
      if (left_.fetch_add(1) == 1) delete this;
    }

    UnaryMethod& method_;
    CallQueue& queue_;
    const CallQueue::Guest guest_;
    grpc::ServerContext context_;
    Request request_;
    Responder responder_;
    Ended ended_{*this};
    bool answered_ = false;
    std::atomic<bool> waited_ = false;
    std::atomic<bool> cancelled_ = false;
    std::atomic<int> left_ = 0;
  };

  const Method method_;
  const Run run_;
  const Await await_;
};

}  // namespace selfology::rpc
