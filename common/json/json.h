// Protobuf messages as JSON: the standard mapping, which also takes the product's bare enum words.
//
//   session::v1::Session session;
//   RETURN_IF_ERROR(json::Parse(R"({"user_id": 123456, "status": "active"})", session));
//   ASSIGN_OR_RETURN(std::string text, json::Print(session));
//
// The product's documents write "active", "IDENTITY" and "positive" where the contracts, by the
// rules of the field, have SESSION_STATUS_ACTIVE: a string that is no value of its enum is tried
// again in upper case behind the enum's prefix. Field names are accepted in snake_case and
// lowerCamelCase and printed in snake_case; 64-bit integers are printed as strings, as the standard
// mapping asks.
// Errors: Parse gives INVALID_ARGUMENT; its message names what is wrong, never a value.
// Threads: pure functions.
// Source: https://protobuf.dev/programming-guides/json/
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace selfology::json {

struct ParseOptions {
  bool ignore_unknown_fields = false;
};

absl::Status Parse(std::string_view text, google::protobuf::Message& message,
                   const ParseOptions& options = {});

struct PrintOptions {
  bool indent = false;
  bool defaults = false;  // Also fields that have their default value.
};

absl::StatusOr<std::string> Print(const google::protobuf::Message& message,
                                  const PrintOptions& options = {});

// What a name in JSON stands for: a field in either spelling, a value by its name or its bare word in
// any case. Null, none: nothing.
const google::protobuf::FieldDescriptor* FindField(const google::protobuf::Descriptor& type,
                                                   std::string_view name);
std::optional<int> EnumNumber(const google::protobuf::EnumDescriptor& type, std::string_view word);

}  // namespace selfology::json
