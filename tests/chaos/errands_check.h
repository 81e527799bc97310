// Proves that what was promised to those who ran errands came about: each job completed once and in
// its key's order, each notification decided once, in the inbox, counted and sent, each webhook taken
// in order, and each event of the outbox that webhooks may see with the installation's endpoint.
//
//   ASSIGN_OR_RETURN(const bool settled, SettleErrands(mesh, errands, absl::Minutes(4)));
//   RETURN_IF_ERROR(CheckErrands(mesh, errands.Stop(), findings));
//
// What is under way counts as lost.
// Errors: those of reading. Threads: any.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/chaos/errands.h"
#include "tests/chaos/findings.h"
#include "tests/journey/mesh.h"

namespace selfology::chaos {

// Until all jobs are done and all deliveries at their end; false if nothing has moved for `patience`.
absl::StatusOr<bool> SettleErrands(journey::Mesh& mesh, const Errands& errands,
                                   absl::Duration patience);

absl::Status CheckErrands(journey::Mesh& mesh, const ErrandsLedger& ledger, Findings& findings);

}  // namespace selfology::chaos
