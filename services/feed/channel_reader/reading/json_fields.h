// JSON of others, read without failing: what is missing or of another type counts as empty.
//
//   const Json object = ReadJson(body);                  // null when it is no JSON
//   TextAt(ObjectAt(object, "author"), "displayName")
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace selfology::channel_reader {

using Json = nlohmann::json;

Json ReadJson(std::string_view text);
const Json& ObjectAt(const Json& object, const char* name);  // Null: it has none.
const Json& ListAt(const Json& object, const char* name);    // Likewise; an empty list.
std::string TextAt(const Json& object, const char* name);    // Without NUL.
int64_t CountAt(const Json& object, const char* name);       // 0 for what is below 0.
double NumberAt(const Json& object, const char* name);

}  // namespace selfology::channel_reader
