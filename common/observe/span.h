// Spans: how long a piece of work took, on which trace, for which service, and how it ended.
//
//   // What a request from elsewhere asks for:
//   observe::Span span = observe::Span::Enter(tracer, observe::SpanKind::kServer,
//                                             parent.value_or(TraceContext()), start, random);
//   const Call call(deadline, span.trace());
//   ...
//   // A part of it, wherever it is done:
//   observe::Span part = observe::Span::Within(call.trace(), observe::SpanKind::kClient, now, random);
//   outgoing["traceparent"] = part.trace().Format();
//   ...
//   part.End(status.code(), later, [&](observe::FinishedSpan& span) {
//     span.name = "POST openai chat";
//     span.Add("http.request.method", "POST");
//   });
//
// Which are exported. A trace is sampled by a share of all trace ids when it begins, and its spans
// follow it: into other processes, too. A span of a trace that is not sampled is exported all the
// same when it ended in a fault (IsFault), with the attribute "sampling.fault_only"; of its parent
// and children only those that ended so, too. `End`'s function runs only for what is exported: names
// and attributes cost nothing else.
//
// A span that is begun and not ended is not exported, and whatever it is the parent of has none then:
// nothing may be done on span.trace() that does not come to an End. Without a tracer, or one that
// records nothing, `trace` is the parent itself and End does nothing.
//
// Names and attributes take few values and carry nothing of a person: no id, path, URL, address or
// text. They are those of OpenTelemetry's semantic conventions where there is one.
// Threads: a Span is a value for one thread at a time; a Tracer may be used from any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/random/bit_gen_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/observe/trace.h"

namespace selfology::observe {

// The numbers are those of opentelemetry.proto.trace.v1.Span.SpanKind.
enum class SpanKind { kInternal = 1, kServer = 2, kClient = 3, kProducer = 4, kConsumer = 5 };

struct FinishedSpan {
  std::string service = {};  // "session"; set by End, as are the next six.
  SpanKind kind = SpanKind::kInternal;
  TraceContext trace = {};
  Id<16> parent = {};  // Empty: the trace's first.
  absl::Time start = {};
  absl::Time end = {};
  absl::StatusCode code = absl::StatusCode::kOk;
  bool failed = false;

  std::string name = {};
  // Keys are literals.
  std::vector<std::pair<std::string_view, std::variant<std::string, int64_t>>> attributes = {};
  // Other traces that this work is done for.
  std::vector<TraceContext> links = {};

  void Add(std::string_view key, std::string_view value) {
    attributes.emplace_back(key, std::string(value));
  }
  void Add(std::string_view key, int64_t value) { attributes.emplace_back(key, value); }
};

// Takes spans that are to be exported. Thread-safe; must not block.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  virtual void Take(FinishedSpan span) = 0;
};

// Whether it is ours to mend: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE or
// DATA_LOSS, which are also a server's errors by OpenTelemetry's conventions for gRPC.
bool IsFault(absl::StatusCode code);

// Records one service's spans. Outlives all traces that name it.
class Tracer {
 public:
  // sink: null if nothing is recorded. share: of the traces that begin at this service, 0 to 1, those
  // that are sampled; decided by the trace id, so that all who use the same share decide alike.
  Tracer(std::string service, SpanSink* sink, double share);

  bool records() const { return sink_ != nullptr; }
  const std::string& service() const { return service_; }
  bool Samples(const Id<32>& trace_id) const;

 private:
  friend class Span;

  const std::string service_;
  SpanSink* const sink_;
  const uint64_t below_;  // Of 2^56; those at or above it are sampled.
};

class Span {
 public:
  Span() = default;

  // parent: what came with the work, from another process or the past. Without a span id it is a new
  // trace, of its trace id if it has one.
  static Span Enter(const Tracer* tracer, SpanKind kind, const TraceContext& parent,
                    absl::Time start, absl::BitGenRef random);
  // Work within work of this process; of no trace when that is of none.
  static Span Within(const TraceContext& parent, SpanKind kind, absl::Time start,
                     absl::BitGenRef random) {
    return parent.valid() ? Enter(parent.tracer, kind, parent, start, random) : Span();
  }

  // What is done within it belongs to this.
  const TraceContext& trace() const { return trace_; }
  absl::Time start() const { return start_; }
  // Whether it is exported however it ends.
  bool sampled() const { return tracer_ != nullptr && trace_.sampled; }

  // Once. describe(FinishedSpan&) names it.
  template <typename Describe>
  void End(absl::StatusCode code, absl::Time end, const Describe& describe) const {
    if (tracer_ == nullptr || !(trace_.sampled || IsFault(code))) return;
    FinishedSpan span = Finished(code, end);
    describe(span);
    tracer_->sink_->Take(std::move(span));
  }

 private:
  FinishedSpan Finished(absl::StatusCode code, absl::Time end) const;

  const Tracer* tracer_ = nullptr;  // Null: nothing is recorded.
  SpanKind kind_ = SpanKind::kInternal;
  TraceContext trace_;
  Id<16> parent_;
  absl::Time start_;
};

}  // namespace selfology::observe
