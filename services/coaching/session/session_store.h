// All SQL of the session service; see migrations/. Functions that return nothing are queued: they
// cost no round trip of their own. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "selfology/session/v1/session.pb.h"
#include "services/coaching/session/answering.h"
#include "services/coaching/session/help_first.h"
#include "services/coaching/session/onboarding.h"

namespace selfology::session::store {

inline constexpr std::string_view kRequests = "session_requests";

// Every change to a person's rows begins with this, so that changes to one person follow one
// another, and their events are published in that order. Held until the transaction ends.
inline constexpr postgres::AdvisoryLock LockUser("session.user");

absl::StatusOr<Standing> ReadStanding(postgres::Transaction& tx, int64_t user_id);
void SavePerson(postgres::Transaction& tx, const Person& person);

// Gives the session its id.
absl::Status InsertSession(postgres::Transaction& tx, Session& session);
void SaveSession(postgres::Transaction& tx, const Session& session);
absl::StatusOr<std::optional<Session>> ReadSession(postgres::Transaction& tx, int64_t user_id,
                                                   int64_t session_id);
// Newest first, those before `before_id`. Unspecified status: all.
absl::StatusOr<std::vector<Session>> ListSessions(postgres::Transaction& tx, int64_t user_id,
                                                  v1::SessionStatus status, int64_t before_id,
                                                  int limit);

// People with an active session whose time was over by `now`, the longest idle first.
absl::StatusOr<std::vector<int64_t>> UsersDue(postgres::Transaction& tx, absl::Time now, int limit);

// Keeps the first of two notes of the same question.
void SaveQuestion(postgres::Transaction& tx, int64_t session_id, const AskedQuestion& question);

// What it takes to judge an answer.
struct Answering {
  Standing standing;
  std::optional<AskedQuestion> asked;  // Of the latest session; empty id: the one that waits.
  int64_t answer_id = 0;               // Free to use; an answer that is refused leaves a gap.
  safety::Danger open_danger = safety::Danger::kNone;  // In the latest session.
};
// Pipelined with the next query; the function returned gives the result.
std::function<absl::StatusOr<Answering>()> AskAnswering(postgres::Transaction& tx, int64_t user_id,
                                                        std::string_view question_id);
void InsertAnswer(postgres::Transaction& tx, const Answer& answer);
// `open`: the danger from now on.
void InsertWithheld(postgres::Transaction& tx, const Answer& answer, safety::Danger open);
// No danger is open any more.
void CloseDanger(postgres::Transaction& tx, int64_t user_id, int64_t session_id);
absl::StatusOr<std::optional<Answer>> ReadAnswer(postgres::Transaction& tx, int64_t user_id,
                                                 int64_t answer_id);
// Oldest first, those after `after_id`. session_id 0: of all sessions.
absl::StatusOr<std::vector<Answer>> ListAnswers(postgres::Transaction& tx, int64_t user_id,
                                                int64_t session_id, int64_t after_id, int limit);

// The number of rows erased.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::session::store
