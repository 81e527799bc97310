// PostgreSQL's pg_snapshot: which transactions a statement saw.
//
//   ASSIGN_OR_RETURN(Snapshot seen, Snapshot::Parse("10:20:10,14"));
//   seen.Sees(9) && !seen.Sees(14) && seen.Sees(15) && !seen.Sees(20)
//
// Only whether a transaction had ended, not whether it was committed: rows of those that were
// rolled back are never read anyway. Threads: a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace selfology::relay {

class Snapshot {
 public:
  Snapshot() = default;  // Sees nothing: "1:1:".
  // "xmin:xmax:running,running,...", as pg_snapshot is written.
  static absl::StatusOr<Snapshot> Parse(std::string_view text);
  std::string ToString() const;

  // Whether the transaction had ended. Full 64-bit ids.
  bool Sees(uint64_t xid) const;

  uint64_t xmin() const { return xmin_; }  // All before it had ended.
  uint64_t xmax() const { return xmax_; }  // None from it on had.
  const std::vector<uint64_t>& running() const { return running_; }

  friend bool operator==(const Snapshot&, const Snapshot&) = default;

 private:
  uint64_t xmin_ = 1;
  uint64_t xmax_ = 1;
  std::vector<uint64_t> running_;  // Ascending.
};

}  // namespace selfology::relay
