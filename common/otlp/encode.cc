#include "common/otlp/encode.h"

#include <cstdint>
#include <map>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/time/time.h"

namespace selfology::otlp {
namespace {

using observe::FinishedSpan;
using opentelemetry::proto::common::v1::KeyValue;
using opentelemetry::proto::trace::v1::ScopeSpans;
using Attributes = google::protobuf::RepeatedPtrField<KeyValue>;

void Add(Attributes& attributes, std::string_view key, std::string_view value) {
  KeyValue& attribute = *attributes.Add();
  attribute.set_key(std::string(key));
  attribute.mutable_value()->set_string_value(std::string(value));
}

void Add(Attributes& attributes, std::string_view key, int64_t value) {
  KeyValue& attribute = *attributes.Add();
  attribute.set_key(std::string(key));
  attribute.mutable_value()->set_int_value(value);
}

std::string Bytes(std::string_view hex) {
  return absl::HexStringToBytes(absl::string_view(hex.data(), hex.size()));
}

void Fill(const FinishedSpan& from, opentelemetry::proto::trace::v1::Span& to) {
  to.set_trace_id(Bytes(from.trace.trace_id.view()));
  to.set_span_id(Bytes(from.trace.span_id.view()));
  to.set_parent_span_id(Bytes(from.parent.view()));
  to.set_name(from.name);
  to.set_kind(static_cast<opentelemetry::proto::trace::v1::Span::SpanKind>(from.kind));
  to.set_start_time_unix_nano(static_cast<uint64_t>(absl::ToUnixNanos(from.start)));
  to.set_end_time_unix_nano(static_cast<uint64_t>(absl::ToUnixNanos(from.end)));
  for (const auto& [key, value] : from.attributes) {
    std::visit([&, name = key](const auto& v) { Add(*to.mutable_attributes(), name, v); }, value);
  }
  for (const observe::TraceContext& other : from.links) {
    auto& link = *to.add_links();
    link.set_trace_id(Bytes(other.trace_id.view()));
    link.set_span_id(Bytes(other.span_id.view()));
  }
  if (from.failed) {
    to.mutable_status()->set_code(opentelemetry::proto::trace::v1::Status::STATUS_CODE_ERROR);
    // The message may quote what a person wrote.
    to.mutable_status()->set_message(absl::StatusCodeToString(from.code));
  }
  to.set_flags(from.trace.sampled ? 1 : 0);
}

}  // namespace

opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest Encode(
    const std::vector<FinishedSpan>& spans, std::string_view replica) {
  opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest request;
  std::map<std::string_view, ScopeSpans*> by_service;
  for (const FinishedSpan& span : spans) {
    ScopeSpans*& of_service = by_service[span.service];
    if (of_service == nullptr) {
      auto& group = *request.add_resource_spans();
      Attributes& attributes = *group.mutable_resource()->mutable_attributes();
      Add(attributes, "service.namespace", "selfology");
      Add(attributes, "service.name", span.service);
      Add(attributes, "service.instance.id", replica);
      of_service = group.add_scope_spans();
      of_service->mutable_scope()->set_name("selfology");
    }
    Fill(span, *of_service->add_spans());
  }
  return request;
}

}  // namespace selfology::otlp
