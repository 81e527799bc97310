#include "common/events/event_span.h"

#include "absl/strings/str_cat.h"

namespace selfology::events {

void DescribeEvent(std::string_view operation, std::string_view type, observe::FinishedSpan& span) {
  span.name = absl::StrCat(operation, " ", type);
  span.Add("messaging.system", "redis_streams");
  span.Add("messaging.operation.type", operation);
  span.Add("messaging.destination.name", type);
}

}  // namespace selfology::events
