#include "common/rpc/bound_service.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/observe/log.h"
#include "common/observe/span.h"
#include "common/observe/trace.h"
#include "common/rpc/request_check.h"
#include "common/rpc/rpc_span.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "grpcpp/support/async_unary_call.h"
#include "grpcpp/support/method_handler.h"
#include "grpcpp/support/sync_stream.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::rpc {
namespace {

using google::protobuf::Message;
using google::protobuf::MessageLite;
using grpc::internal::RpcMethod;
using grpc::internal::RpcServiceMethod;

// For callers without a deadline, where the contract has none either.
constexpr absl::Duration kUnaryDeadline = absl::Seconds(30);
constexpr absl::Duration kStreamDeadline = absl::Hours(1);

// Only what comes from within the process has no address of such a kind.
bool IsInProcess(const grpc::ServerContext& context) {
  const std::string peer = context.peer();
  return !peer.starts_with("ip") && !peer.starts_with("unix");
}

std::string_view MetadataOf(const grpc::ServerContext& context, const char* name) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(name);
  if (found == metadata.end()) return {};
  return {found->second.data(), found->second.size()};
}

observe::Span EnterSpan(const grpc::ServerContext& context, const observe::Tracer* tracer,
                        absl::Time start) {
  thread_local absl::InsecureBitGen random;
  const auto parent = observe::TraceContext::Parse(MetadataOf(context, "traceparent"));
  return observe::Span::Enter(tracer, observe::SpanKind::kServer,
                              parent.value_or(observe::TraceContext()), start, random);
}

absl::Time DeadlineOf(const grpc::ServerContext& context, absl::Duration otherwise,
                      absl::Time start) {
  // gRPC says "none" by a time in the far future.
  const absl::Time asked = absl::FromChrono(context.deadline());
  return asked < start + absl::Hours(24 * 365) ? asked : start + otherwise;
}

absl::StatusOr<std::shared_ptr<const identity::Caller>> CallerOf(
    const grpc::ServerContext& context, const Call& call, const AccessControl* access,
    bool in_process, const std::vector<std::string>& certified) {
  if (access == nullptr) return identity::Anonymous();
  return access->Identify(call, {.authorization = MetadataOf(context, kAuthorization),
                                 .service = MetadataOf(context, kServiceName),
                                 .service_secret = MetadataOf(context, kServiceSecret),
                                 .in_process = in_process,
                                 .certified = certified});
}

// What the caller did wrong is the caller's to log; what we did wrong is ours.
bool IsOurFault(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return true;
    default:
      return false;
  }
}

absl::Status Parse(grpc::ByteBuffer& bytes, Message& request) {
  const size_t size = bytes.Length();
  if (size > kMaxRequestBytes) {
    return status::Error(
        mesh::v1::ERROR_CODE_REQUEST_TOO_LARGE,
        absl::StrCat("the request has ", size, " bytes, at most ", kMaxRequestBytes, " are taken"));
  }
  using Traits = grpc::SerializationTraits<MessageLite>;
  if (bytes.Valid() && Traits::Deserialize(&bytes, &request).ok()) return absl::OkStatus();
  return status::Error(mesh::v1::ERROR_CODE_INVALID_ARGUMENT,
                       absl::StrCat("the request is no ", request.GetDescriptor()->full_name(),
                                    ": its bytes are malformed, or a text is not UTF-8"));
}

}  // namespace

struct BoundService::Method {
  const MethodContract& contract;
  const int index;
  const Run run;
  const RequestCheck check;
  const AccessRule access;
  // For callers without one.
  const absl::Duration deadline;
  observe::Requests::Operation& requests;
};

// One unary RPC, from before it comes until gRPC has both sent its answer and seen it end.
class BoundService::UnaryCall final : public CallQueue::Tag, public Call::WaitListener {
 public:
  UnaryCall(BoundService& service, const Method& method, CallQueue& queue)
      : service_(service), method_(method), queue_(queue), guest_(queue), responder_(&context_) {
    context_.AsyncNotifyWhenDone(&ended_);
    service_.RequestAsyncUnary(method_.index, &context_, &request_, &responder_, &queue_.queue(),
                               &queue_.queue(), this);
  }

  // Twice: the RPC has come, its answer is on its way.
  void Proceed(bool ok) override {
    if (answered_) {
      Leave();
    } else if (!ok) {
      delete this;  // The server stops; what never came never ends either.
    } else {
      new UnaryCall(service_, method_, queue_);
      Answer();
    }
  }

