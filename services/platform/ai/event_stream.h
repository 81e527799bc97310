// A request that is answered by server-sent events.
//
// `on_event` runs for each, on the calling thread; its error ends the stream and is returned. Other
// errors: those of http::Client::Send, but CutReply (failure.h) for a connection that is lost after
// the first event; and FailureOf for a response that is not 200.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/call/call.h"
#include "common/http/client.h"
#include "common/http/sse.h"

namespace selfology::ai {

absl::Status ReadEventStream(http::Client& http, const Call& call, http::ClientRequest request,
                             absl::FunctionRef<absl::Status(const http::ServerEvent&)> on_event);

}  // namespace selfology::ai
