// What spans say of an event: when it is published (a producer's span, from Publish to the commit),
// and when a group handles it (a consumer's).
#pragma once

#include <string_view>

#include "common/observe/span.h"

namespace selfology::events {

// operation: "send" or "process".
void DescribeEvent(std::string_view operation, std::string_view type, observe::FinishedSpan& span);

}  // namespace selfology::events
