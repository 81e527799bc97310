#include "common/rpc/channel.h"

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/grpc_status.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace selfology::rpc {
namespace {

constexpr char kServiceConfig[] = R"({
  "methodConfig": [{
    "name": [{}],
    "waitForReady": true,
    "retryPolicy": {
      "maxAttempts": 4,
      "initialBackoff": "0.05s",
      "maxBackoff": "1s",
      "backoffMultiplier": 2,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }]
})";

}  // namespace

std::shared_ptr<Channel> Channel::Connect(std::string peer, const std::string& target,
                                          observe::Requests& requests) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(kServiceConfig);
  // A restarted peer should be found again within a second, not after the default two minutes.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  auto channel = std::make_shared<Channel>(std::move(peer), requests);
  channel->Bind(grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments));
  return channel;
}

void Channel::Bind(std::shared_ptr<grpc::Channel> channel) {
  absl::MutexLock lock(&mutex_);
  channel_ = std::move(channel);
}

std::shared_ptr<grpc::Channel> Channel::grpc() const {
  absl::MutexLock lock(&mutex_);
  return channel_;
}

absl::Status Channel::Invoke(std::string_view method, const Call& call,
                             const std::function<grpc::Status(grpc::ClientContext&)>& run) const {
  thread_local absl::InsecureBitGen random;
  if (grpc() == nullptr) {
    return absl::UnavailableError(absl::StrCat("peer \"", peer_, "\" has not started"));
  }
  if (absl::Status alone = call.MayWait(); !alone.ok()) return alone;
  const absl::Time start = absl::Now();
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(call.deadline()));
  if (call.trace().valid()) {
    context.AddMetadata("traceparent", call.trace().Child(random).Format());
  }
  const absl::Status status = status::FromGrpc(run(context));
  requests_.Record(method, status.code(), absl::Now() - start);
  return status;
}

}  // namespace selfology::rpc
