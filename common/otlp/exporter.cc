#include "common/otlp/exporter.h"

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/otlp/encode.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace selfology::otlp {
namespace {

namespace collector = opentelemetry::proto::collector::trace::v1;

constexpr std::string_view kDefaultPort = "4317";
constexpr absl::Duration kPauseWhileStopping = absl::Milliseconds(200);

// OTLP's list of what may be tried again. Its RESOURCE_EXHAUSTED may be so only with a RetryInfo, but
// collectors that are merely busy leave it out.
bool MayTryAgain(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kResourceExhausted:
      return true;
    default:
      return false;
  }
}

observe::Counter Spans(observe::Metrics& metrics, const std::string& result) {
  return metrics.Counter("trace_spans_total", "Spans, by what became of them",
                         {{"result", result}});
}

std::shared_ptr<grpc::Channel> Connect(const Endpoint& endpoint) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 10'000);
  return grpc::CreateCustomChannel(endpoint.target,
                                   endpoint.tls
                                       ? grpc::SslCredentials(grpc::SslCredentialsOptions())
                                       : grpc::InsecureChannelCredentials(),
                                   arguments);
}

}  // namespace

absl::StatusOr<Endpoint> ParseEndpoint(std::string_view text) {
  Endpoint endpoint;
  constexpr std::string_view kTls = "https://";
  constexpr std::string_view kPlain = "http://";
  endpoint.tls = text.starts_with(kTls);
  if (endpoint.tls) text.remove_prefix(kTls.size());
  if (text.starts_with(kPlain)) text.remove_prefix(kPlain.size());
  if (text.ends_with('/')) text.remove_suffix(1);
  // "[::1]:4317": the brackets belong to the host.
  const size_t bracket = text.rfind(']');
  const size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = text.substr(0, colon);
  const std::string_view port =
      colon == std::string_view::npos ? kDefaultPort : text.substr(colon + 1);
  int number = 0;
  if (host.empty() || host.find_first_of("/@? ") != std::string_view::npos ||
      !absl::SimpleAtoi(port, &number) || number < 1 || number > 65535) {
    return absl::InvalidArgumentError("must be http://host:port or https://host:port");
  }
  endpoint.target = absl::StrCat(host, ":", number);
  return endpoint;
}

absl::StatusOr<std::unique_ptr<Exporter>> Exporter::Start(Options options,
                                                          observe::Metrics& metrics) {
  ASSIGN_OR_RETURN(const Endpoint endpoint, ParseEndpoint(options.endpoint));
  auto exporter =
      std::unique_ptr<Exporter>(new Exporter(std::move(options), Connect(endpoint), metrics));
  exporter->thread_ = std::thread([self = exporter.get()] {
    pthread_setname_np(pthread_self(), "otlp");
    self->Run();
  });
  return exporter;
}

Exporter::Exporter(Options options, std::shared_ptr<grpc::Channel> channel,
                   observe::Metrics& metrics)
    : options_(std::move(options)),
      channel_(std::move(channel)),
      exported_(Spans(metrics, "exported")),
      rejected_(Spans(metrics, "rejected")),
      dropped_(Spans(metrics, "dropped")),
      lost_(Spans(metrics, "lost")),
      failures_(metrics.Counter("trace_export_failures_total",
                                "Attempts to send spans to the collector that failed")) {}

Exporter::~Exporter() { Stop(absl::Now()); }

void Exporter::Take(observe::FinishedSpan span) {
  {
    absl::MutexLock lock(&mutex_);
    if (!stopping_ && queue_.size() < options_.max_queued) {
      queue_.push_back(std::move(span));
      return;
    }
  }
  dropped_.Increment();
}

void Exporter::Stop(absl::Time deadline) {
  {
    absl::MutexLock lock(&mutex_);
    if (!stopping_) stop_by_ = deadline;
    stopping_ = true;
  }
  {
    const auto ended = [this] {
      mutex_.AssertReaderHeld();
      return ended_;
    };
    absl::MutexLock lock(&mutex_);
    if (!mutex_.AwaitWithDeadline(absl::Condition(&ended), stop_by_) && attempt_ != nullptr) {
      attempt_->TryCancel();
    }
  }
  if (thread_.joinable()) thread_.join();
}

void Exporter::Run() {
  while (true) {
    const std::vector<observe::FinishedSpan> batch = Next();
    if (batch.empty()) break;
    Send(batch);
  }
  absl::MutexLock lock(&mutex_);
  ended_ = true;
}

std::vector<observe::FinishedSpan> Exporter::Next() {
  const auto some = [this] {
    mutex_.AssertReaderHeld();
    return stopping_ || !queue_.empty();
  };
  const auto many = [this] {
    mutex_.AssertReaderHeld();
    return stopping_ || queue_.size() >= options_.max_batch;
  };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&some));
  mutex_.AwaitWithTimeout(absl::Condition(&many), options_.period);
  if (stopping_ && absl::Now() >= stop_by_) {
    lost_.Increment(static_cast<double>(queue_.size()));
    queue_.clear();
  }
  const auto end =
      queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), options_.max_batch));
  std::vector<observe::FinishedSpan> batch(std::make_move_iterator(queue_.begin()),
                                           std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return batch;
}

void Exporter::Send(const std::vector<observe::FinishedSpan>& batch) {
  const auto count = static_cast<double>(batch.size());
  const collector::ExportTraceServiceRequest request = Encode(batch, options_.replica);
  absl::BitGen random;
  for (int failures = 1;; ++failures) {
    const auto response = Attempt(request);
    if (response.ok()) {
      const auto refused = static_cast<double>(std::clamp<int64_t>(
          response->partial_success().rejected_spans(), 0, static_cast<int64_t>(batch.size())));
      exported_.Increment(count - refused);
      rejected_.Increment(refused);
      if (fails_) observe::Info("trace collector reached again");
      fails_ = false;
      return;
    }
    failures_.Increment();
    // Not for each batch: one that refuses all of them would be told of once a second.
    if (!std::exchange(fails_, true)) {
      observe::Warning("spans could not be sent to the trace collector",
                       {{"status", response.status()}});
    }
    const absl::Duration least =
        status::RetryAfter(response.status()).value_or(absl::ZeroDuration());
    if (!MayTryAgain(response.status().code()) ||
        !Pause(resilience::BackoffDelay(options_.backoff, failures, least, random))) {
      lost_.Increment(count);
      return;
    }
  }
}

absl::StatusOr<collector::ExportTraceServiceResponse> Exporter::Attempt(
    const collector::ExportTraceServiceRequest& request) {
  grpc::ClientContext context;
  {
    absl::MutexLock lock(&mutex_);
    context.set_deadline(absl::ToChronoTime(std::min(absl::Now() + options_.timeout, stop_by_)));
    attempt_ = &context;
  }
  collector::ExportTraceServiceResponse response;
  const grpc::Status status =
      collector::TraceService::NewStub(channel_)->Export(&context, request, &response);
  absl::MutexLock lock(&mutex_);
  attempt_ = nullptr;
  if (!status.ok()) return status::FromGrpc(status);
  return response;
}

bool Exporter::Pause(absl::Duration pause) {
  const auto stopping = [this] {
    mutex_.AssertReaderHeld();
    return stopping_;
  };
  {
    absl::MutexLock lock(&mutex_);
    if (!mutex_.AwaitWithTimeout(absl::Condition(&stopping), pause)) return true;
    pause = std::min(pause, kPauseWhileStopping);
    if (absl::Now() + pause >= stop_by_) return false;
  }
  absl::SleepFor(pause);
  return true;
}

}  // namespace selfology::otlp