 private:
  class Ended final : public CallQueue::Tag {
   public:
    explicit Ended(UnaryCall& of) : of_(of) {}
    void Proceed(bool) override {
      if (of_.context_.IsCancelled()) of_.cancelled_.store(true, std::memory_order_relaxed);
      of_.Leave();
    }

   private:
    UnaryCall& of_;
  };

  void Answer() {
    answered_ = true;
    grpc::ByteBuffer response;
    bool serialized = true;
    const auto reply = [&](const Message& message) {
      bool own_buffer = false;
      using Traits = grpc::SerializationTraits<MessageLite>;
      serialized = Traits::Serialize(message, &response, &own_buffer).ok();
      return serialized;
    };
    grpc::Status status = service_.Serve(
        method_, context_, request_, [this] { return cancelled_.load(std::memory_order_relaxed); },
        // Not owned: what a method starts and leaves behind has a call of its own.
        std::shared_ptr<Call::WaitListener>(std::shared_ptr<void>(), this), reply);
    if (!serialized) status = {grpc::StatusCode::INTERNAL, "the response cannot be serialized"};
    if (waited_.load(std::memory_order_relaxed)) queue_.Resumes();
    if (status.ok()) {
      responder_.Finish(response, status, this);
    } else {
      responder_.FinishWithError(status, this);
    }
  }

  absl::Status BeforeWait(Call::Wait) override {
    if (!waited_.exchange(true, std::memory_order_relaxed)) queue_.Waits();
    return absl::OkStatus();
  }

  void Leave() {
    if (left_.fetch_add(1) == 1) delete this;
  }

  BoundService& service_;
  const Method& method_;
  CallQueue& queue_;
  const CallQueue::Guest guest_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> responder_;
  Ended ended_{*this};
  bool answered_ = false;
  std::atomic<bool> waited_ = false;
  std::atomic<bool> cancelled_ = false;
  std::atomic<int> left_ = 0;
};

BoundService::BoundService(std::vector<Endpoints*> endpoints, const ServerRuntime& runtime,
                           Binding binding)
    : endpoints_(std::move(endpoints)),
      runtime_(runtime),
      binding_(std::move(binding)),
      contract_(endpoints_.front()->service_name()),
      serves_while_draining_(
          std::any_of(endpoints_.begin(), endpoints_.end(),
                      [](const Endpoints* one) { return one->ServesWhileDraining(); })) {
  const absl::Span<const Run> runs = endpoints_.front()->methods();
  for (size_t i = 0; i < runs.size(); ++i) {
    const int index = static_cast<int>(i);
    const MethodContract& contract = contract_.method(index);
    const bool streams = contract.descriptor->server_streaming();
    const auto* method = new Method{
        .contract = contract,
        .index = index,
        .run = runs[i],
        .check = RequestCheck(*contract.descriptor->input_type()),
        .access = AccessRule(*contract.descriptor),
        .deadline = contract.deadline.value_or(streams ? kStreamDeadline : kUnaryDeadline),
        .requests = runtime.requests.Of(contract.name)};
    methods_.emplace_back(method);
    if (streams) {
      using Handler =
          grpc::internal::ServerStreamingHandler<BoundService, grpc::ByteBuffer, MessageLite>;
      AddMethod(new RpcServiceMethod(
          contract.path.c_str(), RpcMethod::SERVER_STREAMING,
          new Handler(
              [method](BoundService* self, grpc::ServerContext* context,
                       const grpc::ByteBuffer* request, grpc::ServerWriter<MessageLite>* stream) {
                grpc::ByteBuffer bytes(*request);
                return self->Serve(
                    *method, *context, bytes, [context] { return context->IsCancelled(); }, nullptr,
                    [stream](const Message& message) { return stream->Write(message); });
              },
              this)));
    } else {
      AddMethod(new RpcServiceMethod(contract.path.c_str(), RpcMethod::NORMAL_RPC, nullptr));
      MarkMethodAsync(index);
    }
  }
}

BoundService::~BoundService() = default;

void BoundService::Accept(CallQueue& queue) {
  // What comes while all of these are taken waits a moment within gRPC.
  constexpr int kAwaited = 8;
  for (const auto& method : methods_) {
    if (method->contract.descriptor->server_streaming()) continue;
    for (int i = 0; i < kAwaited; ++i) new UnaryCall(*this, *method, queue);
  }
}

absl::Status BoundService::Admit(const Method& method, bool in_process,
                                 const std::vector<std::string>& certified) const {
  if (!ServesAt(binding_.port, method.contract)) {
    return absl::UnimplementedError(binding_.port == Port::kOperators
                                        ? "this port serves operators' methods only"
                                        : "operators' methods are served at a port of their own");
  }
  if (in_process || runtime_.peers == nullptr) return absl::OkStatus();
  return runtime_.peers->Check(certified, binding_, method.contract);
}

