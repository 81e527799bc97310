// JSON read without failing: what is missing or mistyped counts as empty.
//
//   const Json object = ParseLeniently(body);                  // null when it is no JSON
//   int64_t id = PositiveIn(ObjectIn(object, "from"), "id");
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace selfology::telegram_gateway {

using Json = nlohmann::json;

// Bytes that are no UTF-8 and halves of surrogate pairs are replaced by U+FFFD rather than refused.
Json ParseLeniently(std::string_view text);

std::string Dump(const Json& json);

// The field of an object that is there and not null; else null.
const Json* Find(const Json& object, const char* name);

// Each gives null, 0, "" or false when there is no such field of that type. Texts have U+FFFD for
// U+0000, which no database keeps.
const Json& ObjectIn(const Json& object, const char* name);
int64_t IntegerIn(const Json& object, const char* name);
int64_t PositiveIn(const Json& object, const char* name);
std::string TextIn(const Json& object, const char* name);
bool FlagIn(const Json& object, const char* name);

}  // namespace selfology::telegram_gateway
