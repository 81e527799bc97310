#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
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
  // An adapter for grpc::ServerBuilder; this object and `runtime` must outlive it.
  virtual std::unique_ptr<grpc::Service> Bind(const ServerRuntime& runtime) = 0;
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

// Used by generated code: runs one RPC with the caller's deadline and trace, and accounts for it.
enum class Kind { kUnary, kStream };
grpc::Status Serve(const ServerRuntime& runtime, Kind kind, std::string_view method,
                   grpc::ServerContext& context,
                   const std::function<absl::Status(const Call&)>& run);

}  // namespace selfology::rpc
