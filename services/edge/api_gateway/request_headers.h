// What request headers ask of the gateway.
//
// Errors: INVALID_ARGUMENT that names the header.
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/http/message.h"
#include "common/observe/trace.h"

namespace selfology::api_gateway {

// The least of Grpc-Timeout ("500m" is 500 ms; H, M, S, m, u and n) and X-Request-Timeout (seconds,
// "2.5"); above 0. Nothing: neither is there.
absl::StatusOr<std::optional<absl::Duration>> TimeoutOf(const http::Headers& headers);

// "v1" is all there is, and what is meant when nothing is said.
absl::Status CheckApiVersion(const http::Headers& headers);

// X-Correlation-ID as it came if it is 1 to 128 printable characters, else the trace's id.
std::string CorrelationIdOf(const http::Headers& headers, const observe::TraceContext& trace);

// What a request's span comes under (observe::Span::Enter): its traceparent if it has one. Else a new
// trace whose id is its X-Correlation-ID, if that is a trace id, or stands for it, the same one each
// time: so that the events of a request are found by the id that its caller gave.
observe::TraceContext ParentOf(const http::Headers& headers);

// The key that Idempotency-Key names, with or without quotes; empty: none.
std::string IdempotencyKeyOf(const http::Headers& headers);

// Whether Accept-Encoding takes gzip.
bool TakesGzip(const http::Headers& headers);

// Whether Accept asks for server-sent events.
bool WantsEvents(const http::Headers& headers);

}  // namespace selfology::api_gateway
