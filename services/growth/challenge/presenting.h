// Challenges and parts as callers see them. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/postgres/transaction.h"
#include "services/growth/challenge/challenge_store.h"

namespace selfology::challenge {

absl::StatusOr<v1::Challenge> Present(postgres::Transaction& tx, const store::Row& row,
                                      int64_t viewer);
absl::StatusOr<v1::Participation> Present(postgres::Transaction& tx, const store::Row& row,
                                          const store::Part& part);
v1::Decision ToProto(const store::DecisionRow& row);

}  // namespace selfology::challenge
