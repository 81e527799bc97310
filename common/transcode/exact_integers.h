// Whether all integers of a message can be JSON numbers: from -2^53 to 2^53.
// INVALID_ARGUMENT that names the first field that cannot. Pure.
#pragma once

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace selfology::transcode {

absl::Status CheckExactIntegers(const google::protobuf::Message& message);

}  // namespace selfology::transcode
