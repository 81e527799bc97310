// Fields of JSON that another company's server sent: missing or of another type than documented,
// they are absent.
//
//   const std::string* text = StringAt(body, "/choices/0/message/content");
//
// `pointer` is an RFC 6901 pointer, written in the program. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "nlohmann/json.hpp"

namespace selfology::ai {

// Null when the text is not JSON.
nlohmann::json ParseJson(std::string_view text);

const nlohmann::json* ValueAt(const nlohmann::json& json, const char* pointer);
const std::string* StringAt(const nlohmann::json& json, const char* pointer);
// A count: 0 when absent, negative or beyond what an int holds.
int CountAt(const nlohmann::json& json, const char* pointer);
// Sets `count` if there is one.
void TakeCount(const nlohmann::json& json, const char* pointer, int& count);

// As a body to send. Bytes that are not UTF-8 are replaced.
std::string Dump(const nlohmann::json& json);

}  // namespace selfology::ai
