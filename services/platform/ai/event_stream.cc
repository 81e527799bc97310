#include "services/platform/ai/event_stream.h"

#include <string_view>
#include <utility>

#include "common/status/status_macros.h"
#include "services/platform/ai/failure.h"

namespace selfology::ai {

absl::Status ReadEventStream(http::Client& http, const Call& call, http::ClientRequest request,
                             absl::FunctionRef<absl::Status(const http::ServerEvent&)> on_event) {
  http::EventReader reader;
  request.headers.Set("Accept", http::kEventStream);
  request.on_data = [&](std::string_view data) -> absl::Status {
    for (const http::ServerEvent& event : reader.Feed(data)) RETURN_IF_ERROR(on_event(event));
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const http::ClientResponse response, http.Send(call, request));
  return response.status == 200 ? absl::OkStatus() : FailureOf(response);
}

}  // namespace selfology::ai
