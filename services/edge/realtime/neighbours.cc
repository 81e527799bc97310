#include "services/edge/realtime/neighbours.h"

#include <atomic>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/http/url.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/edge/realtime/engine_io/session.h"

namespace selfology::realtime {
namespace {

constexpr absl::Duration kRefresh = absl::Seconds(20);
constexpr absl::Duration kLasting = absl::Seconds(60);
constexpr absl::Duration kTimeout = absl::Seconds(5);
constexpr absl::Duration kErrorPause = absl::Seconds(1);
// A poll waits for the next ping at most.
constexpr absl::Duration kPollTimeout = absl::Seconds(120);
// On what was passed on: it is not passed on again.
constexpr std::string_view kForwarded = "X-Forwarded-By-Replica";

std::string KeyOf(std::string_view replica) {
  return absl::StrCat("selfology:realtime:replica:", replica);
}

http::Response Unknown() {
  return http::Response::Json(engine_io::RefusalJson(engine_io::Refusal::kUnknownSession), 400);
}

}  // namespace

void Neighbours::Announce(const std::string& address, service::StopSignal& stop) const {
  absl::Duration pause;
  do {
    const absl::Status said =
        redis_
            .Command(Call::Background(kTimeout),
                     {"SET", KeyOf(replica_), address, "PX", absl::ToInt64Milliseconds(kLasting)})
            .status();
    if (!said.ok()) {
      observe::Warning("other replicas cannot be told where this one is",
                       {{"error", said.ToString()}});
    }
    pause = said.ok() ? kRefresh : kErrorPause;
  } while (!stop.WaitFor(pause));
  redis_.Command(Call::Background(kTimeout), {"DEL", KeyOf(replica_)}).status().IgnoreError();
}

void Neighbours::Forward(const http::Request& request, std::string_view replica,
                         std::shared_ptr<http::Responder> responder) {
  if (request.headers.Get(kForwarded).has_value()) return responder->Answer(Unknown());
  const auto gone = std::make_shared<std::atomic<bool>>(false);
  responder->OnHurry([gone] { gone->store(true); });
  workers_.Submit([this, request, replica = std::string(replica), responder, gone] {
    const Call call(absl::Now() + kPollTimeout, request.call.trace(),
                    [gone] { return gone->load(); });
    absl::StatusOr<http::Response> response = Ask(call, request, replica);
    responder->Answer(response.ok() ? *std::move(response) : Unknown());
  });
}

absl::StatusOr<http::Response> Neighbours::Ask(const Call& call, const http::Request& request,
                                               const std::string& replica) const {
  ASSIGN_OR_RETURN(const redis::Reply address,
                   redis_.Command(call.WithTimeout(kTimeout), {"GET", KeyOf(replica)}));
  if (address.is_nil()) return absl::NotFoundError("there is no such replica");
  ASSIGN_OR_RETURN(const std::string_view host, address.String());
  http::ClientRequest forwarded{
      .method = request.method,
      .url = absl::StrCat("http://", host, request.path, "?", http::EncodeQuery(request.query)),
      .headers = {{std::string(kForwarded), replica_}},
      .body = request.body,
      .target = "realtime neighbour"};
  for (const char* name : {"Content-Type", "Origin"}) {
    if (const auto value = request.headers.Get(name)) forwarded.headers.Set(name, *value);
  }
  ASSIGN_OR_RETURN(http::ClientResponse answer, http_.Send(call, forwarded));
  http::Response response{.status = answer.status, .body = std::move(answer.body)};
  for (const char* name : {"Content-Type", "Cache-Control"}) {
    if (const auto value = answer.headers.Get(name)) response.headers.Set(name, *value);
  }
  return response;
}

}  // namespace selfology::realtime
