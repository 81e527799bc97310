#include "tools/ctl/replay.h"

#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/rpc/channel.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "nlohmann/json.hpp"
#include "selfology/relay/v1/outbox_relay_service_client.h"
#include "tools/ctl/operator.h"

namespace selfology::ctl {
namespace {

namespace v1 = relay::v1;

// Days of events are published at some hundred thousand a second.
constexpr absl::Duration kPatience = absl::Hours(1);

}  // namespace

absl::StatusOr<absl::Time> ParseMoment(const std::string& text, absl::Time now) {
  absl::Duration ago;
  absl::Time time;
  std::string error;
  if (absl::ParseDuration(text, &ago)) {
    time = now - ago;
  } else if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    time = absl::InfiniteFuture();
  }
  if (time <= absl::UnixEpoch() || time == absl::InfiniteFuture()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is no time: 2025-10-01T12:00:00Z, or how long ago: 90m"));
  }
  return time;
}

absl::Status RunReplay(const std::string& endpoints_json, const ReplayFlags& flags) {
  if (flags.from.empty()) return absl::InvalidArgumentError("replay: needs --from");
  const absl::Time now = absl::Now();
  ASSIGN_OR_RETURN(const absl::Time from, ParseMoment(flags.from, now));
  v1::ReplayEventsRequest request;
  *request.mutable_start_time() = timestamps::ToProto(from);
  if (!flags.to.empty()) {
    ASSIGN_OR_RETURN(const absl::Time to, ParseMoment(flags.to, now));
    *request.mutable_end_time() = timestamps::ToProto(to);
  }
  request.mutable_filter()->set_user_id(flags.user);
  for (const std::string& type : flags.types) request.mutable_filter()->add_types(type);
  request.mutable_filter()->set_trace_id(flags.trace);
  request.set_dry_run(flags.dry_run);

  const nlohmann::json endpoints =
      nlohmann::json::parse(endpoints_json, nullptr, /*allow_exceptions=*/false);
  const auto relay = endpoints.find("outbox_relay");
  if (relay == endpoints.end()) return absl::NotFoundError("no outbox_relay runs here");
  observe::Requests requests(nullptr, "rpc_client");
  ASSIGN_OR_RETURN(const std::shared_ptr<rpc::Channel> channel,
                   ConnectAsOperator("outbox_relay", OperatorAddress(*relay), requests));
  const v1::OutboxRelayServiceClient client(channel);
  ASSIGN_OR_RETURN(const v1::ReplayEventsResponse response,
                   client.ReplayEvents(Call::Background(kPatience), request));
  std::printf("%lld events %s\n", static_cast<long long>(response.replayed()),
              flags.dry_run ? "would be published again" : "published again");
  return absl::OkStatus();
}

}  // namespace selfology::ctl
