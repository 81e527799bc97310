#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/observe/span.h"
#include "common/rpc/contract.h"

namespace google::protobuf {
class Message;
class ServiceDescriptor;
}  // namespace google::protobuf

namespace grpc {
class Channel;
class ChannelCredentials;
class ClientContext;
class Status;
}  // namespace grpc

namespace selfology::rpc {

// What a process says of itself to those it calls.
struct OwnIdentity {
  // The service that calls. Believed by the process itself, and by others with the secret.
  std::string service = {};
  std::string secret = {};  // Empty: not sent.
  // Gives a service token, to be sent instead of the secret; it is called for each RPC and must be
  // quick as a rule. When it fails, so does the RPC. Null: none.
  std::function<absl::StatusOr<std::string>(const Call&)> token = {};
};

// A server stream whose messages the reader takes one by one, for who has to go on meanwhile. All but
// Cancel belongs to one thread. Letting go of it ends the RPC.
class Reader {
 public:
  virtual ~Reader() = default;
  // Waits for the next message. False: there is none; Finish says why.
  virtual bool Read(google::protobuf::Message& reply) = 0;
  virtual absl::Status Finish() = 0;
  // From any thread: Read gives false soon, Finish CANCELLED.
  virtual void Cancel() = 0;
};

// The way to one peer service. Generated clients take it:
//
//   v1::ProfileServiceClient profiles(mesh.Peer("profile"));
//   ASSIGN_OR_RETURN(auto profile, profiles.GetProfile(call, request));
//
// Deadlines. An RPC never outlasts its Call's deadline. It may have all of that when somebody chose
// it for what is called: work in the background (Call::Background, a handled event, a timer's tick)
// and a caller that said WithTimeout. A Call that came with an RPC is bounded by the contracts: its
// deadline was chosen for the method that serves it, not for the peers which that one asks, so each
// of these has at most what (selfology.mesh.v1.deadline) gives it. To give a peer more, or less,
// say so: profiles.GetProfile(call.WithTimeout(absl::Seconds(3)), request).
//
// Identity. An RPC carries the token that its Call has (Call::WithToken), else what As was given:
// never the caller that the Call came from.
//
// An RPC carries its Call's trace on, and is tried again at once by gRPC itself (up to 4 attempts,
// 50 ms × 2, all within the deadline) when the peer was UNAVAILABLE without giving a reason of its
// own: every write of the mesh has an idempotency key or a natural key, so a repeated one is
// harmless. Errors come back as the peer's absl::Status with its details. Thread-safe; `requests`
// must outlive it.
class Channel {
 public:
  // Without a channel yet: calls are UNAVAILABLE until Bind. So modules of one process can hold
  // each other's channels before the server they share has started.
  Channel(std::string peer, observe::Requests& requests);

  // `target` as gRPC names it: "127.0.0.1:50051", "dns:///session:50051". Without credentials, such
  // as Tls::ForPeer's, the connection is plaintext.
  static std::shared_ptr<Channel> Connect(
      std::string peer, const std::string& target, observe::Requests& requests,
      std::shared_ptr<grpc::ChannelCredentials> credentials = nullptr);

  // Also of all channels that As made of this one.
  void Bind(std::shared_ptr<grpc::Channel> channel);

  // The same channel for another caller.
  std::shared_ptr<Channel> As(OwnIdentity identity) const;

  // One RPC by its contract, for generated clients and for what knows methods by descriptor only.
  // The messages must be of the types that the contract names.
  absl::Status Unary(const MethodContract& method, const Call& call,
                     const google::protobuf::Message& request,
                     google::protobuf::Message& response) const;
  // Server streaming: `on_reply` is called after each message has been read into `reply`, and
  // returns false to stop early.
  absl::Status Stream(const MethodContract& method, const Call& call,
                      const google::protobuf::Message& request, google::protobuf::Message& reply,
                      absl::FunctionRef<bool()> on_reply) const;

  // The same by a Reader. Its errors come with Finish. The request may go when Open has returned.
  std::shared_ptr<Reader> Open(const MethodContract& method, const Call& call,
                               const google::protobuf::Message& request) const;

  // For gRPC's own stubs of the service, which know no Call. The server's side keeps the contract's
  // deadlines for callers without one; should it not answer at all, the channel's service config
  // ends the RPC up to 2 s later. That also bounds a stub's own deadline. Null before Bind.
  // In-process channels have no service config.
  std::shared_ptr<grpc::Channel> ForStubs(const google::protobuf::ServiceDescriptor& service) const;

 private:
  // The connection, which several callers share.
  struct Bound {
    absl::Mutex mutex;
    std::shared_ptr<grpc::Channel> channel ABSL_GUARDED_BY(mutex);
  };

  std::shared_ptr<grpc::Channel> bound() const;
  absl::Status Identify(const Call& call, grpc::ClientContext& context) const;
  // The channel, once the call may use it; fills the context.
  absl::StatusOr<std::shared_ptr<grpc::Channel>> Prepare(const MethodContract& method,
                                                         const Call& call, absl::Time now,
                                                         const observe::Span& span,
                                                         grpc::ClientContext& context) const;
  absl::Status Invoke(
      const MethodContract& method, const Call& call,
      absl::FunctionRef<grpc::Status(grpc::Channel&, grpc::ClientContext&)> run) const;

  const std::string peer_;
  observe::Requests& requests_;
  std::string target_;  // Empty unless connected.
  std::shared_ptr<grpc::ChannelCredentials> credentials_;
  OwnIdentity identity_;
  std::shared_ptr<Bound> bound_ = std::make_shared<Bound>();
};

// When an RPC made now must have ended: see "Deadlines" above. Pure.
absl::Time DeadlineOf(const Call& call, const MethodContract& method, absl::Time now);

}  // namespace selfology::rpc
