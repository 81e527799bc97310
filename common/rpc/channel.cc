#include "common/rpc/channel.h"

#include <algorithm>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/grpc_status.h"
#include "google/protobuf/message.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/impl/rpc_method.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"
#include "grpcpp/support/sync_stream.h"

namespace selfology::rpc {
namespace {

using google::protobuf::Message;
using google::protobuf::MessageLite;
using grpc::internal::RpcMethod;

// gRPC 1.51 counts a service config's timeouts from a second or two before the call (its clock
// starts at a whole second, its cycle counter does not): without grace those of a second would be
// over at once.
constexpr absl::Duration kStubGrace = absl::Seconds(2);

std::shared_ptr<grpc::Channel> NewChannel(const std::string& target, const std::string& config) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(config);
  // A restarted peer should be found again within a second, not after the default two minutes.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

absl::Time DeadlineOf(const Call& call, const MethodContract& method, absl::Time now) {
  if (!call.bounded_by_contracts() || !method.deadline.has_value()) return call.deadline();
  return std::min(call.deadline(), now + *method.deadline);
}

std::shared_ptr<Channel> Channel::Connect(std::string peer, const std::string& target,
                                          observe::Requests& requests) {
  auto channel = std::make_shared<Channel>(std::move(peer), requests);
  channel->target_ = target;
  channel->Bind(NewChannel(target, ServiceConfigOfChannel()));
  return channel;
}

void Channel::Bind(std::shared_ptr<grpc::Channel> channel) {
  absl::MutexLock lock(&mutex_);
  channel_ = std::move(channel);
}

std::shared_ptr<grpc::Channel> Channel::bound() const {
  absl::MutexLock lock(&mutex_);
  return channel_;
}

std::shared_ptr<grpc::Channel> Channel::ForStubs(
    const google::protobuf::ServiceDescriptor& service) const {
  return target_.empty() ? bound() : NewChannel(target_, ServiceConfig(service, kStubGrace));
}

absl::Status Channel::Invoke(
    const MethodContract& method, const Call& call,
    absl::FunctionRef<grpc::Status(grpc::Channel&, grpc::ClientContext&)> run) const {
  thread_local absl::InsecureBitGen random;
  const std::shared_ptr<grpc::Channel> channel = bound();
  if (channel == nullptr) {
    return absl::UnavailableError(absl::StrCat("peer \"", peer_, "\" has not started"));
  }
  if (absl::Status alone = call.MayWait(); !alone.ok()) return alone;
  const absl::Time start = absl::Now();
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(DeadlineOf(call, method, start)));
  if (call.trace().valid()) {
    context.AddMetadata("traceparent", call.trace().Child(random).Format());
  }
  const absl::Status status = status::FromGrpc(run(*channel, context));
  requests_.Record(method.name, status.code(), absl::Now() - start);
  return status;
}

absl::Status Channel::Unary(const MethodContract& method, const Call& call, const Message& request,
                            Message& response) const {
  return Invoke(method, call, [&](grpc::Channel& channel, grpc::ClientContext& context) {
    const RpcMethod rpc(method.path.c_str(), RpcMethod::NORMAL_RPC);
    return grpc::internal::BlockingUnaryCall<MessageLite, MessageLite>(&channel, rpc, &context,
                                                                       request, &response);
  });
}

absl::Status Channel::Stream(const MethodContract& method, const Call& call, const Message& request,
                             Message& reply, absl::FunctionRef<bool()> on_reply) const {
  return Invoke(method, call, [&](grpc::Channel& channel, grpc::ClientContext& context) {
    const RpcMethod rpc(method.path.c_str(), RpcMethod::SERVER_STREAMING);
    const std::unique_ptr<grpc::ClientReader<MessageLite>> stream(
        grpc::internal::ClientReaderFactory<MessageLite>::Create<MessageLite>(&channel, rpc,
                                                                              &context, request));
    bool stopped = false;
    while (!stopped && stream->Read(&reply)) stopped = !on_reply();
    if (stopped) context.TryCancel();
    const grpc::Status status = stream->Finish();
    return stopped ? grpc::Status::OK : status;
  });
}

}  // namespace selfology::rpc
