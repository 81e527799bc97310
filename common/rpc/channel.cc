#include "common/rpc/channel.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/observe/span.h"
#include "common/rpc/access_control.h"
#include "common/rpc/rpc_span.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
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

std::shared_ptr<grpc::Channel> NewChannel(
    const std::string& target, const std::string& config,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(config);
  // A restarted peer should be found again within a second, not after the default two minutes.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  return grpc::CreateCustomChannel(
      target, credentials != nullptr ? credentials : grpc::InsecureChannelCredentials(), arguments);
}

observe::Span SpanOf(const Call& call, absl::Time start) {
  thread_local absl::InsecureBitGen random;
  return observe::Span::Within(call.trace(), observe::SpanKind::kClient, start, random);
}

// The Reader of a stream that could not begin.
class NoReader final : public Reader {
 public:
  explicit NoReader(absl::Status why) : why_(std::move(why)) {}
  bool Read(Message& /*reply*/) override { return false; }
  absl::Status Finish() override { return why_; }
  void Cancel() override {}

 private:
  const absl::Status why_;
};

class StreamReader final : public Reader {
 public:
  StreamReader(observe::Requests& requests, const MethodContract& method,
               std::shared_ptr<grpc::Channel> channel, std::unique_ptr<grpc::ClientContext> context,
               const Message& request, absl::Time start, const observe::Span& span)
      : requests_(requests),
        name_(method.name),
        path_(method.path),
        channel_(std::move(channel)),
        context_(std::move(context)),
        start_(start),
        span_(span),
        stream_(grpc::internal::ClientReaderFactory<MessageLite>::Create<MessageLite>(
            channel_.get(), RpcMethod(path_.c_str(), RpcMethod::SERVER_STREAMING), context_.get(),
            request)) {}
  ~StreamReader() override {
    if (is_finished_) return;
    context_->TryCancel();
    Finish().IgnoreError();
  }

  bool Read(Message& reply) override { return stream_->Read(&reply); }
  absl::Status Finish() override {
    is_finished_ = true;
    const absl::Status status = status::FromGrpc(stream_->Finish());
    const absl::Time end = absl::Now();
    requests_.Record(name_, status.code(), end - start_);
    span_.End(status.code(), end,
              [&](observe::FinishedSpan& span) { DescribeRpc(name_, status, span); });
    return status;
  }
  void Cancel() override { context_->TryCancel(); }

 private:
  observe::Requests& requests_;
  const std::string name_;
  const std::string path_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<grpc::ClientContext> context_;
  const absl::Time start_;
  const observe::Span span_;
  const std::unique_ptr<grpc::ClientReader<MessageLite>> stream_;
  bool is_finished_ = false;
};

}  // namespace

absl::Time DeadlineOf(const Call& call, const MethodContract& method, absl::Time now) {
  if (!call.bounded_by_contracts() || !method.deadline.has_value()) return call.deadline();
  return std::min(call.deadline(), now + *method.deadline);
}

Channel::Channel(std::string peer, observe::Requests& requests)
    : peer_(std::move(peer)), requests_(requests) {}

std::shared_ptr<Channel> Channel::Connect(std::string peer, const std::string& target,
                                          observe::Requests& requests,
                                          std::shared_ptr<grpc::ChannelCredentials> credentials) {
  auto channel = std::make_shared<Channel>(std::move(peer), requests);
  channel->target_ = target;
  channel->credentials_ = std::move(credentials);
  channel->Bind(NewChannel(target, ServiceConfigOfChannel(), channel->credentials_));
  return channel;
}

void Channel::Bind(std::shared_ptr<grpc::Channel> channel) {
  absl::MutexLock lock(&bound_->mutex);
  bound_->channel = std::move(channel);
}

std::shared_ptr<Channel> Channel::As(OwnIdentity identity) const {
  auto channel = std::make_shared<Channel>(*this);
  channel->identity_ = std::move(identity);
  return channel;
}

std::shared_ptr<grpc::Channel> Channel::bound() const {
  absl::MutexLock lock(&bound_->mutex);
  return bound_->channel;
}

std::shared_ptr<grpc::Channel> Channel::ForStubs(
    const google::protobuf::ServiceDescriptor& service) const {
  return target_.empty() ? bound()
                         : NewChannel(target_, ServiceConfig(service, kStubGrace), credentials_);
}

absl::Status Channel::Identify(const Call& call, grpc::ClientContext& context) const {
  const auto bearer = [&](std::string_view token) {
    context.AddMetadata(kAuthorization, absl::StrCat("Bearer ", token));
  };
  if (call.token() != nullptr) {
    if (call.token()->empty()) return absl::OkStatus();
    bearer(*call.token());
  } else if (identity_.token != nullptr) {
    ASSIGN_OR_RETURN(const std::string token, identity_.token(call));
    bearer(token);
    return absl::OkStatus();
  }
  if (!identity_.service.empty()) context.AddMetadata(kServiceName, identity_.service);
  if (!identity_.secret.empty()) context.AddMetadata(kServiceSecret, identity_.secret);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Channel::Prepare(
    const MethodContract& method, const Call& call, absl::Time now, const observe::Span& span,
    grpc::ClientContext& context) const {
  std::shared_ptr<grpc::Channel> channel = bound();
  if (channel == nullptr) {
    return absl::UnavailableError(absl::StrCat("peer \"", peer_, "\" has not started"));
  }
  if (absl::Status alone = call.MayWait(); !alone.ok()) return alone;
  context.set_deadline(absl::ToChronoTime(DeadlineOf(call, method, now)));
  if (span.trace().valid()) context.AddMetadata("traceparent", span.trace().Format());
  RETURN_IF_ERROR(Identify(call, context));
  return channel;
}

absl::Status Channel::Invoke(
    const MethodContract& method, const Call& call,
    absl::FunctionRef<grpc::Status(grpc::Channel&, grpc::ClientContext&)> run) const {
  const absl::Time start = absl::Now();
  const observe::Span span = SpanOf(call, start);
  grpc::ClientContext context;
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                   Prepare(method, call, start, span, context));
  const absl::Status status = status::FromGrpc(run(*channel, context));
  const absl::Time end = absl::Now();
  requests_.Record(method.name, status.code(), end - start);
  span.End(status.code(), end,
           [&](observe::FinishedSpan& finished) { DescribeRpc(method.name, status, finished); });
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

std::shared_ptr<Reader> Channel::Open(const MethodContract& method, const Call& call,
                                      const Message& request) const {
  const absl::Time start = absl::Now();
  auto context = std::make_unique<grpc::ClientContext>();
  const observe::Span span = SpanOf(call, start);
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel =
      Prepare(method, call, start, span, *context);
  if (!channel.ok()) return std::make_shared<NoReader>(channel.status());
  return std::make_shared<StreamReader>(requests_, method, *std::move(channel), std::move(context),
                                        request, start, span);
}

}  // namespace selfology::rpc
