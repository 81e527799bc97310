// Choosing questions within a transaction: what the endpoints and the event handlers share.
//
//   ASSIGN_OR_RETURN(const auto standing, store::LockStanding(tx, user_id, session_id));
//   ASSIGN_OR_RETURN(const auto next, SelectNext(tx, bank, standing->person, standing->session,
//                                                answers_given, now, Effect::kRecord));
//   if (!next.has_value()) ...   // nothing left that fits
//
// The session must be locked (store::LockStanding) unless it is a preview. A question that is
// chosen anew is recorded and published (question.selected) in the transaction; for a place in the
// session that has its question already, that one comes back and nothing is published.
//
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "services/coaching/question/bank.h"
#include "services/coaching/question/history.h"

namespace selfology::question {

enum class Effect { kRecord, kPreview };

// nullopt: nothing is left that fits.
absl::StatusOr<std::optional<Selected>> SelectNext(postgres::Transaction& tx, const Bank& bank,
                                                   const Person& person,
                                                   const SessionState& session, int answers_given,
                                                   absl::Time now, Effect effect);

// Another question in the place of one that waits for an answer; a heavy one where that is welcome
// and safe.
absl::StatusOr<std::optional<Selected>> SelectInstead(postgres::Transaction& tx, const Bank& bank,
                                                      const Person& person,
                                                      const SessionState& session,
                                                      const Selected& skipped, bool heavy_welcome,
                                                      absl::Time now);

absl::StatusOr<v1::Selection> ToProto(const Selected& selected, const Bank& bank,
                                      std::string_view language);

}  // namespace selfology::question
