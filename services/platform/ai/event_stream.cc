#include "services/platform/ai/event_stream.h"

#include <string_view>
#include <utility>

#include "common/status/status_macros.h"
#include "services/platform/ai/failure.h"

namespace selfology::ai {

absl::Status ReadEventStream(http::Client& http, const Call& call, http::ClientRequest request,
                             absl::FunctionRef<absl::Status(const http::ServerEvent&)> on_event) {
  http::EventReader reader;
  bool begun = false;
  bool refused = false;
  request.headers.Set("Accept", http::kEventStream);
  request.on_data = [&](std::string_view data) -> absl::Status {
    for (const http::ServerEvent& event : reader.Feed(data)) {
      begun = true;
      const absl::Status taken = on_event(event);
      refused = !taken.ok();
      RETURN_IF_ERROR(taken);
    }
    return absl::OkStatus();
  };
  const absl::StatusOr<http::ClientResponse> response = http.Send(call, request);
  if (begun && !refused && absl::IsUnavailable(response.status())) return CutReply();
  RETURN_IF_ERROR(response.status());
  return response->status == 200 ? absl::OkStatus() : FailureOf(*response);
}

}  // namespace selfology::ai
