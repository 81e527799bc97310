// The relay's peers, each as simple as it can be made: no recovery, no order kept after a failure,
// no metrics.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/ground.h"

namespace selfology::bench {

inline constexpr char kBareStreams[] = "bare:";

// A slot of its own, so that it finds the same backlog.
absl::Status MakeBareSlot(Ground& ground);

// Logical decoding to pipelined XADD, 500 at a time with every reply read: our relay's design as a
// bare loop over libpq and hiredis. Calls `progress` now and then with how many are in the streams,
// and returns once those are `events`.
absl::Status BareRelay(Ground& ground, int64_t events,
                       const std::function<void(int64_t done)>& progress);

// The table as the product's documents have it, with so many pending rows.
absl::Status MakeDocumentsOutbox(Ground& ground, int64_t events);

struct DocumentsRelay {
  int batch = 100;
  absl::Duration poll = absl::Seconds(1);
  bool one_by_one = true;  // XADD and UPDATE each; else pipelined and one UPDATE a batch.
};
// Events a second over `most`, or until there are none.
absl::StatusOr<double> RunDocumentsRelay(Ground& ground, const DocumentsRelay& relay,
                                         absl::Duration most);

// UPDATE … RETURNING over the same table, 1,000 rows at a time, locked so that a second relay would
// take others.
enum class Update {
  kUsual,      // WHERE id IN (SELECT ... FOR UPDATE SKIP LOCKED): nothing is published.
  kTuned,      // WHERE id = ANY (ARRAY(SELECT ...)), which PostgreSQL plans better: the same.
  kPublished,  // As kTuned, then XADDs, pipelined.
};
absl::StatusOr<double> RunUpdateReturning(Ground& ground, Update update, absl::Duration most);

}  // namespace selfology::bench
