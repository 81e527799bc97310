// Proves, from the databases, the emulator's chats and what people wrote into their ledgers, that
// the mesh kept its promise: nothing is lost, nothing was done twice, each person's events took
// effect in order, and every message that was promised was sent.
//
//   ASSIGN_OR_RETURN(const Findings findings,
//                    Check(mesh, crowd.ledgers(), {.answers = 3}, folder));
//   for (const Violation& violation : findings.violations) ...
//
// To be asked when everything has settled: what is still under way counts as lost. Errors: those of
// reading. Threads: may be called from any.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/chaos/crowd.h"
#include "tests/chaos/facts.h"
#include "tests/chaos/findings.h"
#include "tests/chaos/journey_check.h"
#include "tests/journey/mesh.h"

namespace selfology::chaos {

// All of it in words, for whoever looks for the cause of a violation.
std::string Describe(const Ledger& ledger, const Facts& facts);

// One person's part.
void CheckPerson(const Ledger& ledger, const Facts& facts, const Expected& expected,
                 Findings& findings);

// What is known of people with violations goes into files "user-<id>.txt" in the folder. forgotten: updates of Telegram that
// took effect in a database that is gone, and that Telegram does not give again.
absl::StatusOr<Findings> Check(journey::Mesh& mesh, const std::vector<Ledger>& ledgers,
                               const Expected& expected, const std::string& folder,
                               const std::set<int64_t>& forgotten = {});

// The updates of Telegram that took effect.
absl::StatusOr<std::set<int64_t>> HandledUpdates(journey::Mesh& mesh);

}  // namespace selfology::chaos
