// All SQL of the growth dialog; see migrations/. Functions that return nothing are queued: they cost
// no round trip of their own. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "services/growth/growth_dialog/notice_rules.h"

namespace selfology::growth_dialog::store {

// Answers to updates (common/idempotency/once.h).
inline constexpr std::string_view kRequests = "growth_requests";
inline constexpr postgres::AdvisoryLock LockPerson("growth_dialog.person");

// BCP 47, what they were answered in last; empty: never.
absl::StatusOr<std::string> ReadLanguage(postgres::Transaction& tx, int64_t user_id);
void SaveLanguage(postgres::Transaction& tx, int64_t user_id, std::string_view language);

// The last step of a plan of the coach's that they took or declined; zeros: of none.
struct PlanStep {
  int64_t plan_id = 0;
  int64_t step = 0;
};
absl::StatusOr<PlanStep> ReadAnsweredStep(postgres::Transaction& tx, int64_t user_id);
// Never back to an earlier one.
void SaveAnsweredStep(postgres::Transaction& tx, int64_t user_id, const PlanStep& step);

// Once for each event. Only for people who were ever answered, who have the bot.
void AddNotice(postgres::Transaction& tx, std::string_view event_id, int64_t user_id,
               const Notice& notice);
struct Waiting {
  int64_t user_id = 0;
  absl::Time first_created;
};
// Who has something to be told that is older than `before`, and need not wait at `now`; up to 200.
absl::StatusOr<std::vector<Waiting>> ListWaiting(postgres::Transaction& tx, absl::Time before,
                                                 absl::Time now);
void SetWait(postgres::Transaction& tx, int64_t user_id, absl::Time until);
// Takes all of a person's: they are gone with the transaction.
absl::StatusOr<std::vector<Notice>> TakeNotices(postgres::Transaction& tx, int64_t user_id);

absl::StatusOr<std::vector<absl::Time>> ReadTold(postgres::Transaction& tx, int64_t user_id,
                                                 absl::Time since);
void AddTold(postgres::Transaction& tx, int64_t user_id, absl::Time at);
// The rows removed.
absl::StatusOr<int64_t> ForgetOld(postgres::Transaction& tx, absl::Time before);

absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::growth_dialog::store
