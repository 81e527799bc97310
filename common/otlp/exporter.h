// Sends spans to an OpenTelemetry collector: OTLP over gRPC.
//
//   ASSIGN_OR_RETURN(auto exporter, otlp::Exporter::Start({.endpoint = "http://collector:4317",
//                                                          .replica = replica}, metrics));
//   const observe::Tracer tracer("session", exporter.get(), 0.1);
//   ...
//   exporter->Stop(absl::Now() + absl::Seconds(3));
//
// Take never waits: spans are queued, sent by one thread in batches, and dropped and counted when the
// queue is full. A collector that cannot be reached is asked again with growing pauses, with the same
// batch; what it refuses for good is dropped.
// Metrics: trace_spans_total{result}, with exported, rejected (by the collector), dropped (queue full)
// and lost (refused, or left over at Stop); trace_export_failures_total, attempts.
// Errors of Start: INVALID_ARGUMENT for an endpoint that is none. The collector need not be there.
// Threads: thread-safe. Stop once, before what spans come from goes; Take after it drops.
// Source: https://opentelemetry.io/docs/specs/otlp/ (1.0), "OTLP/gRPC".
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/observe/metrics.h"
#include "common/observe/span.h"
#include "common/resilience/retry.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace selfology::otlp {

// Where a collector is, as gRPC names it.
struct Endpoint {
  std::string target;  // "collector:4317"
  bool tls = false;    // By the system's certificates.
};

// As OpenTelemetry writes it: "http://host:port" or "https://host:port", 4317 unless said; also
// "host:port". INVALID_ARGUMENT for anything else.
absl::StatusOr<Endpoint> ParseEndpoint(std::string_view text);

class Exporter final : public observe::SpanSink {
 public:
  struct Options {
    std::string endpoint;
    std::string replica;
    size_t max_queued = 8192;                    // Spans, about a kilobyte each.
    size_t max_batch = 512;                      // Spans.
    absl::Duration period = absl::Seconds(1);    // A smaller batch waits so long for more.
    absl::Duration timeout = absl::Seconds(10);  // Of one attempt.
    resilience::Backoff backoff = {.first = absl::Seconds(1), .max = absl::Seconds(30)};
  };

  static absl::StatusOr<std::unique_ptr<Exporter>> Start(Options options,
                                                         observe::Metrics& metrics);
  ~Exporter() override;  // Stops, at once.

  void Take(observe::FinishedSpan span) override;

  // Sends what is queued, until the deadline.
  void Stop(absl::Time deadline);

 private:
  Exporter(Options options, std::shared_ptr<grpc::Channel> channel, observe::Metrics& metrics);

  void Run();
  // Waits for a batch that is worth sending; empty: it is time to end.
  std::vector<observe::FinishedSpan> Next();
  // Until it is sent, refused for good, or too late.
  void Send(const std::vector<observe::FinishedSpan>& batch);
  absl::StatusOr<opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse> Attempt(
      const opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest& request);
  // False: it is time to end.
  bool Pause(absl::Duration pause);

  const Options options_;
  const std::shared_ptr<grpc::Channel> channel_;
  const observe::Counter exported_;
  const observe::Counter rejected_;
  const observe::Counter dropped_;
  const observe::Counter lost_;
  const observe::Counter failures_;

  absl::Mutex mutex_;
  std::deque<observe::FinishedSpan> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time stop_by_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  grpc::ClientContext* attempt_ ABSL_GUARDED_BY(mutex_) = nullptr;  // Under way.
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool fails_ = false;  // Since the last attempt; of the thread alone.
  std::thread thread_;
};

}  // namespace selfology::otlp
