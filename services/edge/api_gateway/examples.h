// Examples of contracts as the OpenAPI document shows them: requests may be written in several spellings, a
// schema has one.
//
//   AsDocumented(*SendRequest::descriptor(), style, {{"user_id", 7}, {"kind", "push"}})
//       // {"user_id": "7", "kind": "KIND_PUSH"}
//
// Threads: pure functions.
#pragma once

#include "common/transcode/json_writer.h"
#include "google/protobuf/descriptor.h"
#include "nlohmann/json.hpp"

namespace selfology::api_gateway {

// 64-bit integers and enum values as the style writes them; all else, also what fits no field, as it is.
nlohmann::ordered_json AsDocumented(const google::protobuf::Descriptor& type,
                                    const transcode::JsonStyle& style,
                                    nlohmann::ordered_json example);

}  // namespace selfology::api_gateway
