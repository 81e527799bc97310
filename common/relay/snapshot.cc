#include "common/relay/snapshot.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace selfology::relay {

absl::StatusOr<Snapshot> Snapshot::Parse(std::string_view text) {
  const absl::Status malformed =
      absl::InvalidArgumentError(absl::StrCat("not a pg_snapshot: \"", text, "\""));
  const std::vector<std::string_view> parts = absl::StrSplit(text, ':');
  Snapshot snapshot;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &snapshot.xmin_) ||
      !absl::SimpleAtoi(parts[1], &snapshot.xmax_)) {
    return malformed;
  }
  for (const std::string_view part : absl::StrSplit(parts[2], ',', absl::SkipEmpty())) {
    uint64_t xid = 0;
    if (!absl::SimpleAtoi(part, &xid)) return malformed;
    snapshot.running_.push_back(xid);
  }
  if (!std::is_sorted(snapshot.running_.begin(), snapshot.running_.end())) return malformed;
  return snapshot;
}

std::string Snapshot::ToString() const {
  return absl::StrCat(xmin_, ":", xmax_, ":", absl::StrJoin(running_, ","));
}

bool Snapshot::Sees(uint64_t xid) const {
  if (xid >= xmax_) return false;
  if (xid < xmin_) return true;
  return !std::binary_search(running_.begin(), running_.end(), xid);
}

}  // namespace selfology::relay
