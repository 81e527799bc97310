#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/rpc/access_control.h"
#include "common/rpc/call_queue.h"
#include "common/rpc/contract.h"
#include "common/rpc/drain_gate.h"
#include "common/rpc/endpoints.h"
#include "common/rpc/peer_check.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"

namespace selfology::rpc {

// What the server side of every RPC shares; outlives the services bound to it.
struct ServerRuntime {
  observe::Requests& requests;
  DrainGate& gate;
  // Null: everybody may do everything, and all are anonymous.
  const AccessControl* access = nullptr;
  // Null: connections have no certificates.
  const PeerCheck* peers = nullptr;
};

// Larger requests are refused with RESOURCE_EXHAUSTED, reason REQUEST_TOO_LARGE. gRPC's own limit
// must lie above, as what it refuses it refuses without details.
inline constexpr int kMaxRequestBytes = 4 << 20;

// Endpoints as gRPC sees them: unary RPCs come through a CallQueue, streams have a thread each.
// A caller that sets no deadline gets the contract's; where that says none, 30 s, and an hour for
// streams.
//
//   rpc::BoundService service({endpoints}, runtime);
//   builder.RegisterService(&service);
//   ... server has started, calls.Start() ...
//   service.Accept(calls);
//
// `endpoints`, one or more of the same contract, and `runtime` must outlive it; which of several gets
// a request says Endpoints::Serves. Requests come as bytes and are parsed here, so that what is wrong
// with them is said in the terms of the contracts; hence this class instead of one generated for each
// service.
class BoundService final : public grpc::Service {
 public:
  BoundService(std::vector<Endpoints*> endpoints, const ServerRuntime& runtime,
               Binding binding = {});
  ~BoundService() override;

  // Once the server has started.
  void Accept(CallQueue& queue);

 private:
  struct Method;
  class UnaryCall;

  // Whether an RPC may be served here at all. The port counts for callers of this process, too: a
  // door among them passes on what comes from outside.
  absl::Status Admit(const Method& method, bool in_process,
                     const std::vector<std::string>& certified) const;
  Endpoints& For(const google::protobuf::Message& request) const;
  // Runs it with the caller's deadline and trace, and accounts for it.
  grpc::Status Serve(const Method& method, grpc::ServerContext& context, grpc::ByteBuffer& request,
                     std::function<bool()> cancelled,
                     std::shared_ptr<Call::WaitListener> wait_listener, Reply reply);

  const std::vector<Endpoints*> endpoints_;
  const ServerRuntime& runtime_;
  const Binding binding_;
  const ServiceContract contract_;
  const bool serves_while_draining_;
  std::vector<std::unique_ptr<const Method>> methods_;
};

}  // namespace selfology::rpc
