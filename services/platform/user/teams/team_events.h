// What is told of teams, in the transaction that changes them; and what becomes of the teams of a person
// who is erased.
//
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/postgres/transaction.h"
#include "services/platform/user/teams/team_rules.h"

namespace selfology::user {

absl::Status TellCreated(postgres::Transaction& tx, int64_t team_id, int64_t owner);
absl::Status TellDeleted(postgres::Transaction& tx, int64_t team_id);
// Who joined, who left, and whose role is another.
absl::Status TellChanges(postgres::Transaction& tx, int64_t team_id, const Members& before,
                         const Members& after);

// Takes a person out of all teams and invitations; the number of rows. A team that was theirs goes to
// its next member (team_rules.h), or ends.
absl::StatusOr<int64_t> EraseFromTeams(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::user
