#include "common/rpc/endpoints.h"

#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/observe/trace.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"

namespace selfology::rpc {
namespace {

observe::TraceContext IncomingTrace(const grpc::ServerContext& context) {
  thread_local absl::InsecureBitGen random;
  const auto& metadata = context.client_metadata();
  if (const auto header = metadata.find("traceparent"); header != metadata.end()) {
    const auto trace = observe::TraceContext::Parse(
        std::string_view(header->second.data(), header->second.size()));
    if (trace.has_value()) return trace->Child(random);
  }
  return observe::NewTrace(random);
}

absl::Time Deadline(const ServerRuntime& runtime, Kind kind, const grpc::ServerContext& context,
                    absl::Time start) {
  // gRPC says "none" by a time in the far future.
  const absl::Time asked = absl::FromChrono(context.deadline());
  if (asked < start + absl::Hours(24 * 365)) return asked;
  return start + (kind == Kind::kUnary ? runtime.unary_deadline : runtime.stream_deadline);
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

}  // namespace

grpc::Status Method::Serve(grpc::ServerContext& context, std::function<bool()> cancelled,
                           std::shared_ptr<Call::WaitListener> wait_listener,
                           absl::FunctionRef<absl::Status(const Call&)> run) const {
  if (!runtime_.gate.Enter()) {
    // What is in progress may need calls from within the process to finish, and only those have no
    // address of such a kind.
    const std::string peer = context.peer();
    if (peer.starts_with("ip") || peer.starts_with("unix")) {
      runtime_.gate.Leave();
      return {grpc::StatusCode::UNAVAILABLE, "draining: call another replica"};
    }
  }
  const absl::Cleanup leave = [this] { runtime_.gate.Leave(); };
  const absl::Time start = absl::Now();
  const Call call =
      Call(Deadline(runtime_, kind_, context, start), IncomingTrace(context), std::move(cancelled))
          .With(std::move(wait_listener));
  const observe::ScopedTrace scope(call.trace());

  const absl::Status status = run(call);

  const absl::Duration elapsed = absl::Now() - start;
  requests_.Record(status.code(), elapsed);
  if (status.ok()) {
    observe::Info("rpc served", {{"rpc", path_}, {"seconds", elapsed}});
  } else if (IsOurFault(status.code())) {
    observe::Error("rpc failed", {{"rpc", path_}, {"seconds", elapsed}, {"status", status}});
  } else {
    observe::Info("rpc refused", {{"rpc", path_}, {"seconds", elapsed}, {"status", status}});
  }
  // A reason of the service's own is its judgement, made with all the retries it thought worth
  // while: gRPC must not have it made three times more.
  if (absl::IsUnavailable(status) && status::Reason(status) != "SERVICE_UNAVAILABLE") {
    context.AddTrailingMetadata("grpc-retry-pushback-ms", "-1");
  }
  return status::ToGrpc(status);
}

}  // namespace selfology::rpc
