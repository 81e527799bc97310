// The parts of the growth rows that have files of their own.
#pragma once

#include "absl/status/status.h"
#include "tests/bench/rows.h"

namespace selfology::bench {

// growth.ledger: beside a plain ledger in the same PostgreSQL; growth.board: ranks among a million.
absl::Status LedgerRows(const Scale& scale, const Wanted& wanted, Report& report);
absl::Status BoardRows(const Wanted& wanted, Report& report);

// growth.graph: dependencies of tasks.
absl::Status GraphRows(const Wanted& wanted, Report& report);

}  // namespace selfology::bench
