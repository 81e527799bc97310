#include "services/edge/realtime/catch_up.h"

#include <algorithm>
#include <cstddef>

namespace selfology::realtime {

Told Advance(Place& place, int64_t head, absl::Span<const int64_t> rows, bool complete) {
  Told told;
  if (!place.after.has_value()) place.after = head;
  int64_t& after = *place.after;
  if (!place.is_ready) {
    told.ready = after;
    place.is_ready = true;
  }
  const int64_t end = rows.empty() ? head : std::max(head, rows.back());
  if (after > end) {
    told.items.emplace_back(Gap{0, head});
    after = head;
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] <= after) continue;
    if (after > 0 && rows[i] > after + 1) told.items.emplace_back(Gap{after + 1, rows[i] - 1});
    told.items.emplace_back(i);
    after = rows[i];
  }
  if (complete && after < head) {
    if (after > 0) told.items.emplace_back(Gap{after + 1, head});
    after = head;
  }
  return told;
}

}  // namespace selfology::realtime
