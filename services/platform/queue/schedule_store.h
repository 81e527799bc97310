// SQL of schedules; see migrations/. Functions that return nothing are queued. Errors: the
// transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/queue/v1/schedule_service.pb.h"

namespace selfology::queue::store {

// One at a time for each schedule, until the transaction ends.
void LockSchedule(postgres::Transaction& tx, std::string_view schedule_id);
// Keeps all but `last_at`, which stays as it was; gives it.
absl::StatusOr<std::optional<absl::Time>> SaveSchedule(postgres::Transaction& tx,
                                                       const v1::Schedule& schedule);
void DeleteSchedule(postgres::Transaction& tx, std::string_view schedule_id);
// By id, behind `after`.
absl::StatusOr<std::vector<v1::Schedule>> ListSchedules(postgres::Transaction& tx,
                                                        std::string_view after, int64_t limit);
// At most 100 whose next job is due, locked; those that are locked are left out.
absl::StatusOr<std::vector<v1::Schedule>> LockDue(postgres::Transaction& tx, absl::Time now);
void SaveTurn(postgres::Transaction& tx, std::string_view schedule_id, absl::Time last_at,
              absl::Time next_at);
// Takes back the schedule's jobs whose time has not come.
void TakeBack(postgres::Transaction& tx, std::string_view schedule_id);

}  // namespace selfology::queue::store
