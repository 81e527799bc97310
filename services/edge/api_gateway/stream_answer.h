// A server stream as an HTTP answer: lines of JSON (NDJSON), or server-sent events.
//
//   {"result":{...}}                   event: message     data: {...}
//   {"error":{...problem...}}          event: error       data: {...problem...}
//                                      event: end         data: {}
//
// What failed before the first message is an answer like any other. After that an error is the last
// line, or event: a stream without an error ends without one, or with `end`.
// Threads: each function is called on the handler's thread and blocks while the stream lasts.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/call/call.h"
#include "common/http/server.h"
#include "services/edge/api_gateway/stream_pump.h"

namespace selfology::api_gateway {

enum class StreamForm { kLines, kEvents };

std::string MessagePiece(StreamForm form, std::string_view json);
// OK is the end.
std::string EndPiece(StreamForm form, const absl::Status& status, std::string_view problem_json);

struct StreamOutcome {
  absl::Status status = absl::OkStatus();
  size_t bytes = 0;
};
// Until the stream ends, the client goes or the server stops. `problem` makes the body of an error.
StreamOutcome WriteStream(StreamPump& pump, StreamForm form, const Call& call,
                          const std::function<bool()>& draining,
                          const std::function<std::string(const absl::Status&)>& problem,
                          http::Stream& stream);

}  // namespace selfology::api_gateway
