// W3C trace context: which journey a piece of work belongs to.
//
// A TraceContext travels in a Call, in HTTP and gRPC as the `traceparent` header, and in events as
// the field `trace`. One trace_id names the whole journey; each hop has a span_id of its own.
//
//   const auto parent = observe::TraceContext::Parse(header);
//   observe::ScopedTrace scope(*parent);  // this thread's log lines carry the trace from here on
//   outgoing["traceparent"] = parent->Format();
//
// A hop of its own is a span (span.h): who records none passes the trace on as it came, so that
// whatever names a parent names one that was recorded.
//
// Errors: Parse gives nullopt for anything the recommendation calls invalid.
// Threads: TraceContext is a value; ScopedTrace belongs to the thread that made it.
// Source: https://www.w3.org/TR/trace-context/ (version 00; later versions are read by its rules).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/random/bit_gen_ref.h"

namespace selfology::observe {

// A text of exactly that many characters, or none. Traces are copied with every call, event and log
// line, so they own no memory.
template <size_t kLength>
class Id {
 public:
  constexpr Id() = default;
  // What has another length is no id.
  constexpr Id(std::string_view text) {  // NOLINT(google-explicit-constructor)
    if (text.size() == kLength) std::copy(text.begin(), text.end(), text_.begin());
  }
  constexpr Id(const char* text) : Id(std::string_view(text)) {}  // NOLINT(*-explicit-*)

  constexpr bool empty() const { return text_[0] == '\0'; }
  constexpr std::string_view view() const { return {text_.data(), empty() ? 0 : kLength}; }
  std::string str() const { return std::string(view()); }

  friend bool operator==(const Id&, const Id&) = default;

 private:
  std::array<char, kLength> text_{};
};

class Tracer;

struct TraceContext {
  Id<32> trace_id;       // Lower-case hex digits, not all zero; empty: no trace.
  Id<16> span_id;        // Likewise.
  bool sampled = false;  // Whether its spans are exported.
  // Who records the spans of work that is done on it in this process; null: nobody. Never travels.
  const Tracer* tracer = nullptr;

  bool valid() const { return !trace_id.empty(); }

  static std::optional<TraceContext> Parse(std::string_view traceparent);

  // "00-<trace_id>-<span_id>-<flags>"; empty when there is no trace.
  std::string Format() const;

  // The next hop: the same journey, a new span. Starts a journey when there is none.
  TraceContext Child(absl::BitGenRef random) const;

  // As they travel.
  friend bool operator==(const TraceContext& a, const TraceContext& b) {
    return a.trace_id == b.trace_id && a.span_id == b.span_id && a.sampled == b.sampled;
  }
};

// A new journey that is not sampled: only a Tracer samples.
TraceContext NewTrace(absl::BitGenRef random);

// Names the trace that this thread's log lines carry, until the scope ends; scopes nest.
class ScopedTrace {
 public:
  explicit ScopedTrace(const TraceContext& trace);
  ~ScopedTrace();
  ScopedTrace(const ScopedTrace&) = delete;
  ScopedTrace& operator=(const ScopedTrace&) = delete;

  // The innermost scope's trace; an empty one outside of all scopes.
  static const TraceContext& Current();

 private:
  TraceContext trace_;
  const ScopedTrace* const outer_;
};

}  // namespace selfology::observe
