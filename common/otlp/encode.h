// Spans as OTLP has them. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "common/observe/span.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace selfology::otlp {

// Each service's spans under a resource of its own, in the order of their first spans:
// service.namespace "selfology", service.name, and service.instance.id, which is `replica`.
opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest Encode(
    const std::vector<observe::FinishedSpan>& spans, std::string_view replica);

}  // namespace selfology::otlp
