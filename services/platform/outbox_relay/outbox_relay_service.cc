#include "services/platform/outbox_relay/outbox_relay_service.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/events/catalogue.h"
#include "common/observe/log.h"
#include "common/relay/streams.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::outbox_relay {
namespace {

v1::RelayMode ToProto(relay::Mode mode) {
  switch (mode) {
    case relay::Mode::kStarting:
      return v1::RELAY_MODE_UNSPECIFIED;
    case relay::Mode::kLogicalDecoding:
      return v1::RELAY_MODE_LOGICAL_DECODING;
    case relay::Mode::kSnapshotDifference:
      return v1::RELAY_MODE_SNAPSHOT_DIFFERENCE;
    case relay::Mode::kStandby:
      return v1::RELAY_MODE_STANDBY;
  }
  return v1::RELAY_MODE_UNSPECIFIED;
}

void ToProto(absl::Duration duration, google::protobuf::Duration& proto) {
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
}

std::vector<std::string> Types(const v1::EventFilter& filter) {
  return {filter.types().begin(), filter.types().end()};
}

constexpr int kMaxTypes = 100;
constexpr size_t kMaxNameLength = 100;  // Of a type, and of a trace id.

bool IsTypeName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameLength &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '.';
         });
}

// A filter's texts become parameters of SQL, which takes no NUL.
void Check(const v1::EventFilter& filter, status::FieldViolations& wrong) {
  if (filter.user_id() < 0) wrong.Add("filter.user_id", "must be 0 or above");
  if (filter.types_size() > kMaxTypes) {
    wrong.Add("filter.types", absl::StrCat("must be at most ", kMaxTypes));
    return;
  }
  for (int i = 0; i < filter.types_size(); ++i) {
    if (!IsTypeName(filter.types(i))) {
      wrong.Add(absl::StrCat("filter.types[", i, "]"),
                "must be 1 to 100 characters of a to z, 0 to 9, '_' and '.'");
    }
  }
  const std::string& trace = filter.trace_id();
  if (trace.size() > kMaxNameLength ||
      !std::all_of(trace.begin(), trace.end(), absl::ascii_isprint)) {
    wrong.Add("filter.trace_id", "must be at most 100 printable ASCII characters");
  }
}

absl::Status Validate(const v1::ReplayEventsRequest& request) {
  status::FieldViolations wrong;
  Check(request.filter(), wrong);
  if (!request.has_start_time()) wrong.Add("start_time", "is required");
  if (request.has_start_time() && request.has_end_time() &&
      timestamps::FromProto(request.end_time()) < timestamps::FromProto(request.start_time())) {
    wrong.Add("end_time", "must not be before start_time");
  }
  return wrong.ToStatus();
}

}  // namespace

v1::WatchEventsResponse ToProto(const Watched& watched) {
  v1::WatchEventsResponse response;
  mesh::v1::EventEnvelope& event = *response.mutable_event();
  event.set_id(watched.event.id.ToString());
  event.set_type(watched.event.type);
  *event.mutable_occurred_at() = timestamps::ToProto(watched.event.occurred_at);
  event.set_partition_key(watched.event.partition_key);
  event.set_traceparent(watched.event.traceparent);
  event.set_trace_id(watched.event.trace_id);
  event.set_producer(watched.event.producer);
  event.set_payload(watched.event.payload);
  event.set_subject(watched.event.subject);
  response.set_payload_json(
      events::PayloadToJson(watched.event.type, watched.event.payload).value_or(""));
  response.set_stream(watched.stream);
  response.set_entry_id(watched.id.ToString());
  return response;
}

OutboxRelayService::OutboxRelayService(std::shared_ptr<relay::Relay> relay, redis::Client& redis,
                                       int partitions)
    : relay_(std::move(relay)), redis_(redis), partitions_(partitions) {}

absl::StatusOr<v1::GetStatusResponse> OutboxRelayService::GetStatus(const Call& call,
                                                                    const v1::GetStatusRequest&) {
  const relay::RelayStatus now = relay_->status();
  v1::GetStatusResponse response;
  v1::RelayStatus& status = *response.mutable_status();
  status.set_mode(ToProto(now.mode));
  status.set_pending_events(now.pending_events);
  status.set_published_total(now.published_total);
  status.set_failed_total(now.failed_total);
  status.set_republished_total(now.republished_total);
  ToProto(now.lag, *status.mutable_lag());
  if (now.last_published_at.has_value()) {
    *status.mutable_last_published_at() = timestamps::ToProto(*now.last_published_at);
  }
  status.set_partitions(partitions_);
  status.set_retained_wal_bytes(now.retained_wal_bytes);
  status.set_last_error(now.last_error);

  // Without Redis the relay's own state is all the more worth knowing.
  const auto positions = relay::GroupPositions(call, redis_, partitions_);
  if (!positions.ok()) {
    if (status.last_error().empty()) status.set_last_error(positions.status().ToString());
    return response;
  }
  for (const relay::GroupPosition& position : *positions) {
    v1::GroupLag& lag = *response.add_group_lags();
    lag.set_consumer_group(position.group);
    lag.set_stream(events::StreamName(position.partition, partitions_));
    lag.set_entries(position.lag.value_or(0));
  }
  return response;
}

absl::StatusOr<v1::ReplayEventsResponse> OutboxRelayService::ReplayEvents(
    const Call& call, const v1::ReplayEventsRequest& request) {
  RETURN_IF_ERROR(Validate(request));
  relay::ReplayFilter filter{.start = timestamps::FromProto(request.start_time()),
                             .user_id = request.filter().user_id(),
                             .types = Types(request.filter()),
                             .trace_id = request.filter().trace_id()};
  if (request.has_end_time()) filter.end = timestamps::FromProto(request.end_time());
  const absl::StatusOr<int64_t> replayed = request.dry_run()
                                               ? relay_->CountReplay(call, filter)
                                               : relay_->Replay(call, std::move(filter));
  if (!replayed.ok()) {
    if (status::Reason(replayed.status()) == "RELAY_STANDBY") return replayed.status();
    if (absl::IsDeadlineExceeded(replayed.status()) || absl::IsCancelled(replayed.status())) {
      return replayed.status();
    }
    observe::Warning("replay of events failed", {{"status", replayed.status()}});
    return status::Error(mesh::v1::ERROR_CODE_EVENT_PUBLISH_FAILED,
                         "not all events were published again; call again");
  }
  v1::ReplayEventsResponse response;
  response.set_replayed(*replayed);
  return response;
}

absl::Status OutboxRelayService::WatchEvents(const Call& call,
                                             const v1::WatchEventsRequest& request,
                                             rpc::Writer<v1::WatchEventsResponse>& writer) {
  status::FieldViolations wrong;
  Check(request.filter(), wrong);
  RETURN_IF_ERROR(wrong.ToStatus());
  WatchFilter filter{.user_id = request.filter().user_id(),
                     .types = Types(request.filter()),
                     .trace_id = request.filter().trace_id()};
  if (request.has_start_time()) filter.start = timestamps::FromProto(request.start_time());
  const absl::Status ended = Watch(call, redis_, partitions_, filter, [&](const Watched& watched) {
    return writer.Write(ToProto(watched));
  });
  // It lasted as long as the caller wanted.
  return absl::IsDeadlineExceeded(ended) ? absl::OkStatus() : ended;
}

}  // namespace selfology::outbox_relay
