#include "common/observe/span.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"

namespace selfology::observe {
namespace {

// OpenTelemetry decides by the 56 bits that W3C calls random: the last 14 digits of a trace id.
constexpr size_t kRandomDigits = 14;
constexpr uint64_t kAll = uint64_t{1} << 56;

uint64_t RandomBits(const Id<32>& trace_id) {
  uint64_t bits = 0;
  const std::string_view digits = trace_id.view();
  if (digits.size() < kRandomDigits) return 0;
  return absl::SimpleHexAtoi(digits.substr(digits.size() - kRandomDigits), &bits) ? bits : 0;
}

}  // namespace

bool IsFault(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

Tracer::Tracer(std::string service, SpanSink* sink, double share)
    : service_(std::move(service)),
      sink_(sink),
      below_(static_cast<uint64_t>((1 - std::clamp(share, 0.0, 1.0)) * static_cast<double>(kAll))) {
}

bool Tracer::Samples(const Id<32>& trace_id) const { return RandomBits(trace_id) >= below_; }

Span Span::Enter(const Tracer* tracer, SpanKind kind, const TraceContext& parent, absl::Time start,
                 absl::BitGenRef random) {
  const bool records = tracer != nullptr && tracer->records();
  const bool begins = parent.span_id.empty();
  Span span;
  span.kind_ = kind;
  span.start_ = start;
  if (!records && !begins) {
    span.trace_ = parent;
    span.trace_.tracer = nullptr;
    return span;
  }
  span.trace_ = parent.Child(random);
  if (begins) span.trace_.sampled = records && tracer->Samples(span.trace_.trace_id);
  span.trace_.tracer = records ? tracer : nullptr;
  span.tracer_ = span.trace_.tracer;
  span.parent_ = parent.span_id;
  return span;
}

FinishedSpan Span::Finished(absl::StatusCode code, absl::Time end) const {
  FinishedSpan span{.service = tracer_->service(),
                    .kind = kind_,
                    .trace = trace_,
                    .parent = parent_,
                    .start = start_,
                    .end = std::max(start_, end),
                    .code = code};
  // What a caller did wrong is the caller's failure, not the server's.
  const bool asks = kind_ == SpanKind::kClient || kind_ == SpanKind::kInternal;
  span.failed = IsFault(code) || (asks && code != absl::StatusCode::kOk);
  if (span.failed) span.Add("error.type", absl::StatusCodeToString(code));
  if (!trace_.sampled) span.Add("sampling.fault_only", "true");
  return span;
}

}  // namespace selfology::observe
