// Changing the bank: what UpdateQuestion makes of a question. Pure.
//
//   ASSIGN_OR_RETURN(const v1::Question updated, Updated(stored, request, now));
//   if (stored == nullptr || updated.version() != stored->version()) {
//     store::SaveQuestion(tx, updated);
//   }
//
// A change that changes nothing gives the stored question as it is, whatever `version` the caller
// has read: so a call may be repeated.
//
// Errors: INVALID_ARGUMENT naming fields, QUESTION_NOT_FOUND, VERSION_CONFLICT.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "selfology/question/v1/question_service.pb.h"

namespace selfology::question {

// `stored`: nullptr if there is none. The result has no question_text and no language: they follow
// from translations.
absl::StatusOr<v1::Question> Updated(const v1::Question* stored,
                                     const v1::UpdateQuestionRequest& request, absl::Time now);

// What every question of the bank must be, however it came there.
void CheckQuestion(const v1::Question& question, status::FieldViolations& bad);

}  // namespace selfology::question