Endpoints& BoundService::For(const Message& request) const {
  const auto found = std::find_if(endpoints_.begin(), endpoints_.end(),
                                  [&](const Endpoints* one) { return one->Serves(request); });
  return **(found != endpoints_.end() ? found : endpoints_.begin());
}

grpc::Status BoundService::Serve(const Method& method, grpc::ServerContext& context,
                                 grpc::ByteBuffer& bytes, std::function<bool()> cancelled,
                                 std::shared_ptr<Call::WaitListener> wait_listener, Reply reply) {
  const bool in_process = IsInProcess(context);
  if (!runtime_.gate.Enter() && !serves_while_draining_) {
    // What is in progress may need calls from within the process to finish.
    if (!in_process) {
      runtime_.gate.Leave();
      return status::ToGrpc(status::Error(mesh::v1::ERROR_CODE_SERVICE_UNAVAILABLE,
                                          "draining: call another replica"));
    }
  }
  const absl::Cleanup leave = [this] { runtime_.gate.Leave(); };
  const absl::Time start = absl::Now();
  const observe::Tracer* const first = endpoints_.front()->tracer();
  observe::Span span = EnterSpan(context, first, start);
  Call call = Call(DeadlineOf(context, method.deadline, start), span.trace(), std::move(cancelled))
                  .BoundedByContracts()
                  .With(std::move(wait_listener));
  const observe::ScopedTrace scope(call.trace());

  std::vector<std::string> certified;
  if (runtime_.peers != nullptr && !in_process) {
    certified = runtime_.peers->NamesOf(*context.auth_context());
  }
  const absl::Status admitted = Admit(method, in_process, certified);
  const absl::StatusOr<std::shared_ptr<const identity::Caller>> caller =
      admitted.ok() ? CallerOf(context, call, runtime_.access, in_process, certified) : admitted;
  std::optional<observe::ScopedTrace> others_scope;
  std::optional<AccessControl::Fact> fact;
  const auto receive = [&](Message& request) -> absl::StatusOr<Endpoints*> {
    RETURN_IF_ERROR(Parse(bytes, request));
    if (runtime_.access != nullptr) {
      method.access.NameCaller(**caller, request);
      RETURN_IF_ERROR(runtime_.access->CheckSubject(call, method.access, **caller, request,
                                                    method.contract.name));
      fact = runtime_.access->FactOf(method.access, **caller, request, method.contract.name);
    }
    RETURN_IF_ERROR(method.check(request));
    Endpoints& endpoints = For(request);
    if (endpoints.tracer() != first) {
      // Only now it is known whose span it is. The method gets `call` by reference.
      span = EnterSpan(context, endpoints.tracer(), start);
      call = call.WithTrace(span.trace());
      others_scope.emplace(call.trace());
    }
    return &endpoints;
  };
  absl::Status status = caller.status();
  if (status.ok() && runtime_.access != nullptr) {
    status = runtime_.access->CheckCaller(method.access, **caller, method.contract.name);
  }
  if (status.ok()) {
    call = call.WithCaller(*caller);
    status = method.run(call, receive, reply);
    if (fact.has_value()) runtime_.access->Note(*std::move(fact), status);
  }

  const absl::Duration elapsed = absl::Now() - start;
  method.requests.Record(status.code(), elapsed);
  const std::string& rpc = method.contract.name;
  span.End(status.code(), start + elapsed,
           [&](observe::FinishedSpan& finished) { DescribeRpc(rpc, status, finished); });
  if (status.ok()) {
    observe::Info(observe::Category::kAccess, "rpc served", {{"rpc", rpc}, {"seconds", elapsed}});
  } else if (IsOurFault(status.code())) {
    observe::Error("rpc failed", {{"rpc", rpc}, {"seconds", elapsed}, {"status", status}});
  } else {
    // Who was kept out is looked for longer than who asked for something that is not there.
    const bool kept_out = absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status);
    observe::Info(kept_out ? observe::Category::kSecurity : observe::Category::kAccess,
                  "rpc refused", {{"rpc", rpc}, {"seconds", elapsed}, {"status", status}});
  }
  // A reason of the service's own is its judgement, made with all the retries it thought worth
  // while: gRPC must not have it made three times more.
  if (absl::IsUnavailable(status) && status::Reason(status) != "SERVICE_UNAVAILABLE") {
    context.AddTrailingMetadata("grpc-retry-pushback-ms", "-1");
  }
  return status::ToGrpc(status::WithReason(status));
}

}  // namespace selfology::rpc
