#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/rpc/call_queue.h"
#include "common/rpc/drain_gate.h"
#include "grpcpp/impl/codegen/service_type.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/status.h"
#include "grpcpp/support/sync_stream.h"

namespace selfology::rpc {

// What the server side of every RPC shares; outlives the services bound to it.
struct ServerRuntime {
  observe::Requests& requests;
  DrainGate& gate;
  // For callers that set no deadline of their own.
  absl::Duration unary_deadline = absl::Seconds(30);
  absl::Duration stream_deadline = absl::Hours(1);
};

// Endpoints as gRPC sees them: unary RPCs come through a CallQueue, streams have a thread each.
class BoundService {
 public:
  virtual ~BoundService() = default;
  // For grpc::ServerBuilder.
  virtual grpc::Service& service() = 0;
  // Once the server has started.
  virtual void Accept(CallQueue& queue) = 0;
};

// One gRPC service as a room implements it. The build generates `FooServiceEndpoints` from
// `service FooService` (see plugin/), with a pure virtual method for each RPC:
//
//   class SessionService : public v1::SessionServiceEndpoints {
//     absl::StatusOr<v1::SubmitAnswerResponse> SubmitAnswer(
//         const Call& call, const v1::SubmitAnswerRequest& request) override;
//
// Methods run concurrently. What they return becomes the gRPC status with google.rpc details;
// deadline, trace, metrics and logs are the kernel's business.
class Endpoints {
 public:
  virtual ~Endpoints() = default;
  // The full name, such as "selfology.session.v1.SessionService".
  virtual std::string_view service_name() const = 0;
  // This object and `runtime` must outlive what it gives.
  virtual std::unique_ptr<BoundService> Bind(const ServerRuntime& runtime) = 0;
};

// Sends the messages of a server-streaming RPC. Not thread-safe: one writer at a time.
template <typename Message>
class Writer {
 public:
  explicit Writer(grpc::ServerWriter<Message>& stream) : stream_(stream) {}
  // False once the caller has gone away; the method should then return.
  bool Write(const Message& message) { return stream_.Write(message); }

 private:
  grpc::ServerWriter<Message>& stream_;
};

// Used by generated code: one RPC of a service, whichever way it comes.
enum class Kind { kUnary, kStream };
class Method {
 public:
  Method(const ServerRuntime& runtime, Kind kind, std::string_view path)
      : runtime_(runtime), kind_(kind), path_(path), requests_(runtime.requests.Of(path)) {}

  // Runs it with the caller's deadline and trace, and accounts for it.
  grpc::Status Serve(grpc::ServerContext& context, std::function<bool()> cancelled,
                     std::shared_ptr<Call::WaitListener> wait_listener,
                     absl::FunctionRef<absl::Status(const Call&)> run) const;

 private:
  const ServerRuntime& runtime_;
  const Kind kind_;
  const std::string_view path_;
  observe::Requests::Operation& requests_;
};

}  // namespace selfology::rpc
