// JSON in hand, for those who look at it before it becomes a message.
//
//   ASSIGN_OR_RETURN(nlohmann::json value, json::ParseValue(body));
//   RETURN_IF_ERROR(json::FromValue(nlohmann::json::object({{"profile", value}}), request));
//
// Of json.h, which most include, this is the part that brings the JSON library along.
// Errors: INVALID_ARGUMENT; the messages name what is wrong, never a value.
// Threads: pure functions.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/json/json.h"
#include "google/protobuf/message.h"
#include "nlohmann/json.hpp"

namespace selfology::json {

// At most 100 levels deep.
absl::StatusOr<nlohmann::json> ParseValue(std::string_view text);

absl::Status FromValue(nlohmann::json value, google::protobuf::Message& message,
                       const ParseOptions& options = {});

}  // namespace selfology::json
