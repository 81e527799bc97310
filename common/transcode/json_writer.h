// Messages as the JSON of REST: protobuf's mapping, with snake_case names, all plain fields, and what
// a service's json_style asks for.
//
//   std::string body;
//   RETURN_IF_ERROR(AppendJson(response, StyleOf(*method.service()), body));
//
// Plain fields (numbers, texts, booleans, enums, lists and maps) are there with their default values,
// too, so that who reads need not know them; messages, optional fields and members of a oneof only
// when they are set. Map entries come in the order of their keys. Protobuf's own printer cannot write
// integers as numbers nor enums as words, so this one goes by the descriptors; google.protobuf's
// messages (Timestamp, Struct, Any, ...) are its business.
// Errors: INTERNAL for an integer beyond 2^53 where integers are to be numbers, naming the field;
// for an Any of a type that is not linked in.
// Threads: pure functions.
// Source: https://protobuf.dev/programming-guides/json/
#pragma once

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace selfology::transcode {

// As (selfology.mesh.v1.json_style).
struct JsonStyle {
  bool integers_as_numbers = false;
  bool short_enums = false;
};

JsonStyle StyleOf(const google::protobuf::ServiceDescriptor& service);

// Every whole number up to here is a double of its own.
inline constexpr int64_t kMaxExactInteger = int64_t{1} << 53;

absl::Status AppendJson(const google::protobuf::Message& message, const JsonStyle& style,
                        std::string& out);

// One field of the message, which need not be set.
absl::Status AppendFieldJson(const google::protobuf::Message& message,
                             const google::protobuf::FieldDescriptor& field, const JsonStyle& style,
                             std::string& out);

// "like" for INTERACTION_LIKE; a name that has not its enum's prefix only in lower case.
std::string ShortWord(const google::protobuf::EnumValueDescriptor& value);

// A text with the quotes.
void AppendJsonString(std::string_view text, std::string& out);

}  // namespace selfology::transcode
