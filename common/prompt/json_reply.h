// The JSON object in a model's reply, which may stand in a code fence or between sentences.
//
//   std::optional<nlohmann::json> object =
//       prompt::FindJsonObject("Sure!\n```json\n{\"sentiment\": \"mixed\"}\n```");
//
// The first object that parses and is complete is taken; what is cut off in the middle is refused,
// so that an inner object never passes for the whole, and what is nested a hundred deep is passed
// over. Costs time in proportion to the reply, which may be any bytes. Threads: pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "nlohmann/json.hpp"

namespace selfology::prompt {

std::optional<nlohmann::json> FindJsonObject(std::string_view reply);

}  // namespace selfology::prompt
