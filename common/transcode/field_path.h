// A field of a message, found by name and set from text: what paths, queries and forms hold.
//
//   ASSIGN_OR_RETURN(FieldPath path, FindField(*request.GetDescriptor(), "filter.userId"));
//   RETURN_IF_ERROR(SetFromText(path, "123", request));
//
// Names are taken in both spellings, snake_case and lowerCamelCase, with dots into messages. Texts
// are those of protobuf's JSON mapping without quotes; enums are numbers, names or lower-case words
// without prefix; bytes are base64; messages are those of google.protobuf that JSON writes as one
// string or number (Timestamp, Duration, FieldMask and the wrappers).
// Errors: INVALID_ARGUMENT with a field violation (status::InvalidField) that names the field and
// the rule, never the text.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace selfology::transcode {

using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;

// "filter.user_id"
std::string NameOf(const FieldPath& path);

// NOT a violation for what cannot be in a text, such as a list of messages: SetFromText says so.
absl::StatusOr<FieldPath> FindField(const google::protobuf::Descriptor& type,
                                    std::string_view name);

// Whether a text can be the field's value, or one of its values.
bool TakesText(const google::protobuf::FieldDescriptor& field);
bool IsInteger(const google::protobuf::FieldDescriptor& field);

// Whether it is UTF-8, without NUL.
bool IsUtf8(std::string_view text);

// Sets the field, or adds to it where it is repeated. What another member of its oneof holds is an
// error.
absl::Status SetFromText(const FieldPath& path, std::string_view text,
                         google::protobuf::Message& message);

}  // namespace selfology::transcode
