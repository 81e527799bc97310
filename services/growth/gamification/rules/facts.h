// What rules may see of an event: its fields that are not personal, as text.
//
//   Fields fields = FieldsOf(event);   // {"task_id": "7", "priority": "high", "item.kind": "x"}
//
// Numbers and truth values as text, enums as their words in lower case, times as seconds since 1970;
// of messages within it the same, with the path; lists only as their length ("labels.count"). At most
// 64 fields, texts cut at 128 characters. user_id is left out. Threads: pure functions.
#pragma once

#include <string_view>

#include "google/protobuf/message.h"
#include "services/growth/gamification/rules/evaluation.h"

namespace selfology::gamification {

Fields FieldsOf(const google::protobuf::Message& event);

// Whether it is an event that rules may count: about a person, seen by analytics, and none that the
// ledger makes of its own transfers.
bool MayCount(std::string_view event_type);

}  // namespace selfology::gamification
