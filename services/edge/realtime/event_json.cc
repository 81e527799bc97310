#include "services/edge/realtime/event_json.h"

#include "absl/time/time.h"
#include "common/json/json.h"
#include "common/observe/log.h"
#include "common/timestamps/timestamp.h"

namespace selfology::realtime {

nlohmann::json EventJson(const store::LogRow& row) {
  return {{"position", row.position},
          {"type", row.type},
          // PostgreSQL gives JSON, so this is never discarded.
          {"data", nlohmann::json::parse(row.payload, nullptr, false)},
          {"occurred_at",
           absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", row.occurred_at, absl::UTCTimeZone())}};
}

v1::RealtimeEvent EventProto(const store::LogRow& row) {
  v1::RealtimeEvent event;
  event.set_position(row.position);
  event.set_type(row.type);
  if (const absl::Status read = json::Parse(row.payload, *event.mutable_data()); !read.ok()) {
    observe::Error("stored event is no JSON object", {{"type", row.type}, {"status", read}});
  }
  *event.mutable_occurred_at() = timestamps::ToProto(row.occurred_at);
  return event;
}

}  // namespace selfology::realtime
