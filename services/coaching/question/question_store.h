// All SQL of the question service; see migrations/. Functions that return nothing are queued: they
// cost no round trip of their own. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "services/coaching/question/bank.h"
#include "services/coaching/question/history.h"

namespace selfology::question::store {

absl::StatusOr<Bank> ReadBank(postgres::Transaction& tx);
// Adds what is missing and replaces what has a lower version; how many were.
absl::StatusOr<int64_t> LoadBank(postgres::Transaction& tx, const Bank& shipped, absl::Time now);
// Locks it until the transaction ends.
absl::StatusOr<std::optional<v1::Question>> LockQuestion(postgres::Transaction& tx,
                                                         std::string_view question_id);
// VERSION_CONFLICT if it is new, and another transaction has just added it.
absl::Status SaveQuestion(postgres::Transaction& tx, const v1::Question& question);

void InsertSession(postgres::Transaction& tx, const SessionState& session);
void SaveSession(postgres::Transaction& tx, const SessionState& session);
// Every change to what a session asks begins with one of these two, so that changes follow one
// another.
absl::StatusOr<std::optional<SessionState>> LockSession(postgres::Transaction& tx, int64_t user_id,
                                                        int64_t session_id);
struct Standing {
  SessionState session;
  Person person;
};
absl::StatusOr<std::optional<Standing>> LockStanding(postgres::Transaction& tx, int64_t user_id,
                                                     int64_t session_id);
absl::StatusOr<std::optional<Standing>> ReadStanding(postgres::Transaction& tx, int64_t user_id,
                                                     int64_t session_id);
absl::StatusOr<Person> ReadPerson(postgres::Transaction& tx, int64_t user_id);
void InsertSelected(postgres::Transaction& tx, int64_t user_id, const Selected& selected);
void SaveReplaced(postgres::Transaction& tx, int64_t user_id, std::string_view question_id,
                  std::string_view replaced_by);
void SaveAnswered(postgres::Transaction& tx, int64_t user_id, std::string_view question_id,
                  int answer_length);

// Replaces all. Of people without a session nothing is kept: their data may have been erased.
void SaveInterests(postgres::Transaction& tx, int64_t user_id, const Interests& interests);

// The number of rows erased.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::question::store
