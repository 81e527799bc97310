// What of an event is counted: its dimensions and numbers, nothing personal.
//
//   const Facts facts = FactsOf(session_completed);
//   // dimensions {"status": "completed"}, numbers {"answers": 12}
//
// Of a message's own fields without the personal ones: enums by their words, truth values and short
// texts are dimensions; numbers and durations (in seconds) are numbers. Ids, keys, references and
// hashes would make as many values as there are events, so only content_id, which posts are counted
// by, is one.
//
// Threads: pure functions.
#pragma once

#include <map>
#include <string>

#include "common/status/status.h"
#include "google/protobuf/message.h"
#include "google/protobuf/struct.pb.h"

namespace selfology::analytics {

struct Facts {
  std::map<std::string, std::string> dimensions;
  std::map<std::string, double> numbers;
};

inline constexpr int kMaxTextLength = 64;
inline constexpr int kMaxProperties = 20;

Facts FactsOf(const google::protobuf::Message& event);

// Of a tracked event's properties; what cannot be one is named in `bad`.
Facts FactsOf(const google::protobuf::Struct& properties, status::FieldViolations& bad);

// 1 to 64 characters of a-z, 0-9, "_", "-" and ".".
bool IsWord(std::string_view text);

// As JSON, for the database.
std::string DimensionsJson(const Facts& facts);
std::string NumbersJson(const Facts& facts);

}  // namespace selfology::analytics
