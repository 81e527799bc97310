// JSON values read without exceptions: a missing or mistyped field gives the fallback.
//
//   ASSIGN_OR_RETURN(Json body, ParseJson(request.body));
//   std::string text = StringOr(body, "text");
//   int64_t id = IntOr(body, "message_id");
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace selfology::telegram_emulator {

using Json = nlohmann::json;

// INVALID_ARGUMENT when it is not JSON.
absl::StatusOr<Json> ParseJson(std::string_view text);

// On one line. What is not UTF-8 is replaced.
std::string Dump(const Json& json);

// The field of an object, or null when there is none (or it is no object).
const Json* Field(const Json& object, const char* name);

std::string StringOr(const Json& object, const char* name, std::string_view fallback = "");
// Takes numbers written as strings too.
int64_t IntOr(const Json& object, const char* name, int64_t fallback = 0);
bool BoolOr(const Json& object, const char* name, bool fallback = false);

}  // namespace selfology::telegram_emulator
