#include "common/observe/trace.h"

#include <array>
#include <cstdint>

#include "absl/random/distributions.h"
#include "absl/strings/str_cat.h"

namespace selfology::observe {
namespace {

thread_local const ScopedTrace* innermost = nullptr;

// The recommendation allows lower case only.
bool IsHex(std::string_view text) {
  for (char c : text) {
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

bool IsId(std::string_view text) {
  return IsHex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

// As many hex digits, not all zero.
template <size_t kLength>
Id<kLength> RandomId(absl::BitGenRef random) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, kLength> text;
  for (size_t i = 0; i < kLength; i += 16) {
    uint64_t bits = absl::Uniform<uint64_t>(absl::IntervalClosed, random, 1, UINT64_MAX);
    for (size_t digit = 0; digit < 16; ++digit, bits >>= 4) text[i + digit] = kDigits[bits & 15];
  }
  return std::string_view(text.data(), kLength);
}

}  // namespace

std::optional<TraceContext> TraceContext::Parse(std::string_view traceparent) {
  constexpr size_t kLength = 55;  // Version, trace id, span id and flags with their dashes.
  if (traceparent.size() < kLength) return std::nullopt;
  const std::string_view version = traceparent.substr(0, 2);
  const std::string_view trace_id = traceparent.substr(3, 32);
  const std::string_view span_id = traceparent.substr(36, 16);
  const std::string_view flags = traceparent.substr(53, 2);
  if (traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-')
    return std::nullopt;
  if (!IsHex(version) || version == "ff" || !IsId(trace_id) || !IsId(span_id) || !IsHex(flags)) {
    return std::nullopt;
  }
  if (traceparent.size() > kLength && (version == "00" || traceparent[kLength] != '-')) {
    return std::nullopt;
  }
  const char low = flags[1];
  const bool sampled = (low <= '9' ? low - '0' : low - 'a' + 10) & 1;
  return TraceContext{trace_id, span_id, sampled};
}

std::string TraceContext::Format() const {
  if (!valid()) return "";
  return absl::StrCat("00-", trace_id.view(), "-", span_id.view(), sampled ? "-01" : "-00");
}

TraceContext TraceContext::Child(absl::BitGenRef random) const {
  if (!valid()) return NewTrace(random);
  return {trace_id, RandomId<16>(random), sampled, tracer};
}

TraceContext NewTrace(absl::BitGenRef random) {
  return {RandomId<32>(random), RandomId<16>(random), /*sampled=*/false};
}

ScopedTrace::ScopedTrace(const TraceContext& trace) : trace_(trace), outer_(innermost) {
  innermost = this;
}

ScopedTrace::~ScopedTrace() { innermost = outer_; }

const TraceContext& ScopedTrace::Current() {
  static const TraceContext* const none = new TraceContext();
  return innermost == nullptr ? *none : innermost->trace_;
}

}  // namespace selfology::observe
