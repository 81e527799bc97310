#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/call_once.h"
#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"

namespace selfology::rpc {

// The way to one peer service. Generated clients take it:
//
//   v1::ProfileServiceClient profiles(mesh.Peer("profile"));
//   ASSIGN_OR_RETURN(auto profile, profiles.GetProfile(call, request));
//
// A call never outlasts its Call's deadline, carries its trace on, and is tried again at once by
// gRPC itself (up to 4 attempts, 50 ms × 2) when the peer was UNAVAILABLE without giving a reason
// of its own: every write of the mesh has an idempotency key or a natural key, so a repeated one is
// harmless. Errors come back as the peer's absl::Status with its details. Thread-safe; `requests`
// must outlive it.
class Channel {
 public:
  // Without a channel yet: calls are UNAVAILABLE until Bind. So modules of one process can hold
  // each other's channels before the server they share has started.
  Channel(std::string peer, observe::Requests& requests)
      : peer_(std::move(peer)), requests_(requests) {}

  // `target` as gRPC names it: "127.0.0.1:50051", "dns:///session:50051".
  static std::shared_ptr<Channel> Connect(std::string peer, const std::string& target,
                                          observe::Requests& requests);

  void Bind(std::shared_ptr<grpc::Channel> channel);

  // Null before Bind.
  std::shared_ptr<grpc::Channel> grpc() const;

  // Used by generated clients: runs one RPC, or says UNAVAILABLE before Bind.
  absl::Status Invoke(std::string_view method, const Call& call,
                      const std::function<grpc::Status(grpc::ClientContext&)>& run) const;

 private:
  const std::string peer_;
  observe::Requests& requests_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<grpc::Channel> channel_ ABSL_GUARDED_BY(mutex_);
};

// What a generated client holds: its stub, made at the first call. Copies share it.
template <typename Service>
class LazyStub {
 public:
  explicit LazyStub(std::shared_ptr<Channel> channel)
      : shared_(std::make_shared<Shared>(std::move(channel))) {}

  const Channel& channel() const { return *shared_->channel; }
  // Only inside of Channel::Invoke, which sees to it that the channel is bound.
  typename Service::Stub& stub() const {
    absl::call_once(shared_->once,
                    [this] { shared_->stub = Service::NewStub(shared_->channel->grpc()); });
    return *shared_->stub;
  }

 private:
  struct Shared {
    explicit Shared(std::shared_ptr<Channel> channel) : channel(std::move(channel)) {}
    const std::shared_ptr<Channel> channel;
    absl::once_flag once;
    std::unique_ptr<typename Service::Stub> stub;
  };
  std::shared_ptr<Shared> shared_;
};

}  // namespace selfology::rpc
