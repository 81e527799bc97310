// How parts in challenges are decided: success, failure, withdrawal; and what follows for ratings,
// prizes and others who take part. Whoever calls holds the challenge's lock (challenge_store.h).
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "services/growth/challenge/challenge_store.h"

namespace selfology::challenge {

// The person has succeeded. `may_win`: the prize is theirs if nobody has it.
absl::Status Succeed(postgres::Transaction& tx, const store::Row& challenge, store::Part part,
                     bool may_win, absl::Time now);
absl::Status Fail(postgres::Transaction& tx, const store::Row& challenge, store::Part part,
                  bool time_was_up, absl::Time now);
// Nobody can do it any more: its state becomes this, who takes part leaves, the prize goes back.
absl::Status Close(postgres::Transaction& tx, const store::Row& challenge, v1::ChallengeState state,
                   absl::Time now);
// Its time is up.
absl::Status End(postgres::Transaction& tx, const store::Row& challenge, absl::Time now);

// Writes it into the audit: here, and for the security service's chain.
absl::StatusOr<store::DecisionRow> Note(postgres::Transaction& tx, const store::Row& challenge,
                                        int64_t actor_id, int64_t person_id, const char* action,
                                        const std::string& reason, absl::Time now);

}  // namespace selfology::challenge
