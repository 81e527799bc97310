// A row of the log as devices see it.
//
//   {"position": 1764489600001, "type": "question.selected", "data": {...},
//    "occurred_at": "2025-11-30T08:00:00.123456Z"}
//
// Threads: pure functions.
#pragma once

#include <nlohmann/json.hpp>

#include "selfology/realtime/v1/realtime.pb.h"
#include "services/edge/realtime/realtime_store.h"

namespace selfology::realtime {

nlohmann::json EventJson(const store::LogRow& row);
v1::RealtimeEvent EventProto(const store::LogRow& row);

}  // namespace selfology::realtime
