// An OpenTelemetry collector that remembers what it is sent.
//
//   ASSERT_OK_AND_ASSIGN(auto collector, testing::OtlpCollector::Start());
//   ... --otlp_endpoint=<collector->endpoint()> ...
//   for (const testing::CollectedSpan& span : collector->spans()) ...
//
// Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace selfology::testing {

struct CollectedSpan {
  std::string service = {};  // service.name of its resource.
  opentelemetry::proto::trace::v1::Span span = {};
};

class OtlpCollector {
 public:
  using Request = opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
  using Response = opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse;
  // What it says of a request, whose spans it takes if that is OK.
  using Judge = std::function<absl::Status(const Request&, Response&)>;

  // address: to serve at, with port 0 a free one.
  static absl::StatusOr<std::unique_ptr<OtlpCollector>> Start(
      const std::string& address = "127.0.0.1:0");
  virtual ~OtlpCollector() = default;  // Stops.

  virtual const std::string& endpoint() const = 0;  // "http://127.0.0.1:41234"
  virtual void SetJudge(Judge judge) = 0;
  // So far, in the order in which they came.
  virtual std::vector<CollectedSpan> spans() const = 0;
  virtual std::vector<Request> requests() const = 0;  // Those that were taken.
};

}  // namespace selfology::testing
