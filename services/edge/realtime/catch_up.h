// What a device is told of its person's log, given where it is and what the log has.
//
//   Place place{.after = offset};                        // none: from now on
//   Told told = Advance(place, head, rows, true);
//   // told.ready, then told.items in their order; place is where it is afterwards
//
// Positions of a log have no holes but where rows were dropped, and a hole is told as a gap. A device
// that is beyond the log's end remembers one that was erased: all up to the end is a gap to it.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "absl/types/span.h"

namespace selfology::realtime {

struct Gap {
  int64_t from = 0;
  int64_t to = 0;
  friend bool operator==(const Gap&, const Gap&) = default;
};

struct Place {
  std::optional<int64_t> after = std::nullopt;  // Nothing: wherever the log ends now. 0: its begin.
  bool is_ready = false;                        // It was told where it begins.
};

struct Told {
  std::optional<int64_t> ready = std::nullopt;        // The place where it begins.
  std::vector<std::variant<Gap, size_t>> items = {};  // Gaps, and indexes of rows.
};

// head: the log's last position, read before the rows; 0: there is no log. rows: positions in order,
// perhaps some at or before the place. complete: there were no more rows than these.
Told Advance(Place& place, int64_t head, absl::Span<const int64_t> rows, bool complete);

}  // namespace selfology::realtime
